-- A(d): who had a session on which day.
CREATE OR REPLACE VIEW weir_active AS
SELECT DISTINCT day, client FROM weir_events WHERE kind = 'session' AND client IS NOT NULL;

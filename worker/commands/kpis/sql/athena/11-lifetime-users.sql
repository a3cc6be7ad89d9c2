-- /kpis/new-users/lifetime-count: clients of all event types.
CREATE OR REPLACE VIEW weir_lifetime_users AS
SELECT count(DISTINCT client) AS count FROM weir_events WHERE day IS NOT NULL;

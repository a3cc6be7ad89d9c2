-- F(c): the day of a client's first purchase.
CREATE OR REPLACE VIEW weir_first_purchases AS
SELECT client, min(day) AS day FROM weir_events
WHERE kind = 'purchase' AND client IS NOT NULL GROUP BY client;

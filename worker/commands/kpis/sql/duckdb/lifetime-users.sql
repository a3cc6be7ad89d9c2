-- /kpis/new-users/lifetime-count: clients of all event types.
SELECT count(DISTINCT client) AS count FROM events WHERE day IS NOT NULL;

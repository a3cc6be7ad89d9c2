-- /kpis/dau/count: clients with a session on the day.
CREATE OR REPLACE VIEW weir_dau AS
SELECT weir_days.day, count(weir_active.client) AS count
FROM weir_days LEFT JOIN weir_active ON weir_active.day = weir_days.day
GROUP BY weir_days.day;

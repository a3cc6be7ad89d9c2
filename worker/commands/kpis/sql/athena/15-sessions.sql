-- /kpis/sessions/count: session starts, each event once.
CREATE OR REPLACE VIEW weir_sessions AS
WITH starts AS (
  SELECT day, count(*) AS count FROM weir_events WHERE kind = 'session' GROUP BY day
)
SELECT weir_days.day, coalesce(starts.count, 0) AS count
FROM weir_days LEFT JOIN starts ON starts.day = weir_days.day;

-- /kpis/sessions/count: session starts, each event once.
WITH starts AS (
  SELECT day, count(*) AS count FROM events WHERE kind = 'session' GROUP BY day
)
SELECT days.day, coalesce(starts.count, 0) AS count
FROM days LEFT JOIN starts ON starts.day = days.day
ORDER BY days.day;

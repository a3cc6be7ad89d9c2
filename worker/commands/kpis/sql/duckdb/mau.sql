-- /kpis/mau/count: clients with a session on the day or the 29 days before.
WITH changes AS (
  SELECT day, count(*) AS change FROM presence GROUP BY day
  UNION ALL
  SELECT gone AS day, -count(*) AS change FROM presence GROUP BY gone
), net AS (
  SELECT day, sum(change) AS change FROM changes GROUP BY day
)
SELECT days.day, CAST(coalesce(sum(net.change) OVER (ORDER BY days.day), 0) AS BIGINT) AS count
FROM days LEFT JOIN net ON net.day = days.day
ORDER BY days.day;

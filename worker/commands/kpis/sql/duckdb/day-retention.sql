-- /kpis/day-k-retention/count: of the clients with a session on the day, those with one exactly k
-- days later. NULL while that day is still to come.
WITH seen AS (
  SELECT day,
    count(*) OVER (PARTITION BY client ORDER BY day RANGE BETWEEN
      INTERVAL '1' DAY FOLLOWING AND INTERVAL '1' DAY FOLLOWING) > 0 AS day_1,
    count(*) OVER (PARTITION BY client ORDER BY day RANGE BETWEEN
      INTERVAL '3' DAY FOLLOWING AND INTERVAL '3' DAY FOLLOWING) > 0 AS day_3,
    count(*) OVER (PARTITION BY client ORDER BY day RANGE BETWEEN
      INTERVAL '5' DAY FOLLOWING AND INTERVAL '5' DAY FOLLOWING) > 0 AS day_5,
    count(*) OVER (PARTITION BY client ORDER BY day RANGE BETWEEN
      INTERVAL '7' DAY FOLLOWING AND INTERVAL '7' DAY FOLLOWING) > 0 AS day_7
  FROM active
), cohorts AS (
  SELECT day, count(*) AS active,
    count(CASE WHEN day_1 THEN 1 END) AS day_1,
    count(CASE WHEN day_3 THEN 1 END) AS day_3,
    count(CASE WHEN day_5 THEN 1 END) AS day_5,
    count(CASE WHEN day_7 THEN 1 END) AS day_7
  FROM seen GROUP BY day
), last_day AS (
  SELECT max(day) AS day FROM days
), counts AS (
  SELECT days.day, coalesce(active, 0) AS active,
    CASE WHEN days.day + INTERVAL '1' DAY <= last_day.day THEN coalesce(day_1, 0) END AS day_1,
    CASE WHEN days.day + INTERVAL '3' DAY <= last_day.day THEN coalesce(day_3, 0) END AS day_3,
    CASE WHEN days.day + INTERVAL '5' DAY <= last_day.day THEN coalesce(day_5, 0) END AS day_5,
    CASE WHEN days.day + INTERVAL '7' DAY <= last_day.day THEN coalesce(day_7, 0) END AS day_7
  FROM days CROSS JOIN last_day LEFT JOIN cohorts ON cohorts.day = days.day
)
SELECT day, active,
  day_1, CAST(day_1 AS DOUBLE) / nullif(active, 0) AS day_1_ratio,
  day_3, CAST(day_3 AS DOUBLE) / nullif(active, 0) AS day_3_ratio,
  day_5, CAST(day_5 AS DOUBLE) / nullif(active, 0) AS day_5_ratio,
  day_7, CAST(day_7 AS DOUBLE) / nullif(active, 0) AS day_7_ratio
FROM counts ORDER BY day;

-- /kpis/week-k-retention/count: of the clients with a session on the day, those with one in the
-- k-th seven days after it. NULL while those days are not over.
CREATE OR REPLACE VIEW weir_week_retention AS
WITH seen AS (
  SELECT day,
    count(*) OVER (PARTITION BY client ORDER BY day RANGE BETWEEN
      INTERVAL '1' DAY FOLLOWING AND INTERVAL '7' DAY FOLLOWING) > 0 AS week_1,
    count(*) OVER (PARTITION BY client ORDER BY day RANGE BETWEEN
      INTERVAL '8' DAY FOLLOWING AND INTERVAL '14' DAY FOLLOWING) > 0 AS week_2,
    count(*) OVER (PARTITION BY client ORDER BY day RANGE BETWEEN
      INTERVAL '15' DAY FOLLOWING AND INTERVAL '21' DAY FOLLOWING) > 0 AS week_3
  FROM weir_active
), cohorts AS (
  SELECT day, count(*) AS active,
    count(CASE WHEN week_1 THEN 1 END) AS week_1,
    count(CASE WHEN week_2 THEN 1 END) AS week_2,
    count(CASE WHEN week_3 THEN 1 END) AS week_3
  FROM seen GROUP BY day
), last_day AS (
  SELECT max(day) AS day FROM weir_days
), counts AS (
  SELECT weir_days.day, coalesce(active, 0) AS active,
    CASE WHEN weir_days.day + INTERVAL '7' DAY <= last_day.day THEN coalesce(week_1, 0) END AS week_1,
    CASE WHEN weir_days.day + INTERVAL '14' DAY <= last_day.day THEN coalesce(week_2, 0) END AS week_2,
    CASE WHEN weir_days.day + INTERVAL '21' DAY <= last_day.day THEN coalesce(week_3, 0) END AS week_3
  FROM weir_days CROSS JOIN last_day LEFT JOIN cohorts ON cohorts.day = weir_days.day
)
SELECT day, active,
  week_1, CAST(week_1 AS DOUBLE) / nullif(active, 0) AS week_1_ratio,
  week_2, CAST(week_2 AS DOUBLE) / nullif(active, 0) AS week_2_ratio,
  week_3, CAST(week_3 AS DOUBLE) / nullif(active, 0) AS week_3_ratio
FROM counts;

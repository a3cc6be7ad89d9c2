-- /kpis/mau/count: clients with a session on the day or the 29 days before.
CREATE OR REPLACE VIEW weir_mau AS
WITH changes AS (
  SELECT day, count(*) AS change FROM weir_presence GROUP BY day
  UNION ALL
  SELECT gone AS day, -count(*) AS change FROM weir_presence GROUP BY gone
), net AS (
  SELECT day, sum(change) AS change FROM changes GROUP BY day
)
SELECT weir_days.day, CAST(coalesce(sum(net.change) OVER (ORDER BY weir_days.day), 0) AS BIGINT) AS count
FROM weir_days LEFT JOIN net ON net.day = weir_days.day;

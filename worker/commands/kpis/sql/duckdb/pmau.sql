-- /kpis/pmau/count: clients with a session on the day or the 29 days before, and a purchase on the
-- day or at any time before.
WITH paying AS (
  SELECT greatest(presence.day, first_purchases.day) AS day, presence.gone
  FROM presence JOIN first_purchases
    ON first_purchases.client = presence.client AND first_purchases.day < presence.gone
), changes AS (
  SELECT day, count(*) AS change FROM paying GROUP BY day
  UNION ALL
  SELECT gone AS day, -count(*) AS change FROM paying GROUP BY gone
), net AS (
  SELECT day, sum(change) AS change FROM changes GROUP BY day
)
SELECT days.day, CAST(coalesce(sum(net.change) OVER (ORDER BY days.day), 0) AS BIGINT) AS count
FROM days LEFT JOIN net ON net.day = days.day
ORDER BY days.day;

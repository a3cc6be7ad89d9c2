-- /kpis/pmau/count: clients with a session on the day or the 29 days before, and a purchase on the
-- day or at any time before.
CREATE OR REPLACE VIEW weir_pmau AS
WITH paying AS (
  SELECT greatest(weir_presence.day, weir_first_purchases.day) AS day, weir_presence.gone
  FROM weir_presence JOIN weir_first_purchases
    ON weir_first_purchases.client = weir_presence.client AND weir_first_purchases.day < weir_presence.gone
), changes AS (
  SELECT day, count(*) AS change FROM paying GROUP BY day
  UNION ALL
  SELECT gone AS day, -count(*) AS change FROM paying GROUP BY gone
), net AS (
  SELECT day, sum(change) AS change FROM changes GROUP BY day
)
SELECT weir_days.day, CAST(coalesce(sum(net.change) OVER (ORDER BY weir_days.day), 0) AS BIGINT) AS count
FROM weir_days LEFT JOIN net ON net.day = weir_days.day;

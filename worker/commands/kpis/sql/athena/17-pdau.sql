-- /kpis/pdau/count: clients with a session on the day and a purchase on it or before.
CREATE OR REPLACE VIEW weir_pdau AS
WITH paying AS (
  SELECT weir_active.day, weir_active.client
  FROM weir_active JOIN weir_first_purchases
    ON weir_first_purchases.client = weir_active.client AND weir_first_purchases.day <= weir_active.day
)
SELECT weir_days.day, count(paying.client) AS count
FROM weir_days LEFT JOIN paying ON paying.day = weir_days.day
GROUP BY weir_days.day;

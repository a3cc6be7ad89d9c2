-- /kpis/pdau/count: clients with a session on the day and a purchase on it or before.
WITH paying AS (
  SELECT active.day, active.client
  FROM active JOIN first_purchases
    ON first_purchases.client = active.client AND first_purchases.day <= active.day
)
SELECT days.day, count(paying.client) AS count
FROM days LEFT JOIN paying ON paying.day = days.day
GROUP BY days.day ORDER BY days.day;

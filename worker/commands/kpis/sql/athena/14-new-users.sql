-- /kpis/new-users/count: clients whose first session is on the day.
CREATE OR REPLACE VIEW weir_new_users AS
WITH first_days AS (
  SELECT client, min(day) AS day FROM weir_active GROUP BY client
)
SELECT weir_days.day, count(first_days.client) AS count
FROM weir_days LEFT JOIN first_days ON first_days.day = weir_days.day
GROUP BY weir_days.day;

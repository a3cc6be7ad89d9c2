-- /kpis/new-users/count: clients whose first session is on the day.
WITH first_days AS (
  SELECT client, min(day) AS day FROM active GROUP BY client
)
SELECT days.day, count(first_days.client) AS count
FROM days LEFT JOIN first_days ON first_days.day = days.day
GROUP BY days.day ORDER BY days.day;

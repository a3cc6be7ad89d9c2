-- /kpis/dau/count: clients with a session on the day.
SELECT days.day, count(active.client) AS count
FROM days LEFT JOIN active ON active.day = days.day
GROUP BY days.day ORDER BY days.day;

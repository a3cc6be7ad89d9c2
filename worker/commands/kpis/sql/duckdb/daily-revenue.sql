-- /kpis/daily-revenue/sum: prices as written, and times the quantity, by currency. Days without a
-- purchase have no row.
SELECT day, currency, count(*) AS purchases, sum(revenue) AS sum, sum(gross) AS gross
FROM events WHERE kind = 'purchase'
GROUP BY day, currency ORDER BY day, currency;

-- /kpis/daily-revenue/sum: prices as written, and times the quantity, by currency. Days without a
-- purchase have no row.
CREATE OR REPLACE VIEW weir_daily_revenue AS
WITH purchases AS (
  SELECT day, currency, row_number() OVER (ORDER BY id) AS purchase,
    CASE WHEN is_finite(try_cast(item_price AS DOUBLE)) THEN try_cast(item_price AS DOUBLE) END AS item_price,
    CASE WHEN is_finite(try_cast(item_quantity AS DOUBLE)) THEN try_cast(item_quantity AS DOUBLE) END AS item_quantity,
    CASE WHEN is_finite(try_cast(total_amount AS DOUBLE)) THEN try_cast(total_amount AS DOUBLE) END AS total_amount,
    try(CAST(json_parse(products) AS ARRAY(JSON))) AS products
  FROM weir_events WHERE kind = 'purchase'
), unfolded AS (
  SELECT purchase, day, currency, item_price, item_quantity, total_amount,
    try_cast(json_extract_scalar(product, '$.price') AS DOUBLE) AS price,
    try_cast(json_extract_scalar(product, '$.quantity') AS DOUBLE) AS quantity
  FROM purchases LEFT JOIN UNNEST(products) AS products_of (product) ON TRUE
), lines AS (
  SELECT purchase, day, currency, item_price, item_quantity, total_amount,
    CASE WHEN is_finite(price) THEN price END AS product_price,
    CASE WHEN is_finite(quantity) THEN quantity END AS product_quantity
  FROM unfolded
), amounts AS (
  SELECT purchase, day, currency,
    coalesce(item_price, sum(product_price)) AS revenue,
    coalesce(
      item_price * coalesce(item_quantity, 1),
      sum(product_price * coalesce(product_quantity, 1)),
      total_amount
    ) AS gross
  FROM lines
  GROUP BY purchase, day, currency, item_price, item_quantity, total_amount
)
SELECT day, currency, count(*) AS purchases, sum(revenue) AS sum, sum(gross) AS gross
FROM amounts GROUP BY day, currency;

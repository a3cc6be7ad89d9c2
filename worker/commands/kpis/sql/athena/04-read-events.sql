-- One row per event, repeats included. 'UTC' is where days begin: put in your time zone.
CREATE OR REPLACE VIEW weir_read_events AS
WITH lines AS (
  SELECT try(json_parse(line)) AS line FROM weir_lines
), batch_events AS (
  SELECT json_extract_scalar(line, '$.mpid') AS client, event
  FROM lines
  CROSS JOIN UNNEST(try(CAST(json_extract(line, '$.events') AS ARRAY(JSON)))) AS unfolded (event)
  WHERE coalesce(json_extract_scalar(line, '$.message_type'), '') <> 'alias_request'
), records AS (
  SELECT line FROM lines
  WHERE json_extract_scalar(line, '$.event_type') IS NOT NULL
    AND json_extract(line, '$.events') IS NULL
    AND coalesce(json_extract_scalar(line, '$.message_type'), '') <> 'alias_request'
), items AS (
  SELECT
    CASE json_extract_scalar(event, '$.event_type')
      WHEN 'session_start' THEN 'session'
      WHEN 'commerce_event' THEN CASE json_extract_scalar(event, '$.data.product_action.action')
        WHEN 'purchase' THEN 'purchase' END
    END AS counted_as,
    json_extract_scalar(event, '$.data.timestamp_unixtime_ms') AS time_text,
    'batch ' || nullif(json_extract_scalar(event, '$.data.event_id'), '') AS id,
    nullif(client, '') AS client,
    CASE json_extract_scalar(event, '$.event_type') WHEN 'custom_event'
      THEN json_extract_scalar(event, '$.data.event_name') END AS name,
    json_extract_scalar(event, '$.data.currency_code') AS currency,
    CAST(NULL AS VARCHAR) AS item_price,
    CAST(NULL AS VARCHAR) AS item_quantity,
    json_extract_scalar(event, '$.data.product_action.total_amount') AS total_amount,
    json_format(json_extract(event, '$.data.product_action.products')) AS products,
    json_format(json_extract(event, '$.data.custom_attributes')) AS attributes,
    CAST(NULL AS VARCHAR) AS metrics
  FROM batch_events
  WHERE json_extract_scalar(event, '$.event_type') IS NOT NULL
  UNION ALL
  SELECT
    CASE json_extract_scalar(line, '$.event_type')
      WHEN '_session.start' THEN 'session'
      WHEN '_monetization.purchase' THEN 'purchase'
    END AS counted_as,
    json_extract_scalar(line, '$.timestamp') AS time_text,
    'record ' || nullif(json_extract_scalar(line, '$.unique_id'), '') AS id,
    nullif(coalesce(
      json_extract_scalar(line, '$.client_id'),
      json_extract_scalar(try(json_parse(json_extract_scalar(line, '$.attributes._clientContext'))), '$.client.client_id')
    ), '') AS client,
    json_extract_scalar(line, '$.event_type') AS name,
    json_extract_scalar(line, '$.attributes._currency') AS currency,
    coalesce(
      json_extract_scalar(line, '$.metrics._item_price'),
      json_extract_scalar(line, '$.attributes._item_price')
    ) AS item_price,
    coalesce(
      json_extract_scalar(line, '$.metrics._quantity'),
      json_extract_scalar(line, '$.attributes._quantity')
    ) AS item_quantity,
    coalesce(
      json_extract_scalar(line, '$.metrics._total_amount'),
      json_extract_scalar(line, '$.attributes._total_amount')
    ) AS total_amount,
    CAST(NULL AS VARCHAR) AS products,
    json_format(json_extract(line, '$.attributes')) AS attributes,
    json_format(json_extract(line, '$.metrics')) AS metrics
  FROM records
), timed AS (
  SELECT *, try_cast(time_text AS DOUBLE) AS ms FROM items
)
SELECT
  CASE
    WHEN counted_as IS NOT NULL THEN counted_as
    WHEN name <> '' AND substr(name, 1, 1) <> '_' THEN 'custom'
    ELSE 'other'
  END AS kind,
  id,
  CAST(at_timezone(from_unixtime(floor(ms) / 1000), 'UTC') AS DATE) AS day,
  client,
  name,
  nullif(currency, '') AS currency,
  item_price,
  item_quantity,
  total_amount,
  products,
  attributes,
  metrics
FROM timed
-- Before 2012 or more than a day ahead of now, a clock is taken to be wrong.
WHERE ms BETWEEN 1325376000000 AND to_unixtime(now()) * 1000 + 86400000;

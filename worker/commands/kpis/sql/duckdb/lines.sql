-- What the files of the variable `source` hold: a view `read_events` with one row per event, and
-- one per line that has none. Set the variables first:
--   SET VARIABLE source = 'FOLDER/**/*.txt*';       one pattern or a list of files, gzip or not
--   SET VARIABLE time_zone = 'Europe/Berlin';       where days begin; UTC when it is not set

CREATE OR REPLACE MACRO is_number(text) AS
  regexp_full_match(text, '[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?')
  AND isfinite(try_cast(text AS DOUBLE));

-- Without a value for what is no number, so that sums leave it out.
CREATE OR REPLACE MACRO number(text) AS CASE WHEN is_number(text) THEN try_cast(text AS DOUBLE) END;

-- Milliseconds since 1970. Before 2012 or more than a day ahead of now, a clock is taken to be wrong.
CREATE OR REPLACE MACRO usable_ms(text) AS
  CASE WHEN number(text) BETWEEN 1325376000000 AND epoch_ms(now()) + 86400000
    THEN CAST(floor(number(text)) AS BIGINT) END;

CREATE OR REPLACE MACRO day_of(ms) AS
  CAST(timezone(coalesce(getvariable('time_zone'), 'UTC'), make_timestamptz(ms * 1000)) AS DATE);

CREATE OR REPLACE MACRO client_in(context) AS
  CASE WHEN json_valid(context) THEN json_extract_string(context, '$.client.client_id') END;

-- Of a record, as a metric or as an attribute.
CREATE OR REPLACE MACRO said(line, name) AS
  number(coalesce(element_at(line.metrics, name)[1], element_at(line.attributes, name)[1]));

-- A line that is no JSON has no `json`.
CREATE OR REPLACE VIEW lines AS
SELECT json, json_transform(json, '{
    "message_type": "VARCHAR",
    "mpid": "VARCHAR",
    "events": [{
      "event_type": "VARCHAR",
      "data": {
        "timestamp_unixtime_ms": "VARCHAR",
        "event_id": "VARCHAR",
        "event_name": "VARCHAR",
        "custom_attributes": "MAP(VARCHAR, VARCHAR)",
        "currency_code": "VARCHAR",
        "product_action": {
          "action": "VARCHAR",
          "total_amount": "VARCHAR",
          "products": [{ "price": "VARCHAR", "quantity": "VARCHAR" }]
        }
      }
    }],
    "event_type": "VARCHAR",
    "timestamp": "VARCHAR",
    "unique_id": "VARCHAR",
    "client_id": "VARCHAR",
    "attributes": "MAP(VARCHAR, VARCHAR)",
    "metrics": "MAP(VARCHAR, VARCHAR)"
  }') AS line
FROM read_ndjson_objects(getvariable('source'), ignore_errors = true);

-- Batches and flattened records in the same columns.
CREATE OR REPLACE VIEW items AS
WITH unfolded AS (
  SELECT json, line, len(line.events) > 0 IS TRUE AS in_batch,
    unnest(CASE WHEN len(line.events) > 0 THEN line.events ELSE [NULL] END) AS event
  FROM lines
)
SELECT
  json, in_batch, line.message_type,
  CASE WHEN in_batch THEN event.event_type ELSE line.event_type END AS event_type,
  CASE WHEN NOT in_batch THEN line.event_type
    WHEN event.event_type = 'custom_event' THEN event.data.event_name END AS name,
  usable_ms(CASE WHEN in_batch THEN event.data.timestamp_unixtime_ms ELSE line.timestamp END) AS ms,
  CASE WHEN in_batch THEN 'batch ' || nullif(event.data.event_id, '')
    ELSE 'record ' || nullif(line.unique_id, '') END AS id,
  nullif(CASE WHEN in_batch THEN line.mpid
    ELSE coalesce(line.client_id, client_in(element_at(line.attributes, '_clientContext')[1])) END, '') AS client,
  -- A metric goes before an attribute of the same name. Attributes with an underscore tell of the
  -- session or the client.
  list_concat(map_entries(line.metrics), list_filter(
    map_entries(CASE WHEN in_batch THEN event.data.custom_attributes ELSE line.attributes END),
    lambda one: NOT starts_with(one.key, '_')
      AND NOT coalesce(list_contains(map_keys(line.metrics), one.key), false))) AS attributes,
  said(line, '_item_price') AS item_price,
  said(line, '_quantity') AS item_quantity,
  coalesce(number(event.data.product_action.total_amount), said(line, '_total_amount')) AS total_amount,
  event.data.product_action AS product_action,
  nullif(CASE WHEN in_batch THEN event.data.currency_code
    ELSE element_at(line.attributes, '_currency')[1] END, '') AS currency
FROM unfolded;

CREATE OR REPLACE VIEW kinds AS
SELECT *,
  CASE
    WHEN json IS NULL OR json_type(json) <> 'OBJECT' THEN 'malformed'
    WHEN message_type = 'alias_request' THEN 'alias_request'
    WHEN event_type IS NULL THEN 'no_event'
    WHEN ms IS NULL THEN 'undated'
    WHEN event_type = CASE WHEN in_batch THEN 'session_start' ELSE '_session.start' END THEN 'session'
    WHEN in_batch AND event_type = 'commerce_event' AND product_action.action = 'purchase' THEN 'purchase'
    WHEN NOT in_batch AND event_type = '_monetization.purchase' THEN 'purchase'
    WHEN name <> '' AND NOT starts_with(name, '_') THEN 'custom'
    ELSE 'other'
  END AS kind,
  list_filter(attributes, lambda one: is_number(one.value)) AS numbers,
  list_transform(product_action.products, lambda one: number(one.price)) AS prices,
  list_transform(product_action.products, lambda one:
    number(one.price) * coalesce(number(one.quantity), 1)) AS amounts
FROM items;

-- Ids are hashes of 128 bits: two that are equal by chance are not to be expected. `revenue` is the
-- price as written, `gross` times the quantity.
CREATE OR REPLACE VIEW read_events AS
SELECT
  kind,
  md5_number(id) AS id,
  day_of(ms) AS day,
  md5_number(client) AS client,
  name,
  CASE WHEN kind = 'purchase' THEN currency END AS currency,
  CASE WHEN kind <> 'purchase' THEN NULL
    WHEN in_batch THEN list_sum(prices) ELSE item_price END AS revenue,
  CASE WHEN kind <> 'purchase' THEN NULL
    ELSE coalesce(list_sum(amounts), item_price * coalesce(item_quantity, 1), total_amount) END AS gross,
  CASE WHEN name IS NOT NULL THEN list_transform(numbers, lambda one:
    {'name': one.key, 'value': CAST(one.value AS DOUBLE)}) END AS metrics
FROM kinds;

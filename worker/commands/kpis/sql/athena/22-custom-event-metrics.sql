-- /events/NAME/count, its metrics: of each number that events of a type carry, by day.
CREATE OR REPLACE VIEW weir_custom_event_metrics AS
WITH maps AS (
  SELECT weir_events.name, weir_events.day,
    try(CAST(json_parse(weir_events.attributes) AS MAP(VARCHAR, JSON))) AS attributes,
    try(CAST(json_parse(weir_events.metrics) AS MAP(VARCHAR, JSON))) AS metrics
  FROM weir_events JOIN weir_custom_types ON weir_custom_types.name = weir_events.name
  WHERE weir_events.kind = 'custom' AND weir_custom_types.place <= 1500
), texts AS (
  SELECT name, day, metric, json_extract_scalar(element_at(metrics, metric), '$') AS text
  FROM maps CROSS JOIN UNNEST(map_keys(metrics)) AS unfolded (metric)
  UNION ALL
  -- A metric goes before an attribute of the same name. Attributes with an underscore tell of the
  -- session or the client.
  SELECT name, day, metric, json_extract_scalar(element_at(attributes, metric), '$') AS text
  FROM maps CROSS JOIN UNNEST(map_keys(attributes)) AS unfolded (metric)
  WHERE element_at(metrics, metric) IS NULL
    AND substr(metric, 1, 1) <> '_'
), numbers AS (
  SELECT name, day, metric, try_cast(text AS DOUBLE) AS value
  FROM texts
  WHERE regexp_like(text, '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?$')
)
SELECT name, day, metric, count(*) AS count, min(value) AS min, max(value) AS max, sum(value) AS sum
FROM numbers WHERE is_finite(value)
GROUP BY name, day, metric;

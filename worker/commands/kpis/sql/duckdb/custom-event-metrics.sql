-- /events/NAME/count, its metrics: of each number that events of a type carry, by day. The types
-- are those of custom-events.sql.
WITH named AS (
  SELECT name, day, unnest(metrics) AS metric
  FROM events
  WHERE day IS NOT NULL AND CASE WHEN getvariable('event_names') IS NULL
    THEN kind = 'custom' AND name IN (SELECT name FROM custom_types WHERE place <= 1500)
    ELSE list_contains(CAST(getvariable('event_names') AS VARCHAR[]), name) END
)
SELECT name, day, metric.name AS metric, count(*) AS count,
  min(metric.value) AS min, max(metric.value) AS max, sum(metric.value) AS sum
FROM named
GROUP BY name, day, metric.name ORDER BY name, day, metric;

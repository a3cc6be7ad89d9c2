-- /events/NAME/count: events of a custom type by day. Of the first 1,500 types, or of those that
-- `SET VARIABLE event_names = ['NAME', ...]` asks for, reserved ones included.
SELECT name, day, count(*) AS count
FROM events
WHERE day IS NOT NULL AND CASE WHEN getvariable('event_names') IS NULL
  THEN kind = 'custom' AND name IN (SELECT name FROM custom_types WHERE place <= 1500)
  ELSE list_contains(CAST(getvariable('event_names') AS VARCHAR[]), name) END
GROUP BY name, day ORDER BY name, day;

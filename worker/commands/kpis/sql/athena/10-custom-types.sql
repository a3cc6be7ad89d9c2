-- The custom types in the order in which they appeared. Per-type reports have the first 1,500.
CREATE OR REPLACE VIEW weir_custom_types AS
SELECT name, row_number() OVER (ORDER BY min(day), name) AS place
FROM weir_events WHERE kind = 'custom' GROUP BY name;

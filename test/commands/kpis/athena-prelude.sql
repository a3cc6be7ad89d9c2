-- The functions of Athena that DuckDB spells otherwise.
CREATE MACRO json_parse(text) AS CASE WHEN json_valid(text) THEN CAST(text AS JSON) END;
CREATE MACRO json_format(value) AS CAST(value AS VARCHAR);
CREATE MACRO json_extract_scalar(value, path) AS
  CASE WHEN json_type(value, path) NOT IN ('OBJECT', 'ARRAY') THEN json_extract_string(value, path) END;
CREATE MACRO from_unixtime(seconds) AS to_timestamp(seconds);
CREATE MACRO to_unixtime(moment) AS epoch(moment);
CREATE MACRO at_timezone(moment, zone) AS timezone(zone, moment);
CREATE MACRO sequence(first, last, step) AS generate_series(first, last, step);
CREATE MACRO element_at(map, key) AS map_extract_value(map, key);
CREATE MACRO regexp_like(text, pattern) AS regexp_matches(text, pattern);
CREATE MACRO is_finite(value) AS isfinite(value);

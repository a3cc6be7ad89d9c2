-- Every day from the first event to the last, with events or without.
CREATE OR REPLACE VIEW weir_days AS
WITH span AS (
  SELECT min(day) AS first_day, max(day) AS last_day FROM weir_events
)
SELECT CAST(day AS DATE) AS day
FROM span CROSS JOIN UNNEST(sequence(first_day, last_day, INTERVAL '1' DAY)) AS calendar (day);

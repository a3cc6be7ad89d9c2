-- What was read: events, and what is not counted as one.
SELECT
  count(CASE WHEN day IS NOT NULL THEN 1 END) AS events,
  count(CASE WHEN kind = 'undated' THEN 1 END) AS undated_events,
  count(CASE WHEN kind = 'alias_request' THEN 1 END) AS alias_requests,
  count(CASE WHEN kind = 'no_event' THEN 1 END) AS lines_without_events,
  count(CASE WHEN kind = 'malformed' THEN 1 END) AS malformed_lines
FROM events;

-- Takes out events that were read before, by event_id of a batch or unique_id of a record.
DELETE FROM events
USING (
  SELECT id, min(rowid) AS kept FROM events WHERE id IS NOT NULL GROUP BY id HAVING count(*) > 1
) AS repeated
WHERE events.id = repeated.id AND events.rowid > repeated.kept;

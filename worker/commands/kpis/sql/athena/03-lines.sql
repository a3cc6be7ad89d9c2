-- Every line once. A folder may hold lines of both kinds: give it to one table only, and leave out
-- here the table that you do not have.
CREATE OR REPLACE VIEW weir_lines AS
SELECT line FROM weir_batches
UNION ALL
SELECT line FROM weir_records;

-- Adds what the files of `source` hold to the table `events`. May run again with other files.
CREATE TABLE IF NOT EXISTS events (
  kind VARCHAR,
  id UHUGEINT,
  day DATE,
  client UHUGEINT,
  name VARCHAR,
  currency VARCHAR,
  revenue DOUBLE,
  gross DOUBLE,
  metrics STRUCT(name VARCHAR, value DOUBLE)[]
);

INSERT INTO events SELECT * FROM read_events;

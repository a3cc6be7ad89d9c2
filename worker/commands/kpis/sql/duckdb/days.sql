-- What several KPIs start from.

-- A(d): who had a session on which day.
CREATE OR REPLACE TABLE active AS
SELECT DISTINCT day, client FROM events WHERE kind = 'session' AND client IS NOT NULL;

-- F(c): the day of a client's first purchase.
CREATE OR REPLACE TABLE first_purchases AS
SELECT client, min(day) AS day FROM events
WHERE kind = 'purchase' AND client IS NOT NULL GROUP BY client;

-- Every day from the first event to the last, with events or without.
CREATE OR REPLACE TABLE days AS
SELECT CAST(unnest(generate_series(min(day), max(day), INTERVAL '1' DAY)) AS DATE) AS day
FROM events WHERE day IS NOT NULL;

-- M(d) without counting anybody twice: from `day` up to the day before `gone`, this session day is
-- the client's latest of the last 30.
CREATE OR REPLACE VIEW presence AS
SELECT client, day, least(
    CAST(day + INTERVAL '30' DAY AS DATE),
    coalesce(lead(day) OVER (PARTITION BY client ORDER BY day), DATE '9999-12-31')
  ) AS gone
FROM active;

-- The custom types in the order in which they appeared. Per-type reports have the first 1,500.
CREATE OR REPLACE TABLE custom_types AS
SELECT name, row_number() OVER (ORDER BY min(day), name) AS place
FROM events WHERE kind = 'custom' GROUP BY name;

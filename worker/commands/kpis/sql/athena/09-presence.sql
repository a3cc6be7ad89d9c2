-- M(d) without counting anybody twice: from `day` up to the day before `gone`, this session day is
-- the client's latest of the last 30.
CREATE OR REPLACE VIEW weir_presence AS
SELECT client, day, least(
    CAST(day + INTERVAL '30' DAY AS DATE),
    coalesce(lead(day) OVER (PARTITION BY client ORDER BY day), DATE '9999-12-31')
  ) AS gone
FROM weir_active;

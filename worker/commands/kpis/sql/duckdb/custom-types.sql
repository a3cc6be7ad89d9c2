-- How many custom types there are, and how many are beyond the 1,500 of per-type reports.
SELECT count(*) AS types, count(CASE WHEN place > 1500 THEN 1 END) AS beyond_quota FROM custom_types;

-- The lines of files with flattened records, in date folders. Put in your bucket, folder and first date. An
-- object outside the date folders, and one whose date is outside the range, is not read.
CREATE EXTERNAL TABLE weir_records (line string)
PARTITIONED BY (folder_date string)
ROW FORMAT DELIMITED LINES TERMINATED BY '\n'
STORED AS TEXTFILE
LOCATION 's3://BUCKET/RECORDS_FOLDER/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.folder_date.type' = 'date',
  'projection.folder_date.format' = 'yyyy-MM-dd',
  'projection.folder_date.range' = '2026-01-01,NOW+1DAYS',
  'projection.folder_date.interval' = '1',
  'projection.folder_date.interval.unit' = 'DAYS',
  'storage.location.template' = 's3://BUCKET/RECORDS_FOLDER/${folder_date}/'
);

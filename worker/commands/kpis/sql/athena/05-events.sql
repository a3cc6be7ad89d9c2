-- Events once each, by event_id of a batch or unique_id of a record.
CREATE OR REPLACE VIEW weir_events AS
WITH numbered AS (
  SELECT *, row_number() OVER (PARTITION BY id ORDER BY day) AS place FROM weir_read_events
)
SELECT kind, id, day, client, name, currency, item_price, item_quantity, total_amount, products,
  attributes, metrics
FROM numbered WHERE id IS NULL OR place = 1;

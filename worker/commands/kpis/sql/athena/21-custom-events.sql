-- /events/NAME/count: events of a custom type by day, of the first 1,500 types.
CREATE OR REPLACE VIEW weir_custom_events AS
SELECT weir_events.name, weir_events.day, count(*) AS count
FROM weir_events JOIN weir_custom_types ON weir_custom_types.name = weir_events.name
WHERE weir_events.kind = 'custom' AND weir_custom_types.place <= 1500
GROUP BY weir_events.name, weir_events.day;

-- +goose Up

-- What an order takes of the store's time: its pieces, less those that were given back. Orders from
-- before have 0 until their next change.
ALTER TABLE orders ADD COLUMN cups BIGINT NOT NULL DEFAULT 0;
-- When an order for later is picked up, in microseconds; 0 for one for now.
ALTER TABLE orders ADD COLUMN pickup_at BIGINT NOT NULL DEFAULT 0;
-- 1 for orders for now, and for those for later that were offered to the store.
ALTER TABLE orders ADD COLUMN offered BIGINT NOT NULL DEFAULT 1;
-- When the store was offered the order, in microseconds: when one for now was placed; 0 before that.
ALTER TABLE orders ADD COLUMN offered_at BIGINT NOT NULL DEFAULT 0;
UPDATE orders SET offered_at = placed_at WHERE status = 'paid';

-- What each store has left unanswered, the longest first.
CREATE INDEX orders_unanswered ON orders (store, offered_at) WHERE status = 'paid' AND offered = 1;

-- The series of pick-up numbers that orders get which are paid before the day of their pick-up has
-- begun, with that of the last. It leaves the numbers of the day that stores are on alone.
CREATE TABLE pickup_series_ahead (
    store       TEXT   NOT NULL PRIMARY KEY,
    day         TEXT   NOT NULL,
    last_number BIGINT NOT NULL
);

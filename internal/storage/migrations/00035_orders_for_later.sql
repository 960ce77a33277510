-- +goose Up

-- What an order takes of the store's time: its pieces, less those that were given back. Orders from
-- before have 0 until their next change.
ALTER TABLE orders ADD COLUMN cups BIGINT NOT NULL DEFAULT 0;
-- When an order for later is picked up, in microseconds; 0 for one for now.
ALTER TABLE orders ADD COLUMN pickup_at BIGINT NOT NULL DEFAULT 0;
-- 1 for orders for now, and for those for later that were offered to the store.
ALTER TABLE orders ADD COLUMN offered BIGINT NOT NULL DEFAULT 1;

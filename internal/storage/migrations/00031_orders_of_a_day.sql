-- +goose Up

-- A store's orders of a day by their pick-up numbers: one is found by its number, and all are
-- looked through from the latest on, without those of other stores.
CREATE INDEX orders_of_day ON orders (store, pickup_day, pickup_sequence, id);
DROP INDEX orders_by_pickup_number;

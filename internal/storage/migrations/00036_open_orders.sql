-- +goose Up

-- What a store has yet to make: the index has no more than what is open, however many orders there were.
CREATE INDEX orders_open ON orders (store, pickup_at, cups) WHERE status IN ('paid', 'accepted') AND offered = 1;

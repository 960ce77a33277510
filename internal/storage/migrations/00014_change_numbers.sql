-- +goose Up

-- How many changes of orders there have been. Every change takes the next number
-- before it touches its order, and keeps this row to itself until it is visible,
-- so that whoever has seen a number has seen all the numbers before it.
CREATE TABLE order_changes (
    id   BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    last BIGINT NOT NULL
);

INSERT INTO order_changes (id, last) VALUES (1, 0);

-- The number of each order's latest change; those from before have none.
ALTER TABLE orders ADD COLUMN change_number BIGINT NOT NULL DEFAULT 0;

CREATE INDEX orders_by_change ON orders (change_number);

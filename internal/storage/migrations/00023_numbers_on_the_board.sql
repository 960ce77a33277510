-- +goose Up

-- The order's pick-up number: which of its series it is, counted from one, and the store's
-- day on which it came to the board.
ALTER TABLE orders ADD COLUMN pickup_sequence BIGINT;
ALTER TABLE orders ADD COLUMN pickup_day TEXT;

UPDATE orders SET
    pickup_sequence = (SELECT number FROM pickup_numbers WHERE order_id = orders.id),
    pickup_day = (SELECT day FROM pickup_numbers WHERE order_id = orders.id);

ALTER TABLE orders DROP COLUMN pickup_number;

CREATE INDEX orders_by_pickup_number ON orders (pickup_day, pickup_sequence);

-- The numbers that are taken, on whatever day.
CREATE INDEX orders_on_board ON orders (pickup_sequence) WHERE status IN ('paid', 'accepted', 'ready');

-- The day of each store's series of numbers, and the last that was given.
CREATE TABLE pickup_series (
    store       TEXT   NOT NULL PRIMARY KEY,
    day         TEXT   NOT NULL,
    last_number BIGINT NOT NULL
);

INSERT INTO pickup_series (store, day, last_number)
SELECT 'main', day, last_number FROM pickup_days ORDER BY day DESC LIMIT 1;

DROP TABLE pickup_numbers;
DROP TABLE pickup_days;

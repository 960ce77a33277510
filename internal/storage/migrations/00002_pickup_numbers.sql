-- +goose Up

-- The last pick-up number of each of the store's days ("2025-03-03").
CREATE TABLE pickup_days (
    day         TEXT   NOT NULL PRIMARY KEY,
    last_number BIGINT NOT NULL
);

-- The pick-up number of each order that is on the board, or was.
CREATE TABLE pickup_numbers (
    order_id TEXT   NOT NULL PRIMARY KEY,
    day      TEXT   NOT NULL,
    number   BIGINT NOT NULL,
    UNIQUE (day, number)
);

-- +goose Up

-- What happened to an order after its workflow had ended, such as a dispute of
-- its payment: once for each fact. The reader adds it to the timeline.
CREATE TABLE order_notes (
    order_id TEXT   NOT NULL,
    fact     TEXT   NOT NULL,
    note     TEXT   NOT NULL,
    actor    TEXT   NOT NULL,
    reason   TEXT   NOT NULL,
    at       BIGINT NOT NULL,
    PRIMARY KEY (order_id, fact)
);

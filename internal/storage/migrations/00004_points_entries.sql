-- +goose Up

-- The points ledger. It is only ever added to, and a member's balance is the
-- sum of its entries. A taking back of 0 points bars the credit of an order.
CREATE TABLE points_entries (
    order_id          TEXT   NOT NULL,
    kind              TEXT   NOT NULL,
    membership_number TEXT   NOT NULL,
    points            BIGINT NOT NULL,
    at                BIGINT NOT NULL,
    PRIMARY KEY (order_id, kind)
);

CREATE INDEX points_entries_by_member ON points_entries (membership_number, at, order_id, kind);

-- +goose Up

-- The read model: one row for every order, at its newest version. The document
-- is the order's snapshot as JSON; the columns are what is looked for.
CREATE TABLE orders (
    id                TEXT   NOT NULL PRIMARY KEY,
    status            TEXT   NOT NULL,
    version           BIGINT NOT NULL,
    membership_number TEXT,
    pickup_number     TEXT,
    placed_at         BIGINT NOT NULL,
    updated_at        BIGINT NOT NULL,
    document          TEXT   NOT NULL
);

-- The board reads each status from its oldest order on, a page at a time, so
-- that closed orders cost nothing.
CREATE INDEX orders_by_status ON orders (status, placed_at, id);
CREATE INDEX orders_by_member ON orders (membership_number, placed_at, id);

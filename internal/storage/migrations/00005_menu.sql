-- +goose Up

-- The name is a JSON object from language to name.
CREATE TABLE menu_items (
    product   TEXT    NOT NULL PRIMARY KEY,
    position  BIGINT  NOT NULL,
    name      TEXT    NOT NULL,
    amount    BIGINT  NOT NULL,
    currency  TEXT    NOT NULL,
    available BOOLEAN NOT NULL
);

-- Whether the store takes orders: one row.
CREATE TABLE store_hours (
    id   BIGINT  NOT NULL PRIMARY KEY CHECK (id = 1),
    open BOOLEAN NOT NULL
);

INSERT INTO store_hours (id, open) VALUES (1, TRUE);

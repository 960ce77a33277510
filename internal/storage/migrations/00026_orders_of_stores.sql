-- +goose Up

-- How many changes of each store's orders there have been: a row for every store that has
-- had one. Every change takes the next number of its store before it touches its order, and
-- keeps that row to itself until it is visible, so that whoever has seen a number of a store
-- has seen all the numbers before it. Stores do not wait for each other.
--
-- The table is renamed first, which waits for those who write and keeps others away. The
-- processes of the build before count in the only row, as long as there is one store.
ALTER TABLE order_changes RENAME TO order_changes_before;

CREATE TABLE order_changes (
    store TEXT   NOT NULL PRIMARY KEY,
    last  BIGINT NOT NULL
);

INSERT INTO order_changes (store, last) SELECT 'main', last FROM order_changes_before;

DROP TABLE order_changes_before;

-- The store that makes the order. What there was before stores, and what the processes of
-- the build before write, is main's.
ALTER TABLE orders ADD COLUMN store TEXT NOT NULL DEFAULT 'main';

-- A store's board, and a store's changes. The index orders_by_status is for the lists of all
-- stores; orders_by_change is only for the processes of the build before.
CREATE INDEX orders_of_store ON orders (store, status, placed_at, id);
CREATE INDEX orders_of_store_by_change ON orders (store, change_number);

-- Each store has the same numbers.
DROP INDEX orders_by_pickup_number;
CREATE INDEX orders_by_pickup_number ON orders (pickup_day, pickup_sequence, store);
DROP INDEX orders_on_board;
CREATE INDEX orders_on_board ON orders (pickup_sequence, store) WHERE status IN ('paid', 'accepted', 'ready');

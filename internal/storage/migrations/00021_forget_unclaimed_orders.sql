-- +goose Up

-- When the order was found to be a member's own, placed with their token: it stays until
-- the member is erased. That never changes, since an order is claimed when it is placed.
ALTER TABLE orders ADD COLUMN kept_at BIGINT;

-- A membership number makes an order nobody's own: anybody can type one. So the orders
-- that have ended are in the index until their guest is forgotten, or they are found to
-- be a member's.
DROP INDEX orders_to_forget;
CREATE INDEX orders_to_forget ON orders (updated_at, id)
    WHERE kept_at IS NULL AND forgotten_at IS NULL
        AND status IN ('payment_failed', 'picked_up', 'rejected', 'cancelled', 'expired', 'unclaimed');

-- +goose Up

-- When an order's guest was forgotten. A later projection, which brings the guest back,
-- takes it away again.
ALTER TABLE orders ADD COLUMN forgotten_at BIGINT;

-- The guests' orders that have ended, the longest unchanged first: those that are to be
-- forgotten. Nothing else is in it, so that it stays small.
CREATE INDEX orders_to_forget ON orders (updated_at, id)
    WHERE membership_number IS NULL AND forgotten_at IS NULL
        AND status IN ('payment_failed', 'picked_up', 'rejected', 'cancelled', 'expired', 'unclaimed');

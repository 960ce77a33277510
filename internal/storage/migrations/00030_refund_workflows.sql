-- +goose Up

-- Which workflow of an order has written the row: the order's own, 0, or that of a refund after
-- its end, by the number of the refund. Each comes after those of lower numbers, so that what an
-- earlier one writes late changes nothing.
ALTER TABLE orders ADD COLUMN refund_workflow BIGINT NOT NULL DEFAULT 0;

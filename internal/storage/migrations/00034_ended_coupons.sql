-- +goose Up

-- 1: the coupon was taken out of use. It stays, for the orders that have used it.
ALTER TABLE coupons ADD COLUMN ended BIGINT NOT NULL DEFAULT 0;

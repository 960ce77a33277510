-- +goose Up

-- How many texts were sent in the hour that begins then, by what they are limited for: one text
-- of an order, a phone (a keyed hash of it), a block of numbers, a country, all. Nothing refers to a
-- member, so that an erased one's texts stay counted. Only the hours of now are kept.
CREATE TABLE text_counts (
    name  TEXT   NOT NULL,
    hour  BIGINT NOT NULL,
    texts BIGINT NOT NULL,
    PRIMARY KEY (name, hour)
);

CREATE INDEX text_counts_by_hour ON text_counts (hour);

-- +goose Up

-- Twilio's 21612 is about the sender and 21214 about the route: neither says that
-- the phone number gets no texts. Numbers are no longer put in quarantine for them;
-- those that were get texts again.
DELETE FROM quarantined_phones WHERE error_code IN (21214, 21612) AND opted_out = 0;

-- +goose Up

-- The menu that a new store starts with. As a migration it is there once: what
-- the staff takes off the menu stays off.
INSERT INTO menu_items (product, position, name, amount, currency, available) VALUES
    ('IceAmericano',       1, '{"ko":"아이스 아메리카노","en":"Ice Americano"}',            2000, 'KRW', TRUE),
    ('HotAmericano',       2, '{"ko":"따뜻한 아메리카노","en":"Hot Americano"}',            2000, 'KRW', TRUE),
    ('CafeLatte',          3, '{"ko":"카페라떼","en":"Cafe Latte"}',                        3000, 'KRW', TRUE),
    ('VanillaLatte',       4, '{"ko":"바닐라라떼","en":"Vanilla Latte"}',                   3500, 'KRW', TRUE),
    ('Cappuccino',         5, '{"ko":"카푸치노","en":"Cappuccino"}',                        3000, 'KRW', TRUE),
    ('CaramelMacchiato',   6, '{"ko":"카라멜 마키아토","en":"Caramel Macchiato"}',          3800, 'KRW', TRUE),
    ('CafeMocha',          7, '{"ko":"카페모카","en":"Cafe Mocha"}',                        3800, 'KRW', TRUE),
    ('Einspanner',         8, '{"ko":"아인슈페너","en":"Einspanner"}',                      4500, 'KRW', TRUE),
    ('ColdBrew',           9, '{"ko":"콜드브루","en":"Cold Brew"}',                         3500, 'KRW', TRUE),
    ('DolceLatte',        10, '{"ko":"돌체라떼","en":"Dolce Latte"}',                       4000, 'KRW', TRUE),
    ('MatchaLatte',       11, '{"ko":"말차라떼","en":"Matcha Latte"}',                      4000, 'KRW', TRUE),
    ('SweetPotatoLatte',  12, '{"ko":"고구마라떼","en":"Sweet Potato Latte"}',              4000, 'KRW', TRUE),
    ('HotChocolate',      13, '{"ko":"핫초코","en":"Hot Chocolate"}',                       3500, 'KRW', TRUE),
    ('Misugaru',          14, '{"ko":"미숫가루","en":"Misugaru (Roasted Grain Drink)"}',    3500, 'KRW', TRUE),
    ('CitronTea',         15, '{"ko":"유자차","en":"Citron Tea"}',                          3500, 'KRW', TRUE),
    ('GrapefruitAde',     16, '{"ko":"자몽에이드","en":"Grapefruit Ade"}',                  4000, 'KRW', TRUE),
    ('StrawberrySmoothie', 17, '{"ko":"딸기 스무디","en":"Strawberry Smoothie"}',           4500, 'KRW', TRUE);

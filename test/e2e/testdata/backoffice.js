// What the back office makes of changes, amounts, identifiers and answers, tried in a browser. The result is
// the list of what is not as it should be.
(async () => {
  const load = (name) => import(`/assets/tests/${name}.js`);
  const [merge, amounts, identifiers, contrast, paths, refunds] = await Promise.all(
    ["catalogmerge", "amounts", "identifiers", "contrast", "paths", "refundsum"].map(load),
  );
  const wrong = [];
  const equal = (got, want, what) => {
    const [a, b] = [got, want].map((value) => JSON.stringify(value) ?? "undefined");
    if (a !== b) wrong.push(`${what}: ${a}, want ${b}`);
  };

  const option = (id, price) => ({
    option: id, name: { ko: id, en: id }, price, default: false, max_qty: 1, available: true,
  });
  const milk = { group: "milk", name: { ko: "우유", en: "Milk" }, min: 1, max: 1, options: [option("whole", 0), option("oat", 500)] };
  const latte = { product: "Latte", category: "coffee", name: { ko: "라떼", en: "Latte" }, price: { amount: 3500, currency: "KRW" }, groups: ["milk"], available: true };
  const mocha = { ...latte, product: "Mocha" };
  const document = {
    categories: [{ category: "coffee", name: { ko: "커피", en: "Coffee" } }],
    groups: [milk],
    items: [latte, mocha],
  };
  const products = (d) => d.items.map((item) => item.product);

  // A change of an entry that nobody else has changed is made on top of what they have.
  const dearer = { ...latte, price: { amount: 3900, currency: "KRW" } };
  const theirs = { ...document, items: [latte, { ...mocha, calories: 300 }] };
  const made = merge.rebase(theirs, { path: "items/Latte", before: latte, after: dearer }).document;
  equal(made.items, [dearer, theirs.items[1]], "a change beside somebody else's");
  equal(merge.rebase(made, { path: "items/Latte", before: latte, after: dearer }).document === made, true, "a change that has arrived");
  equal(merge.same({ ...latte, allergens: [], description: {}, image: "" }, latte), true, "what is empty says nothing");

  // One of the same entry is a conflict, whatever it is.
  const other = { ...document, items: [{ ...latte, calories: 180 }, mocha] };
  const conflict = merge.rebase(other, { path: "items/Latte", before: latte, after: dearer }).conflict;
  equal(conflict.theirs, other.items[0], "theirs of a conflict");
  equal(Boolean(merge.rebase({ ...document, items: [mocha] }, { path: "items/Latte", before: latte, after: dearer }).conflict), true, "deleted by them");
  equal(Boolean(merge.rebase(other, { path: "items/Latte", before: latte, after: null }).conflict), true, "deleted by you");

  // A new entry gets another identifier when somebody else has taken it.
  const cold = { ...latte, product: "Cold", calories: 5 };
  const taken = { ...document, items: [...document.items, { ...latte, product: "Cold" }] };
  const added = merge.rebase(taken, { path: "items/Cold", before: null, after: cold });
  equal([added.path, products(added.document)], ["items/Cold2", ["Latte", "Mocha", "Cold", "Cold2"]], "the same identifier twice");

  // What is deleted is taken out of the items that had it.
  const without = merge.apply(merge.apply(document, { path: "categories/coffee", after: null }), { path: "groups/milk", after: null });
  equal(without.items.map((item) => [item.category, item.groups]), [[undefined, []], [undefined, []]], "references to what is gone");

  // Orders.
  const order = (now, after) => merge.rebase(now, { path: "items", before: ["Latte", "Mocha"], after });
  equal(products(order(taken, ["Mocha", "Latte"]).document), ["Mocha", "Cold", "Latte"], "an order with a new item in it");
  const three = (ids) => ({ ...document, items: ids.map((product) => ({ ...latte, product })) });
  const moved = { path: "items", before: ["A", "B", "C"], after: ["B", "A", "C"] };
  equal(Boolean(merge.rebase(three(["A", "C", "B"]), moved).conflict), true, "two orders");
  equal(products(merge.rebase(three(["A", "C"]), moved).document), ["A", "C"], "an order without what is gone");

  // Both versions, field by field.
  const yours = { ...milk, min: 0, options: [option("whole", 0), option("oat", 700), option("soy", 0)] };
  const their = { ...milk, name: { ko: "우유", en: "Milks" }, max: 2, options: [option("whole", 0), option("oat", 600), option("rice", 0)] };
  const by = Object.fromEntries(merge.compare(milk, yours, their).map((row) => [row.field, row.by]));
  equal([by["name.en"], by.max, by.min, by["options/oat/price"], by.options], ["them", "them", "you", "both", "both"], "who has changed what");
  const combined = merge.combine(milk, yours, their);
  equal([combined.name.en, combined.min, combined.max], ["Milks", 0, 2], "both people's fields");
  equal(combined.options.map((o) => [o.option, o.price]), [["whole", 0], ["oat", 700], ["rice", 0], ["soy", 0]], "both people's options");
  const gone = merge.combine(milk, yours, { ...milk, options: [option("whole", 0)] });
  equal(gone.options.find((o) => o.option === "oat")?.price, 700, "an option that you have changed and they have removed");
  equal(merge.same(merge.unflatten(merge.flatten(milk)), milk), true, "flat and back");

  // Whatever two people do to an entry, each field is what whoever has changed it wants.
  let seed = 1;
  const random = (n) => (seed = (seed * 48271) % 2147483647) % n;
  const fields = ["category", "calories", "image", "price"];
  for (let round = 0; round < 300; round++) {
    const change = (item) => Object.fromEntries(Object.entries(item).map(([k, v]) => [k, fields.includes(k) && random(2) ? `${v}-${random(3)}` : v]));
    const was = { product: "P", category: "a", calories: "b", image: "c", price: "d" };
    const [mine, others] = [change(was), change(was)];
    const result = merge.combine(was, mine, others);
    for (const f of fields) equal(result[f], mine[f] === was[f] ? others[f] : mine[f], `round ${round}, ${f}`);
  }

  // Amounts.
  for (const [currency, amount, text] of currencies) {
    equal(amounts.typed(amount, currency), text, `${amount} of ${currency}`);
    equal(amounts.minorUnits(text, currency), amount, `${text} ${currency}`);
  }
  for (const [text, currency, want] of [
    ["4,500", "KRW", 4500], ["4500.0", "KRW", null], ["4.5", "USD", 450], ["4.555", "USD", null], ["1,50", "USD", null],
    [" − 200", "KRW", -200], ["１２００", "KRW", 1200], ["", "KRW", null], ["1e3", "KRW", null], ["-0", "KRW", 0],
    ["0.1", "USD", 10], ["1.005", "KWD", 1005], ["1,234,567.89", "USD", 123456789], ["12,34", "USD", null],
    ["99999999999999999", "KRW", null], ["₩4500", "KRW", null],
  ]) equal(amounts.minorUnits(text, currency), want, `${text} ${currency}`);
  equal(["3", "٣", "-1", "1.5", ""].map(amounts.wholeNumber), [3, null, null, null, null], "whole numbers");

  // Identifiers.
  equal(identifiers.productID("Iced Café Latte", ["IcedCafeLatte"]), "IcedCafeLatte2", "an item");
  equal(identifiers.productID("딸기", []), "Item", "an item without a letter");
  equal(identifiers.productID("x".repeat(60), []).length, 40, "a long one");
  equal(identifiers.slug("Oat milk!", [], "option"), "oat-milk", "an option");
  equal(identifiers.slug("1 shot", ["option-1-shot"], "option"), "option-1-shot2", "an option that begins with a digit");

  // Contrast.
  equal([contrast.contrast("#000000", "#ffffff"), contrast.luminance("red")], [21, null], "contrast");

  // What the server says is wrong.
  equal(paths.within("items[1].name.ko", document, "items/Mocha"), "name.ko", "a path in the entry");
  equal(paths.within("items[0].name.ko", document, "items/Mocha"), null, "a path in another entry");
  equal([paths.entryOf("groups[0].options[1].price", document), paths.entryOf("", document)], ["groups/milk", null], "the entry of a path");
  for (const message of messages) if (!paths.sentence(message)) wrong.push(`no words for: ${message}`);
  equal(paths.sentence("must be between 0 and 9999"), { key: "between", values: { least: "0", most: "9999" } }, "a sentence");

  // What can be refunded of an order that was picked up at noon: two lattes, a free cup and an Americano.
  const noon = Date.parse("2026-03-02T12:00:00Z"),
    piece = (line, qty, amount, out = 0) => ({ line, qty, refunded_qty: out, price: { amount, currency: "KRW" }, total: { amount: qty * amount, currency: "KRW" } });
  const over = {
    status: "picked_up", total: { amount: 9000, currency: "KRW" }, refund: null, refunds: [],
    items: [piece(1, 2, 3500), piece(2, 1, 0), piece(3, 1, 2000)],
    timeline: [
      { status: "picked_up", at: "2026-03-02T12:00:00Z", actor: "mina" },
      { status: "picked_up", at: "2026-03-02T13:00:00Z", actor: "jun", note: "refund" },
    ],
  };
  const refund = (amount, status) => ({ refund: 1, amount, status, currency: "KRW", lines: [], at: "2026-03-02T13:00:00Z" });
  const some = { ...over, refund: { status: "refunded" }, refunds: [refund(6000, "refunded")] };
  equal([refunds.kept(over), refunds.kept(some), refunds.back(some), refunds.back(some, "pending")], [9000, 3000, 6000, 0], "what is left");
  equal(refunds.refundable(over).map(({ line }) => line), [1, 3], "lines that have cost something");
  equal(refunds.refundable({ ...over, items: [piece(1, 2, 3500, 2)] }), [], "a line that has gone back");
  equal(refunds.worth(over, [{ line: 1, qty: 2 }, { line: 3, qty: 1 }]), { amount: 9000, points: 0 }, "all of it");
  equal(refunds.worth(some, [{ line: 1, qty: 1 }]), { amount: 3000, points: 0 }, "never more than is left");
  const paid = { ...over, discounts: [{ kind: "points", amount: 3500, points: 3500 }], items: [{ ...piece(1, 2, 3500), paid: { amount: 3500, currency: "KRW" }, points: 3500 }] };
  equal(refunds.worth(paid, [{ line: 1, qty: 1 }]), { amount: 1750, points: 1750 }, "money and points in proportion");
  equal(refunds.actorOf(some, some.refunds[0]), "jun", "who has refunded");
  const days = (n) => noon + n * 86_400_000;
  for (const [change, at, want] of [
    [{}, days(30), ""], [{}, days(30) + 1, "old"], [{ status: "unclaimed" }, days(1), ""], [{ status: "ready" }, days(1), "open"],
    [{ status: "cancelled" }, days(1), "undone"], [{ status: "payment_failed" }, days(1), "unpaid"],
    [{ refund: { status: "pending" } }, days(1), "pending"], [{ total: { amount: 0 } }, days(1), "free"],
    [{ refunds: [refund(9000, "refunded")] }, days(1), "nothing"],
  ]) equal(refunds.obstacle({ ...over, ...change }, at), want, `an obstacle for ${JSON.stringify(change)}`);
  equal([refunds.same(over, { ...over, items: [] }), refunds.same(over, some)], [true, false], "the same for a refund");
  for (const [text, want] of [
    ["a27", { number: "A-27" }], [" AA - 7 ", { number: "AA-7" }], ["Ａ－２７", { number: "A-27" }], ["", {}], ["27", { unknown: "27" }],
    ["https://cafe.example/o/ord_mfrgg3?lang=ko", { id: "ord_mfrgg3" }], ["ord_a1", { id: "ord_a1" }], ["A-100", { unknown: "A-100" }],
  ]) equal(refunds.soughtOf(text), want, `what is looked for by "${text}"`);
  return wrong;
})()

// Ordering the same again.

import { cartLines, keepLines, withLine } from "./cart.js";
import { passing } from "./core.js";

// orderAgain puts the lines of an order into the cart, beside what is in it already, with the note of the
// order, and goes there. They come as they were: what is gone or costs something else is said of each.
export function orderAgain(order, language) {
  const before = cartLines();
  let all = before,
    everything = true;
  for (const { product, qty, options, note, names, price } of order.items) {
    const made = options.map((o) => ({ group: o.group, option: o.option, qty: o.qty, name: o.names[language] }));
    // A line of the time before options says nothing of them: it is made as the product comes.
    const chosen = options.length ? made : undefined;
    const { lines, fits } = withLine(all, { product, qty, options: chosen, note, name: names[language], price });
    all = lines;
    everything &&= fits;
  }
  keepLines(all);
  keepNote(order.note ?? "");
  if (!everything) passing.set("added", "cart.most");
  else if (before.length) passing.set("added", "cart.added");
  location.assign("/#cart");
}

// keepNote has the note beside what was typed already for the order that is being made up.
function keepNote(note) {
  const details = passing.get("details") ?? {};
  const typed = (details.note ?? "").trim();
  if (note && !typed.includes(note))
    passing.set("details", { ...details, note: [typed, note].filter(Boolean).join(" · ") });
}

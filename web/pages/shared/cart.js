// The cart: lines that are told apart by how they are made, kept in this browser for all of
// its tabs. A line is {product, qty, options: [{group, option, qty, name}], note, name, price}:
// its names and its price are what was last seen of it.

import { saved } from "./core.js";

// mostPieces is how many of one line can be ordered.
export const mostPieces = 99;

// keyOf is alike for lines that are made alike: the same product, options and note.
export function keyOf({ product, options = [], note = "" }) {
  return JSON.stringify([product, options.map((o) => `${o.group}/${o.option}/${o.qty}`).sort(), note ?? ""]);
}

// cartLines returns the lines. A cart of an earlier release has only products with their
// quantities: such a line has no options yet.
export function cartLines() {
  const kept = saved.get("cart") ?? [];
  return Array.isArray(kept) ? kept : Object.entries(kept).map(([product, qty]) => ({ product, qty }));
}

export function keepLines(lines) {
  const left = lines.filter((line) => line.qty > 0);
  if (left.length) saved.set("cart", left);
  else saved.remove("cart");
}

// withLine returns the lines with one more, at that place, and whether all of it fits: an
// equal line gets its pieces.
export function withLine(lines, line, place = lines.length) {
  const key = keyOf(line);
  const equal = lines.find((l) => keyOf(l) === key);
  const qty = (equal?.qty ?? 0) + line.qty;
  const made = { ...line, qty: Math.min(qty, mostPieces) };
  return {
    lines: equal ? lines.map((l) => (l === equal ? made : l)) : [...lines.slice(0, place), made, ...lines.slice(place)],
    fits: qty <= mostPieces,
  };
}

// takeOut takes what was ordered out of the cart, line by line. What another tab has put in
// since stays. What was asked for without options was in the cart without them, too.
export function takeOut(items) {
  const lines = cartLines();
  for (const item of items) {
    const line =
      lines.find((l) => keyOf(l) === keyOf(item)) ?? (!item.options && lines.find((l) => l.product === item.product));
    if (line) line.qty -= item.qty;
  }
  keepLines(lines);
}

// mostKept is for how many products this browser keeps how they were ordered last, and keptFor how long: as
// long as the server keeps what a guest has left.
const mostKept = 50,
  keptFor = 30 * 86_400_000;

// usualOptions returns [product, options, when] of what was ordered last.
export const usualOptions = () => (saved.get("usual") ?? []).filter(([, , at]) => Date.now() - at < keptFor);

// remember keeps how each product was ordered last, to be offered again.
export function remember(items) {
  const usual = new Map(usualOptions().map((entry) => [entry[0], entry]));
  for (const { product, options } of items) {
    if (!options) continue;
    usual.delete(product);
    usual.set(product, [product, options, Date.now()]);
  }
  saved.set("usual", [...usual.values()].slice(-mostKept));
}

// forgetOrders drops what this browser keeps of orders that were placed.
export function forgetOrders() {
  saved.remove("usual");
  saved.remove("recent");
}

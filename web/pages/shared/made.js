// How a line is made, in words: the same in the cart and in an order.

import { money } from "./core.js";

// extra is what something costs on top: "+₩500", or nothing.
export const extra = ({ amount, currency }) => (amount > 0 ? "+" : "") + (amount ? money({ amount, currency }) : "");

// optionText is one option with how many of it there are and what they cost on top.
export function optionText({ name, qty, price }) {
  const more = price && extra({ ...price, amount: price.amount * qty });
  return name + (qty > 1 ? ` × ${qty}` : "") + (more ? ` (${more})` : "");
}

export const madeText = (options) => options.map(optionText).join(" · ");

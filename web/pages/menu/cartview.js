// The cart as it is shown: line by line, with what of it cannot be ordered or has a new price.

import { cartLines, keepLines, keyOf, mostPieces } from "./cart.js";
import { viewLine } from "./choices.js";
import { $, arrange, money, say, t } from "./core.js";
import { madeText, optionText } from "./made.js";

const list = $("#lines"),
  rows = new Map(); // by the line's key
let blamed = {};

// blame says beside a line what the server has against it. Without a line nothing is said any more.
export function blame(line, text) {
  blamed = line ? { key: keyOf(line), text } : {};
}

const priceChange = ({ name, before, price }) =>
  before && t("cart.price_changed", { name, before: money(before), now: money(price) });

// showCart shows the cart as it is on this menu, and returns its lines as they are shown, and
// what those cost that can be ordered. edit is called with a line that is to be made otherwise;
// changed, when the cart has changed.
export function showCart(menu, { edit, changed }) {
  const views = cartLines().map((line) => viewLine(menu, line));
  const keys = views.map((view) => view.key);
  for (const key of rows.keys()) if (!keys.includes(key)) rows.delete(key);
  const shown = views.map((view) => {
    if (!rows.has(view.key)) rows.set(view.key, makeRow(view.key, { edit, changed }));
    const row = rows.get(view.key);
    showLine(row, view, distinctName(view, views));
    return row.root;
  });
  arrange(list, shown);
  const good = views.filter((view) => !view.faults.length);
  say($("#gone"), held(views));
  say($("#changed"), views.map(priceChange).filter(Boolean).join(" "));
  const currency = good[0]?.price.currency ?? menu.items[0]?.price.currency ?? "KRW";
  return {
    views,
    pieces: good.reduce((sum, { line }) => sum + line.qty, 0),
    total: { amount: good.reduce((sum, view) => sum + view.total.amount, 0), currency },
  };
}

// distinctName is what a line is called by its buttons: with what other lines of its product do not have.
function distinctName(view, views) {
  const parts = ({ options, line }) => [...options.map(({ name, qty }) => optionText({ name, qty })), line.note];
  const others = views.filter((other) => other !== view && other.line.product === view.line.product).map(parts);
  const own = parts(view).filter((part) => part && others.some((other) => !other.includes(part)));
  return [view.name, ...own].join(", ");
}

// held says which lines hold up the order, and why.
function held(views) {
  const names = views
    .filter((view) => view.faults.length)
    .map((view) => `${view.name} (${view.faults.join(", ")})`)
    .join(", ");
  return names && t("cart.held", { names });
}

function makeRow(key, { edit, changed }) {
  const root = $("#line").content.firstElementChild.cloneNode(true);
  const part = Object.fromEntries(
    ["what", "sum", "remove", "made", "wish", "problem", "stepper", "less", "more", "edit"].map((name) => [
      name,
      $(`.${name}`, root),
    ]),
  );
  const step = (by) => () => changeQty(key, by, changed);
  part.less.addEventListener("click", step(-1));
  part.more.addEventListener("click", step(1));
  part.remove.addEventListener("click", step(-Infinity));
  part.edit.addEventListener("click", () =>
    edit(
      cartLines().find((line) => keyOf(line) === key),
      key,
    ),
  );
  return { root, ...part };
}

function showLine(row, view, name) {
  const { key, line, item, options, total, faults } = view;
  row.view = view;
  row.root.toggleAttribute("data-held", faults.length > 0);
  row.root.toggleAttribute("data-sold-out", !item?.available);
  row.what.textContent = `${view.name} × ${line.qty}`;
  row.sum.textContent = total && item.available ? money(total) : "";
  say(row.made, madeText(options));
  say(row.wish, line.note ? `“${line.note}”` : "");
  say(row.problem, [...faults, blamed.key === key && !faults.length && blamed.text].filter(Boolean).join(", "));
  row.stepper.hidden = row.edit.hidden = !item?.available;
  const label = (button, text) => button.setAttribute("aria-label", t(text, { name }));
  label(row.stepper, "cart.quantity");
  label(row.less, "cart.less");
  label(row.more, "cart.more");
  label(row.remove, "cart.remove_one");
  label(row.edit, "cart.change_one");
}

// changeQty adds to a line's pieces or takes some away; one without any is removed, and the focus
// goes on to what comes next. What it costs now has been seen by then.
function changeQty(key, by, changed) {
  const lines = cartLines(),
    at = lines.findIndex((line) => keyOf(line) === key);
  if (at < 0) return changed(""); // another tab was faster
  const line = lines[at];
  line.qty = Math.min(Math.max(line.qty + by, 0), mostPieces);
  line.price = rows.get(key).view.price ?? line.price;
  keepLines(lines);
  changed(line.qty ? $(".what", rows.get(key).root).textContent : "");
  if (line.qty) return;
  const next = list.children[Math.min(at, list.children.length - 1)];
  (next ? $(".remove", next) : $("#cart-title")).focus();
}

// focusLine leads to the line: to what can be done about it.
export function focusLine(line) {
  const row = rows.get(keyOf(line));
  if (row) (row.edit.hidden ? row.remove : row.edit).focus();
}

// What an order costs: what its lines come to, what a coupon and points take off, and what is left to pay.

import { arrange, h, language, money, t } from "./core.js";

export const counted = (points) => points.toLocaleString(language);

// nameOf is what a discount is called.
function nameOf({ kind, code, points = 0 }) {
  return t(`bill.${kind}`, { code: code ?? "", count: points, points: counted(points) });
}

// billRows returns what stands above the total, each with its amount; nothing of an order without discounts.
export function billRows({ subtotal, discounts }) {
  if (!discounts?.length) return [];
  return [
    [t("bill.subtotal"), subtotal],
    ...discounts.map((discount) => [nameOf(discount), { amount: -discount.amount, currency: discount.currency }]),
  ];
}

// showBill shows the rows in a list of definitions.
export function showBill(list, bill) {
  const rows = billRows(bill);
  list.hidden = rows.length === 0;
  arrange(
    list,
    rows.map(([name, amount]) => h("div", {}, h("dt", {}, name), h("dd", {}, money(amount)))),
  );
}

// spentPoints is how many points the order is paid with.
export const spentPoints = ({ discounts = [] }) => discounts.reduce((sum, { points = 0 }) => sum + points, 0);

// pointsBack is how many of them have gone back, or are on their way; with a status, of the refunds of that status.
export const pointsBack = ({ refunds }, status) =>
  refunds.filter((r) => !status || r.status === status).reduce((sum, { points = 0 }) => sum + points, 0);

// moneyAndPoints writes an amount of money with points: whichever of them there is.
export function moneyAndPoints(amount, points) {
  if (!points) return money(amount);
  const values = { amount: money(amount), count: points, points: counted(points) };
  return amount.amount === 0 ? t("bill.only_points", values) : t("bill.with_points", values);
}

// share is what so many more pieces of a line are of what all of it has cost: all of them add up to that.
function share(whole, { qty, refunded_qty: out }, pieces) {
  const of = (some) => (BigInt(whole) * BigInt(some)) / BigInt(qty);
  return Number(of(out + pieces) - of(out));
}

// costOf returns what pieces [{line, qty}] of an order have cost, in money and points.
export function costOf(order, pieces) {
  const cost = { amount: 0, points: 0 };
  for (const { line, qty } of pieces) {
    const item = order.items.find((one) => one.line === line);
    cost.amount += share((item.paid ?? item.total).amount, item, qty);
    cost.points += share(item.points ?? 0, item, qty);
  }
  return cost;
}

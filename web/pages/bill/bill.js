// What an order costs: what its lines come to, what a coupon and points take off, and what is left to pay.

import { arrange, h, language, money, t } from "./core.js";

export { costOf, pointsBack, spentPoints } from "./shares.js";

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

// moneyAndPoints writes an amount of money with points: whichever of them there is.
export function moneyAndPoints(amount, points) {
  if (!points) return money(amount);
  const values = { amount: money(amount), count: points, points: counted(points) };
  return amount.amount === 0 ? t("bill.only_points", values) : t("bill.with_points", values);
}

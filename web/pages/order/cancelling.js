// Cancelling an order: what it gives back is shown before it is confirmed, and stays true while it is.

import { moneyAndPoints, pointsBack, spentPoints } from "./bill.js";
import { $, say, t } from "./core.js";
import { paymentOpen } from "./payment.js";

const dialog = $("#sure"),
  notice = $("#notice");

export const cancellable = ({ status }) => status === "paid" || status === "payment_pending";

// goesBack says how much goes back when the order is cancelled now: what is left of what was paid.
function goesBack(order) {
  if (order.status === "payment_pending") {
    const values = { amount: moneyAndPoints(order.total, spentPoints(order)) };
    return paymentOpen(order) === "to_pay" ? t("order.sure_to_pay", values) : t("order.sure_open", values);
  }
  const before = pointsBack(order),
    left = { ...order.total, amount: order.total.amount - (order.refund?.amount ?? 0) };
  const amount = moneyAndPoints(left, spentPoints(order) - before);
  if (!order.refund) return t("order.sure_all", { amount });
  return t("order.sure_rest", { amount, before: moneyAndPoints(order.refund, before) });
}

// askWhether asks whether the order is to be cancelled.
export function askWhether(order) {
  say(notice, "");
  say($("#sure-why"), goesBack(order));
  dialog.showModal();
}

// keepTrue keeps the open question in line with the order. When it cannot be cancelled any more there is nothing to
// ask: what the store has done meanwhile is said instead.
export function keepTrue(order) {
  if (!dialog.open) return;
  if (cancellable(order)) return say($("#sure-why"), goesBack(order));
  dialog.close();
  const byTheStore = ["accepted", "ready", "picked_up", "rejected"].includes(order.status);
  say(notice, byTheStore ? t("order.too_late", { status: t(`status.${order.status}`) }) : "");
  (notice.hidden ? $("#headline") : notice).focus();
}

$("#keep").addEventListener("click", () => dialog.close());

// whenSure calls back once the question is answered with yes.
export function whenSure(callback) {
  $("#really").addEventListener("click", () => {
    dialog.close();
    callback();
  });
}

// Paying on the provider's page: what is known of it, the way there, and what happens when the customer is back.

import { clock, now } from "./clock.js";
import { $, call, money, pause, t } from "./core.js";
import { showSeller } from "./seller.js";

// A customer who has just come back may have paid: for so long nobody says otherwise.
const checkFor = 4000;
let checking = false,
  seller = null;

const left = (action) => Date.parse(action.expires_at) - now();

// actionOf returns what there is to do on the provider's page; nothing for an order that does not wait for it.
export function actionOf({ status, payment_action: action }) {
  return status === "payment_pending" && action?.url ? action : null;
}

// paymentOpen says which of the sentences is true of a payment that is open: "pending" while nobody knows.
export function paymentOpen(order) {
  const action = actionOf(order);
  if (!action || checking) return "pending";
  return left(action) > 0 ? "to_pay" : "time_up";
}

// paymentHeadline and paymentMoney are what is known of a payment that is open, and of the money.
export function paymentHeadline(order) {
  const state = paymentOpen(order);
  if (state === "pending") return t("order.payment_pending");
  return t(`order.${state}`, { time: clock(order.payment_action.expires_at) });
}
export const paymentMoney = (order) => t(paymentOpen(order) === "to_pay" ? "money.to_pay" : "money.open");

// showPayment shows the way to the provider's page, while it can be paid there.
export function showPayment(order) {
  const open = paymentOpen(order) === "to_pay";
  $("#pay").hidden = !open;
  if (!open) return;
  $("#pay-now").href = order.payment_action.url;
  $("#pay-now").textContent = t("order.pay_now", { total: money(order.total) });
  if (seller === order.store) return;
  seller = order.store;
  showSeller($("#seller"), order.store);
}

// askForPayment has the provider asked whether the customer has paid meanwhile, and shows that it is.
export async function askForPayment(id, show) {
  if (checking) return;
  checking = true;
  show();
  try {
    await call("POST", `/orders/${id}/payment`, { body: {} });
  } catch {
    /* the order looks by itself, and what it finds comes by its stream */
  }
  await pause(checkFor);
  checking = false;
  show();
}

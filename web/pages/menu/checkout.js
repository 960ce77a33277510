// The form below the cart, and the one press that orders. It is loaded with the cart's first line: whoever only looks
// needs none of it.

import { showBill } from "./bill.js";
import { cartLines } from "./cart.js";
import { blame, focusLine } from "./cartview.js";
import { findItem, groupsOf, priceOf } from "./choices.js";
import { $, explain, forget, language, money, passing, saved, say, t } from "./core.js";
import { startCoupon } from "./couponpart.js";
import { clearFieldErrors, showFieldError } from "./forms.js";
import { begin, finish } from "./placing.js";
import { followMember, readAgain, startPoints } from "./pointspart.js";
import { billOf, refuseSavings, savingsBody, startSavings } from "./savings.js";
import { showSeller } from "./seller.js";
import { canBeHad, pickupAt, refusedSlot, showPicker, startPicker, wantsTime } from "./slotpicker.js";

export { blame, focusLine, showCart } from "./cartview.js";

const form = $("#checkout"),
  button = $("#order"),
  notice = $("#notice");
let placing = false,
  seller = null, // the store whose owner is named
  shop = null; // {menu, show, lookAgain, store, orderText, closedText}

// startCheckout has the form work: on the menu that shop.menu returns. shop.show shows the page
// anew, and shop.lookAgain loads the menu anew. shop.store returns which of several stores is to
// make the order, and the button says what shop.orderText and shop.closedText return.
export function startCheckout(given) {
  shop = given;
  startSavings({ body: pricedBody, changed: shop.show, lookAgain: shop.lookAgain });
  startCoupon();
  startPoints(pricedBody);
  fillIn();
  startPicker(shop.show);
  const added = passing.get("added");
  if (added) say(notice, t(added));
  passing.remove("added");
}

// resumeOrder goes on with an order that has no answer yet, where there is one. Whoever has been on its page and leaves
// that for the menu wants the menu.
export function resumeOrder() {
  const waiting = saved.get("attempt");
  if (!waiting) return;
  if (!waiting.id) return order(waiting);
  if (passing.get("led") === waiting.id) return;
  passing.set("led", waiting.id);
  location.assign(`/o/${waiting.id}`);
}

// showCheckout shows what the cart costs, and whether it can be ordered.
export function showCheckout({ views, pieces, total: sum }) {
  const { open } = shop.menu();
  $("#empty").hidden = views.length > 0;
  form.hidden = views.length === 0;
  const orderable = pieces > 0 && views.every((view) => !view.faults.length),
    bill = orderable ? billOf(sum) : { subtotal: sum, discounts: [], total: sum, sure: true },
    { total, sure } = bill;
  showBill($("#bill"), bill);
  $("#total").textContent = sure ? money(total) : t("cart.reckoning");
  if (views.length && seller !== (shop.store() || "main")) {
    seller = shop.store() || "main";
    showSeller($("#seller"), seller);
  }
  $("#bar").hidden = pieces === 0;
  $("#bar-text").textContent = t("cart.bar", { count: pieces, total: money(total) });
  button.disabled = placing || !canBeHad(open) || !orderable || !sure;
  $("#order-text").textContent = placing ? t("cart.ordering") : orderText(open, total, sure);
  for (const field of form.elements) if (field !== button && field.id !== "stop") field.disabled = placing;
  const { wait_minutes: minutes } = shop.menu();
  say($("#cart-wait"), minutes && !pickupAt() && !wantsTime() ? t("cart.wait", { minutes }) : "");
  showPicker({ slug: shop.store() || "main", open, pieces, placing });
}

function orderText(open, total, sure) {
  if (wantsTime()) return t("cart.pick_time");
  if (!canBeHad(open)) return shop.closedText();
  return sure ? shop.orderText(money(total)) : t("cart.reckoning");
}

// pricedBody returns what the order costs by: the body of a quote, and what the order's own begins with. Whatever else
// changes the price or the time belongs here.
function pricedBody() {
  const menu = shop.menu(),
    store = shop.store(),
    body = { ...(store && { store }), language };
  body.items = cartLines().map(({ product, qty, options, note }) => ({
    product,
    qty,
    options: options.map((o) => ({ group: o.group, option: o.option, qty: o.qty })),
    ...(note && { note }),
    price: price(menu, product, options),
  }));
  return Object.assign(body, savingsBody(form.elements.membership_number.value.trim()));
}

// request returns the body of the order, with the prices that are shown.
function request() {
  const data = new FormData(form),
    body = pricedBody();
  for (const name of ["phone", "membership_number", "payment_method", "note"]) {
    const value = (data.get(name) ?? "").trim();
    if (value) body[name] ??= value;
  }
  if (pickupAt()) body.pickup_at = pickupAt();
  return body;
}

function price(menu, product, options) {
  const item = findItem(menu, product);
  return priceOf(item, groupsOf(menu, item), options);
}

// kept says what to do with the cart after an order that could not be paid.
const kept = (problem) =>
  ({ payment_declined: t("cart.kept"), payment_unavailable: t("cart.kept_for_later") })[problem.code];

// sameOrder reports whether two requests are for the same drinks of the same store, and say the same of the customer.
const said = ["store", "items", "coupon", "points", "pickup_at", "phone", "membership_number", "note"];
const sameOrder = (a, b) => said.every((k) => JSON.stringify(a[k]) === JSON.stringify(b[k]));

// order places the attempt's order, and leads to its payment. An earlier one than what is in the cart is shown first.
async function order(attempt, earlier = false) {
  let stop = false;
  placing = true;
  say(notice, "");
  blame(null);
  shop.show();
  $("#stop").onclick = () => {
    stop = true;
  };
  try {
    const placed = await finish(
      attempt,
      (problem, unsure) => {
        say(notice, t(unsure ? "cart.unsure" : "cart.trying", { problem: explain(problem) }));
        $("#stop").hidden = unsure;
      },
      () => stop,
    );
    location.assign((!earlier && placed.payment_action?.url) || `/o/${placed.id}`);
  } catch (problem) {
    if (["price_changed", "sold_out", "store_closed", "invalid_field"].includes(problem.code)) await shop.lookAgain();
    placing = false;
    $("#stop").hidden = true;
    refused(problem, attempt.body.items);
  }
}

// refused says why there is no order: beside the line or the field that is to blame, where one is.
function refused(problem, items) {
  const line = items[/^items\[(\d+)\]/.exec(problem.field)?.[1]];
  blame(line, explain(problem));
  if (refusedSlot(problem, explain(problem))) return;
  say(notice, [explain(problem), kept(problem)].filter(Boolean).join(" "));
  shop.show();
  if (line) return focusLine(line);
  if (refuseSavings(problem)) {
    say(notice, "");
    readAgain();
    return $(problem.field === "coupon" ? "#coupon" : "#points").focus();
  }
  const field = problem.field && form.elements[problem.field];
  if (!field) return button.focus();
  say(notice, "");
  showFieldError(field, explain(problem));
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (placing || button.disabled) return;
  clearFieldErrors(form);
  const body = request(),
    attempt = begin(body),
    earlier = !sameOrder(attempt.body, body);
  order(attempt, earlier);
  if (earlier) say(notice, t("cart.earlier"));
});
form.addEventListener("input", () => passing.set("details", Object.fromEntries(new FormData(form))));
addEventListener("storage", (event) => {
  if (event.key === "cafeforme.member") changeMember();
});

// The bar leads to the button, and is in its way when it is there.
new IntersectionObserver(([seen]) => $("#bar").classList.toggle("there", seen.isIntersecting)).observe(button);

// fillIn writes back what was typed before the page was reloaded, or its language
// changed.
function fillIn() {
  const details = { membership_number: saved.get("member")?.number ?? "", ...passing.get("details") };
  for (const [name, value] of Object.entries(details))
    if (form.elements[name] && form.elements[name].type !== "hidden") form.elements[name].value = value;
  const method = form.elements.payment_method;
  if (method?.selectedIndex === -1) method.selectedIndex = 0; // one that is not offered any more
}

// changeMember follows another tab, where somebody has signed in or out. Who signs
// out leaves nothing behind.
function changeMember() {
  followMember();
  if (saved.get("member")) forget("membership_number");
  else {
    passing.remove("details");
    form.reset();
  }
  fillIn();
}

// One order on the board: what is to be made of it, how long it has waited, and its buttons.

import { adjustable } from "./adjustform.js";
import { now } from "./clock.js";
import { clock, h, language, say, t } from "./core.js";
import { dayAndClock } from "./hours.js";

// listOf is the list that an order is in: its status, and "later" for one that is paid and not due yet.
export const listOf = ({ status, pickup_at: at, offered_at: offered }) =>
  status === "paid" && at && !offered ? "later" : status;

// placed is what the orders of a list are sorted by: since when the store has them, and when those are due that it
// has not yet.
export const placed = (order) =>
  listOf(order) === "later"
    ? Date.parse(order.pickup_at)
    : new Date(order.offered_at ?? order.timeline.find((e) => e.status === "paid")?.at ?? order.placed_at).getTime();

const accepting = (order) =>
  new Date(order.timeline.findLast((e) => e.status === "accepted" && !e.note)?.at ?? 0).getTime();
const due = (order) =>
  order.status === "accepted" && order.eta_minutes ? accepting(order) + order.eta_minutes * 60_000 : 0;

// late: the customer waits for an answer, or for longer than was promised.
function late(order) {
  if (listOf(order) === "later") return false;
  if (order.status === "paid") return now() - placed(order) > 5 * 60_000;
  return due(order) > 0 && now() > Math.max(due(order), Date.parse(order.pickup_at ?? 0));
}

function age(order) {
  if (listOf(order) === "later") return "";
  const minutes = Math.max(0, Math.floor((now() - placed(order)) / 60_000));
  return minutes < 60
    ? t("board.minutes", { minutes })
    : t("board.hours", { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
}

// buttons returns what the staff can do with the order: act gives a command, askReason asks why
// it is to be rejected, leaveOut what of it cannot be made.
function buttons(order, { act, askReason, leaveOut }) {
  const press = (label, command, body, kind) =>
    h(
      "button",
      { type: "button", class: kind, "data-command": command, click: () => act(order.id, command, body) },
      label,
    );
  const reject = h(
    "button",
    { type: "button", class: "quiet", "data-command": "reject", click: () => askReason(order.id) },
    t("board.reject"),
  );
  const adjust =
    adjustable(order) &&
    h(
      "button",
      { type: "button", class: "quiet", "data-command": "adjust", click: () => leaveOut(order) },
      t("board.adjust"),
    );
  switch (listOf(order)) {
    case "later":
      return [adjust, reject];
    case "paid":
      return [
        h("span", { class: "label" }, t("board.accept")),
        ...[5, 10, 15].map((minutes) => {
          const button = press(minutes, "accept", { eta_minutes: minutes }, "primary");
          button.setAttribute("aria-label", t("board.accept_in", { minutes }));
          return button;
        }),
        reject,
      ];
    case "accepted":
      return [press(t("board.ready"), "ready", {}, "primary wide"), adjust, reject];
    default:
      return [press(t("board.pick_up"), "pick-up", {}, "primary wide")];
  }
}

const times = (qty) => (qty > 1 ? `${qty} × ` : "");

// showLine is a line as whoever makes it reads it: what differs from how the product comes is
// large, one to a line and marked; what it comes with stands small beside the name.
// What is left out of it is struck.
function showLine({ names, qty, refunded_qty: out, options, note }) {
  const usual = options.filter((o) => o.default).map((o) => o.names[language]);
  const chosen = options.filter((o) => !o.default);
  return h(
    "li",
    { "data-out": out === qty || null },
    out > 0 && h("s", { class: "out" }, `${qty} ×`),
    out < qty && h("b", { class: "qty" }, `${qty - out} ×`),
    h("span", { class: "name" }, ` ${names[language]}`),
    usual.length > 0 && h("small", { class: "usual" }, ` ${usual.join(" · ")}`),
    chosen.length > 0 &&
      h("ul", { class: "chosen" }, ...chosen.map((o) => h("li", {}, `▸ ${times(o.qty)}${o.names[language]}`))),
    note && h("p", { class: "note" }, note),
  );
}

// makeCard makes the card of an order, which has nothing on it yet.
export function makeCard(order, acts) {
  const time = h("span", { class: "age" });
  const number = h("strong", { class: "number" }),
    eta = h("span", { class: "eta" });
  const items = h("ul", { class: "lines" }),
    note = h("p", { class: "note" }),
    actions = h("div", { class: "actions" });
  const root = h(
    "li",
    { class: "ticket", tabindex: "-1", "data-id": order.id },
    h("div", { class: "head" }, number, eta, time),
    items,
    note,
    actions,
  );
  return { root, time, number, eta, items, note, actions, acts, shown: "" };
}

// until says when the order is picked up, where that was ordered or promised.
function until(order) {
  if (order.pickup_at) return t("board.for", { time: dayAndClock(order.pickup_at) });
  return due(order) ? t("board.due", { time: clock(due(order)) }) : "";
}

// showCard brings the card up to date with the order.
export function showCard(card, order) {
  const shown = JSON.stringify([listOf(order), order.pickup_number, order.refunds.length, until(order)]);
  if (card.shown !== shown) {
    card.number.textContent = order.pickup_number ?? "…";
    card.eta.textContent = until(order);
    card.items.replaceChildren(...order.items.map(showLine));
    say(card.note, order.note ?? "");
    card.actions.replaceChildren(...buttons(order, card.acts).filter(Boolean));
    const status = t(listOf(order) === "later" ? "board.later" : `status.${order.status}`);
    card.root.setAttribute("aria-label", t("board.card", { number: order.pickup_number ?? "", status }));
    card.shown = shown;
  }
  card.time.textContent = age(order);
  card.time.dataset.late = late(order);
}

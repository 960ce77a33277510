// One order: its number, how far it is, its money, its past, live.

import { orderAgain } from "./again.js";
import { counted, moneyAndPoints, pointsBack, showBill, spentPoints } from "./bill.js";
import { askWhether, cancellable, keepTrue, whenSure } from "./cancelling.js";
import { now as serverTime } from "./clock.js";
import {
  $,
  call,
  clock,
  connection,
  explain,
  h,
  has,
  language,
  later,
  money,
  passing,
  pause,
  saved,
  say,
  t,
  when,
} from "./core.js";
import { expectedAt } from "./expected.js";
import { madeText } from "./made.js";
import { actionOf, askForPayment, paymentHeadline, paymentMoney, showPayment } from "./payment.js";
import { finish, settle } from "./placing.js";
import { follow } from "./follow.js";
import { showTitle } from "./title.js";

const id = location.pathname.split("/").pop();
const steps = ["paid", "accepted", "ready", "picked_up"];
const page = $("#main"),
  notice = $("#notice");
let order = null,
  seen = null,
  asking = false,
  asked = false, // for a payment on the provider's page
  place = null, // the store, where there are several
  changes = 0;

const entry = (status) => order.timeline.findLast((e) => e.status === status && !e.note);
const ended = () => !["payment_pending", "paid", "accepted", "ready"].includes(order.status);

// waits: it is for later, and the store does not have it yet.
const waits = () => order.status === "paid" && order.pickup_at && !order.offered_at;

// pickup says when an order for later is picked up, beside what the headline says.
function pickup() {
  if (waits()) return t("order.later_why");
  return order.pickup_at ? t("order.pickup", { time: when(order.pickup_at) }) : "";
}

// promisedAt is when the store has said that an accepted order is ready; 0 when it has not.
function promisedAt() {
  if (order.status !== "accepted") return 0;
  if (order.pickup_at) return Date.parse(order.pickup_at);
  return order.eta_minutes ? new Date(entry("accepted").at).getTime() + order.eta_minutes * 60_000 : 0;
}

const late = () => promisedAt() > 0 && serverTime() - promisedAt() >= 60_000;

function headline() {
  if (order.status === "payment_pending") return paymentHeadline(order);
  const failure = order.failure_code && `order.${order.failure_code.split("/")[0]}`;
  if (failure && has(failure)) return t(failure);
  if (waits()) return t("order.later", { time: when(order.pickup_at) });
  if (late()) return t("order.late", { time: order.pickup_at ? when(order.pickup_at) : clock(promisedAt()) });
  if (order.status === "accepted" && order.pickup_at) return t("order.accepted_for", { time: when(order.pickup_at) });
  const due = promisedAt();
  if (!due) return t(`order.${order.status}`);
  const left = (due - serverTime()) / 60_000;
  return left > 0 ? t("order.accepted_eta", { minutes: Math.ceil(left), time: clock(due) }) : t("order.accepted_soon");
}

// expected says how long the order is to take while the store has not accepted it, and the new time of one that is
// late. An order for later has its time.
function expected() {
  const unknown = order.status === "paid" && !order.pickup_at,
    due = unknown || late() ? expectedAt(order, show) : 0;
  if (!due) return "";
  return unknown
    ? t("order.expected", { minutes: Math.ceil((due - serverTime()) / 60_000) })
    : t("order.expected_by", { time: clock(due) });
}

function showSteps() {
  const made = steps.includes(order.status) || order.status === "payment_pending";
  $("#steps").hidden = !made;
  const reached = steps.indexOf(order.status);
  steps.forEach((status, i) => {
    const step = $(`#step-${status}`),
      at = entry(status)?.at;
    step.dataset.done = i <= reached;
    step.toggleAttribute("aria-current", i === reached);
    if (i === reached) step.setAttribute("aria-current", "step");
    $("time", step).textContent = at ? when(at) : "";
    $(".unseen", step).textContent = i <= reached ? t("order.done") : t("order.to_come");
  });
}

// goneBack says how much the refunds of a status add up to, in money and in points.
function goneBack(status) {
  const amount = order.refunds.filter((r) => r.status === status).reduce((sum, r) => sum + r.amount, 0),
    points = pointsBack(order, status);
  const back = () => moneyAndPoints({ amount, currency: order.refund.currency }, points);
  return (amount > 0 || points > 0) && t(`money.${status}`, { amount: back() });
}

function showMoney() {
  const refund = order.refund;
  const text = refund
    ? ["refunded", "pending"].map(goneBack).filter(Boolean).join(" ")
    : order.status === "payment_failed"
      ? t("money.nothing")
      : order.status === "payment_pending"
        ? paymentMoney(order)
        : t("money.paid", { amount: moneyAndPoints(order.total, spentPoints(order)) });
  say($("#money"), text);
  $("#money").dataset.refund = refund?.status ?? "";
  const { points: count } = order;
  say($("#points"), count > 0 ? t("money.points", { count, points: counted(count) }) : "");
}

// because is why something was done: a standard reason in the page's language, any
// other as it was written.
const because = (e) => (e.reason_code && has(`reason.${e.reason_code}`) ? t(`reason.${e.reason_code}`) : e.reason);

// line is what an entry of the timeline says; nothing for a note that has no sentence.
function line(e) {
  const key = e.note ? `note.${e.note}` : `timeline.${e.status}`;
  if (!has(key)) return null;
  return h(
    "li",
    {},
    h("time", { datetime: e.at }, when(e.at)),
    h(
      "span",
      {},
      t(key),
      (!e.note || e.note === "adjust" || e.note === "refund") && e.reason && h("q", {}, because(e)),
    ),
  );
}

// showLine is a line as it was ordered, in the page's language. All of one that is not made, or was refunded, is
// struck.
function showLine({ names, qty, refunded_qty: out, options, note, total }) {
  const made = madeText(options.map((o) => ({ ...o, name: o.names[language] })));
  const text = `${names[language]} × ${qty}`,
    key = ended() ? "order.refunded_qty" : "order.left_out";
  return h(
    "li",
    {},
    h(
      "span",
      { class: "what" },
      out === qty ? h("s", {}, text) : text,
      out > 0 && h("small", {}, ` ${t(key, { count: out })}`),
    ),
    h("span", { class: "sum" }, money(total)),
    made && h("p", { class: "made small" }, made),
    note && h("p", { class: "wish small" }, `“${note}”`),
  );
}

function numberLabel() {
  if (order.pickup_number) return t("order.number");
  if (order.status === "payment_pending") return t("order.number_later");
  return steps.includes(order.status) ? t("order.no_number") : "";
}

function show() {
  page.dataset.status = order.status;
  say($("#number"), order.pickup_number ?? (steps.includes(order.status) ? "–" : ""));
  say($("#number-label"), numberLabel());
  say($("#headline"), headline());
  say($("#pickup"), pickup());
  say($("#expected"), expected());
  const last = order.timeline.findLast((e) => e.reason && !e.note && e.status === order.status);
  say($("#reason"), last && order.status === "rejected" ? t("order.reason", { reason: because(last) }) : "");
  showPayment(order);
  showSteps();
  showMoney();
  $("#items").replaceChildren(...order.items.map(showLine));
  showBill($("#bill"), order);
  $("#total").textContent = money(order.total);
  say($("#note"), order.note ? t("order.note", { note: order.note }) : "");
  $("#timeline").replaceChildren(...order.timeline.map(line).filter(Boolean));
  $("#cancel").hidden = !cancellable(order);
  $("#cancel").disabled = asking;
  keepTrue(order);
  say($("#too-late"), order.status === "accepted" ? t("order.no_cancel") : "");
  $("#receipt").hidden = !entry("paid") && !order.refund; // money was taken
  $("#again").hidden = !ended() || order.status === "payment_failed"; // its cart is still there
  $("#leave").hidden = !ended();
  $("#leave").textContent = t(order.status === "payment_failed" ? "order.back_to_cart" : "order.menu");
  title();
  page.setAttribute("aria-busy", "false");
  $("#order").hidden = false;
  $("#waiting").hidden = true;
}

// title names the status only while that is sure.
function title() {
  const live = ["live", "ended"].includes(page.dataset.live) && t(`status.${order.status}`);
  showTitle(order.pickup_number, live, place?.name);
}

// ---- The store, where there are several.

const loadStore = "stores" in document.body.dataset && later("orderstore");
let locating = null;

// locate shows the store that makes the order. Its times are its clocks': they wait for it, but not for long.
async function locate({ store }) {
  locating ??= loadStore()
    .then(({ showStore }) => showStore(store))
    .then(
      (found) => {
        place = found;
        if (order) show();
      },
      () => (locating = null), // the next change of the order tries again
    );
  await Promise.race([locating, pause(2000)]);
}

async function arrive(now) {
  if (loadStore) await locate(now);
  receive(now);
}

// receive takes what the stream says: whatever comes later on it holds, even where
// it takes something back.
function receive(now) {
  changes++;
  order = now;
  seen = serverTime();
  if (now.status !== "payment_pending") {
    const attempt = saved.get("attempt");
    if (attempt?.id === id) settle(now, attempt);
  }
  show();
  if (actionOf(now) && !asked) lookForPayment();
}

// lookForPayment asks for a payment that the customer may have made since this page knew of none.
function lookForPayment() {
  asked = true;
  askForPayment(id, show);
}

// answered takes the answer to a request that began after so many changes. If there has
// been another since, the stream knows better.
function answered(now, before) {
  if (changes === before) receive(now);
}

// look asks once for the order, where there is no stream to tell of it.
async function look() {
  const before = changes;
  try {
    answered(await call("GET", `/orders/${id}`), before);
    showAge();
  } catch {
    /* the page says already that it is not live, and tries again */
  }
}

function showAge() {
  const lost = page.dataset.live === "lost";
  say($("#stale"), lost ? (seen ? t("order.stale", { time: when(seen) }) : t("order.away")) : "");
  if (lost && !seen) $("#waiting").hidden = true;
}

async function missing() {
  const attempt = saved.get("attempt");
  if (attempt?.id === id) {
    // its request was lost on the way: it is sent again
    try {
      const placed = await finish(attempt, (problem) => say(notice, explain(problem)));
      return placed.id === id ? start() : location.assign(`/o/${placed.id}`);
    } catch (problem) {
      say(notice, explain(problem));
    }
  }
  $("#waiting").hidden = true;
  $("#missing").hidden = false;
  $("#connection").hidden = true;
  page.setAttribute("aria-busy", "false");
  showTitle(t("order.missing"));
}

function start() {
  follow(
    `/orders/${id}/events`,
    { order: arrive },
    (state, refused) => {
      if (state === 404) return missing();
      connection(state);
      page.dataset.live = state;
      showAge();
      if (order) title();
      if (refused) look();
    },
    { rests: true },
  );
}

async function cancel() {
  const before = changes;
  asking = true;
  say(notice, "");
  show();
  try {
    const now = await call("POST", `/orders/${id}/cancel`, { body: {} });
    say(notice, now.status === "payment_pending" ? t("order.cancel_noted") : "");
    answered(now, before);
  } catch (problem) {
    say(
      notice,
      problem.code === "too_late"
        ? t("order.too_late", { status: t(`status.${problem.orderStatus}`) })
        : explain(problem),
    );
  }
  asking = false;
  show();
}

$("#cancel").addEventListener("click", () => askWhether(order));
whenSure(cancel);
$("#receipt").href = `/orders/${id}/receipt`;
setInterval(() => {
  if (order?.status === "accepted") say($("#headline"), headline());
  if (["paid", "accepted"].includes(order?.status)) say($("#expected"), expected());
  if (order && actionOf(order)) show(); // its time may be up
}, 5_000);
$(".brand").addEventListener("click", () => passing.set("led", id)); // who wants the menu is not led back here
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && order && actionOf(order)) lookForPayment();
});
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload(); // back from the provider's page
});
$("#again").addEventListener("click", () => {
  if (loadStore) saved.set("store", order.store); // where it was made
  orderAgain(order, language);
});

start();

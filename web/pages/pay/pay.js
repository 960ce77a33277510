// Paying in the window of Toss Payments: what is paid and to whom, the way into the window, and the way back from it.
// Nothing has moved when the customer comes back: the order's workflow confirms the payment.

import { $, call, clock, explain, h, language, money, pause, say, t } from "./core.js";
import { madeText } from "./made.js";
import { showSeller } from "./seller.js";

const id = location.pathname.split("/")[2];
const orderPage = `/o/${id}`;
const windowScript = "https://js.tosspayments.com/v2/standard";
const maxName = 100; // characters of the name of what is paid for
const button = $("#pay-now"),
  notice = $("#notice");
let order = null,
  loading = null, // of Toss's script
  failed = false;

const nameOf = (item) => item.names[language];

// orderName says what is paid for, as Toss shows it: the first item, and how many more there are.
function orderName() {
  const [first, ...others] = order.items;
  const name = others.length ? t("pay.name_more", { name: nameOf(first), count: others.length }) : nameOf(first);
  return [...name].slice(0, maxName).join("");
}

// loadWindow loads Toss's script, once it can be had.
function loadWindow() {
  loading ??= new Promise((resolve, reject) => {
    const load = () => resolve(globalThis.TossPayments);
    document.head.append(h("script", { src: windowScript, async: true, load, error: reject }));
  });
  loading.catch(() => (loading = null));
  return loading;
}

// openWindow leaves for Toss's window. Toss comes back to this page, with a payment or with what went wrong.
async function openWindow() {
  button.disabled = true;
  button.textContent = t("pay.opening");
  say(notice, "");
  let TossPayments;
  try {
    TossPayments = await loadWindow();
  } catch {
    return fail(t("pay.away"));
  }
  try {
    const here = location.origin + location.pathname;
    const { amount: value, currency } = order.total;
    await TossPayments(order.payment_action.publishable_key)
      .payment({ customerKey: TossPayments.ANONYMOUS })
      .requestPayment({
        method: "CARD",
        amount: { currency, value },
        orderId: id,
        orderName: orderName(),
        successUrl: here,
        failUrl: here,
        windowTarget: "self",
      });
  } catch (problem) {
    fail(problem.message || t("pay.away"));
  }
}

// What the window leads back with when nothing was paid. The words beside the code could be anybody's: they are part
// of the address.
const leftFor = {
  PAY_PROCESS_CANCELED: "left",
  USER_CANCEL: "left",
  PAY_PROCESS_ABORTED: "aborted",
  REJECT_CARD_COMPANY: "refused",
  REJECT_CARD_PAYMENT: "refused",
  REJECT_ACCOUNT_PAYMENT: "refused",
};

// leftWords says why the window was left, by its code.
function leftWords(code) {
  const reason = Object.hasOwn(leftFor, code) ? leftFor[code] : "not_paid";
  return t(`pay.${reason}`);
}

// fail shows what went wrong: of what the window itself says, in Toss's own words, which some payment methods demand.
function fail(words) {
  failed = true;
  say(notice, words);
  show();
}

function show() {
  $("#items").replaceChildren(
    ...order.items.map((item) => {
      const made = madeText(item.options.map((o) => ({ ...o, name: nameOf(o) })));
      return h(
        "li",
        {},
        h("span", { class: "what" }, `${nameOf(item)} × ${item.qty}`),
        h("span", { class: "sum" }, money(item.total)),
        made && h("p", { class: "made small" }, made),
      );
    }),
  );
  $("#total").textContent = money(order.total);
  $("#until").textContent = t("pay.until", { time: clock(order.payment_action.expires_at) });
  button.disabled = false;
  button.textContent = failed ? t("pay.again") : t("pay.now", { amount: money(order.total) });
  $("#waiting").hidden = true;
  $("#order").hidden = false;
  $("#main").setAttribute("aria-busy", "false");
}

// payable reports that there is something to pay here.
function payable({ status, payment_action: action }) {
  return status === "payment_pending" && action?.url && new URL(action.url).pathname === location.pathname;
}

// insist makes a call until it is answered, and returns the answer; null when the order's page knows better.
async function insist(method, path, options) {
  for (;;) {
    try {
      return await call(method, path, options);
    } catch (problem) {
      if (!problem.passing) return null;
      say($("#waiting"), explain(problem));
      await pause(1000 * (problem.retryAfter || 2));
    }
  }
}

// giveBack tells the order which payment its customer has come back with.
async function giveBack(key) {
  $("#waiting").textContent = t("pay.checking");
  await insist("POST", `/orders/${id}/payment`, { body: { payment_key: key } });
  location.replace(orderPage);
}

async function start() {
  const returned = new URLSearchParams(location.search);
  $("#back").href = orderPage;
  if (returned.has("paymentKey")) return giveBack(returned.get("paymentKey"));
  $("#back").hidden = false;
  order = await insist("GET", `/orders/${id}`);
  if (!order || !payable(order)) return location.replace(orderPage);
  showSeller($("#seller"), order.store);
  loadWindow().catch(() => {}); // it is asked for again when it is wanted
  if (returned.has("code")) fail(leftWords(returned.get("code")));
  else show();
}

button.addEventListener("click", openWindow);
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload(); // back from the window
});

start();

// The question what is left out of an order that cannot be made as it is.

import { costOf, moneyAndPoints } from "./bill.js";
import { $, h, language, newKey, say, t } from "./core.js";
import { hold } from "./steady.js";

const dialog = $("#adjusting"),
  form = $("form", dialog);
let asked = null; // the order, as whoever was asked saw it
let sent = {}; // what was asked for last, and under which command ID

const left = (line) => line.qty - line.refunded_qty;

// adjustable: something can be left out, and something stays.
export const adjustable = (order) => order.items.reduce((sum, line) => sum + left(line), 0) > 1;

// chosen returns what is to be left out, and how many pieces stay.
function chosen() {
  const lines = asked.items
    .map(({ line }) => ({ line, qty: Number($(`[name="line-${line}"]`, form)?.value ?? 0) }))
    .filter(({ qty }) => qty > 0);
  const out = lines.reduce((sum, { qty }) => sum + qty, 0);
  return { lines, stay: asked.items.reduce((sum, line) => sum + left(line), 0) - out };
}

// reckon says what goes back, and lets nobody confirm what cannot be.
function reckon() {
  const { lines, stay } = chosen();
  const { amount, points } = costOf(asked, lines),
    { currency } = asked.total;
  const none = lines.length === 0;
  const back = none ? "" : t("board.adjust_back", { amount: moneyAndPoints({ amount, currency }, points) });
  say($("#goes-back"), stay === 0 ? t("board.adjust_all") : back);
  $("#adjust").disabled = none || stay === 0;
}

// called is what the line is, so that two of one product are told apart.
function called({ names, options, note }) {
  const special = options.filter((o) => !o.default).map((o) => (o.qty > 1 ? `${o.qty} × ` : "") + o.names[language]);
  return [names[language], special.length > 0 && `(${special.join(", ")})`, note && `“${note}”`]
    .filter(Boolean)
    .join(" ");
}

const row = (line) =>
  h(
    "label",
    { class: "leave-out" },
    h("span", {}, called(line)),
    h(
      "select",
      { name: `line-${line.line}`, change: reckon },
      ...Array.from({ length: left(line) + 1 }, (_, qty) =>
        h("option", { value: qty }, qty ? `− ${qty}` : t("board.adjust_none")),
      ),
    ),
  );

// askWhatToLeaveOut resolves to the input of an adjust, and to undefined when nothing is left out
// after all.
export function askWhatToLeaveOut(order, number) {
  asked = order;
  form.reset();
  $("#adjusting-title").textContent = t("board.adjust_title", { number });
  $("#adjust-lines").replaceChildren(...order.items.filter((line) => left(line) > 0).map(row));
  reckon();
  dialog.returnValue = "";
  dialog.showModal();
  hold([dialog]);
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "adjust" ? answer() : undefined), {
      once: true,
    });
  });
}

// answer keeps the command's ID while nothing has come of the same: a press after an answer that was
// lost leaves nothing more out.
function answer() {
  const data = new FormData(form);
  const { lines } = chosen();
  const what = JSON.stringify([asked.id, asked.refunds.length, lines]);
  if (sent.what !== what) sent = { what, id: newKey() };
  return { lines, reason: (data.get("other").trim() || data.get("reason") || "").trim(), command_id: sent.id };
}

// recheck gives the question up when the order is no more as whoever is asked has seen it, and reports
// whether it did.
export function recheck(order) {
  const same = order && order.status === asked?.status && order.refunds.length === asked.refunds.length;
  if (!dialog.open || same) return false;
  dialog.close("");
  return true;
}

export const askedAbout = () => (dialog.open ? asked.id : null);

form.addEventListener("submit", (event) => {
  event.preventDefault();
  dialog.close("adjust");
});
$("#not-adjust").addEventListener("click", () => dialog.close(""));

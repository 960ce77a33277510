// The form of a refund: pieces of the lines or an amount, and why. It says what goes back as it is filled in.

import { $, h, language, money, newKey, say, t } from "./core.js";
import { amount as amountField, labelled } from "./controls.js";
import { clearFieldErrors, showFieldError } from "./forms.js";
import { madeText } from "./made.js";
import { moneyAndPoints } from "./bill.js";
import { kept, keptPoints, left, pointsOf, refundable, worth } from "./refundsum.js";

const longestReason = 200;

// called is what a line is, so that two of one product are told apart.
export function called({ names, options, note }) {
  const made = madeText(options.filter((o) => !o.default).map((o) => ({ ...o, price: null, name: o.names[language] })));
  return [names[language], made && `(${made})`, note && `“${note}”`].filter(Boolean).join(" ");
}

export class RefundForm {
  constructor(order, submit) {
    this.order = order;
    this.currency = order.total.currency;
    this.sent = {};
    this.lines = refundable(order).map((line) => this.makeLine(line));
    this.amount = amountField("amount", t("orders.amount"), null, this.currency, {
      hint: t("orders.at_most", { amount: this.written(kept(order)) }),
    });
    this.makeKind();
    this.reason = h("input", { maxlength: longestReason, autocomplete: "off" });
    this.sum = h("p", { class: "money", role: "status", hidden: true });
    this.button = h("button", { type: "submit", class: "primary" }, t("orders.refund_now"));
    this.root = h(
      "form",
      { class: "panel", novalidate: true, input: () => this.reckon() },
      h("h2", {}, t("orders.refund")),
      h("p", { class: "small" }, t("orders.refund_why")),
      this.kind,
      this.pieces,
      this.amount.root,
      labelled(t("orders.reason"), this.reason, { hint: t("orders.reason_why"), field: "reason" }),
      this.sum,
      this.button,
    );
    this.root.addEventListener("submit", (event) => {
      event.preventDefault();
      submit();
    });
    this.reckon();
  }

  written(minor) {
    return money({ amount: minor, currency: this.currency });
  }

  // inAll writes money with the points that go back with it.
  inAll({ amount, points }) {
    return moneyAndPoints({ amount, currency: this.currency }, points);
  }

  // makeKind makes the choice between pieces and an amount, where there is one: without money there is none.
  makeKind() {
    const some = this.lines.length > 0;
    this.byLines = h("input", { type: "radio", name: "refund-by", value: "lines", checked: some });
    this.byAmount = h("input", { type: "radio", name: "refund-by", value: "amount", checked: !some });
    const choice = (input, text) => h("label", { class: "radio" }, input, h("span", {}, text));
    this.kind = h(
      "fieldset",
      { hidden: !some || kept(this.order) === 0 },
      h("legend", {}, t("orders.refund_what")),
      choice(this.byLines, t("orders.by_lines")),
      choice(this.byAmount, t("orders.by_amount")),
    );
    this.pieces = h("fieldset", { id: "refund-lines" }, h("legend", {}, t("orders.pieces")));
    this.pieces.append(...this.lines.map(({ root }) => root));
  }

  makeLine(line) {
    const choice = (qty) => h("option", { value: qty }, qty === 0 ? t("orders.none") : `${qty}`);
    const input = h("select", {}, ...Array.from({ length: left(line) + 1 }, (_, qty) => choice(qty)));
    const label = h("span", {}, called(line), h("small", {}, ` ${money(line.price)}`));
    return { line: line.line, input, root: h("label", { class: "refund-line" }, label, input) };
  }

  // ofLines: pieces go back, not an amount.
  get ofLines() {
    return this.byLines.checked;
  }

  chosen() {
    return this.lines.map(({ line, input }) => ({ line, qty: Number(input.value) })).filter(({ qty }) => qty > 0);
  }

  // total is what goes back as the form stands, in money and points; nothing while that is unclear.
  total() {
    if (this.ofLines) return worth(this.order, this.chosen());
    const typed = this.amount.read([]),
      amount = typed > 0 && typed <= kept(this.order) ? typed : 0;
    return { amount, points: amount && pointsOf(this.order, amount) };
  }

  // empty: nothing would go back.
  get empty() {
    const { amount, points } = this.total();
    return amount === 0 && points === 0;
  }

  reckon() {
    this.pieces.hidden = !this.ofLines;
    this.amount.root.hidden = this.ofLines;
    const total = this.total();
    const rest = { amount: kept(this.order) - total.amount, points: keptPoints(this.order) - total.points };
    const values = { amount: this.inAll(total), rest: this.inAll(rest) };
    say(this.sum, this.empty ? "" : t("orders.goes_back", values));
  }

  dirty() {
    return this.chosen().length > 0 || this.amount.input.value.trim() !== "" || this.reason.value.trim() !== "";
  }

  // read returns what is asked for; it says what is wrong and returns null where that cannot be.
  read() {
    clearFieldErrors(this.root);
    const reason = this.reason.value.trim();
    if (this.empty) this.wrong(this.ofLines ? "lines" : "amount");
    else if (reason === "") this.wrong("reason");
    else return this.request({ ...this.asked(), reason });
    return null;
  }

  asked() {
    return this.ofLines ? { lines: this.chosen() } : { amount: this.total().amount };
  }

  // request keeps the command's ID while the same is asked for: however often it is sent, it is one refund. Its number
  // is the next of those that are shown: of two people who ask at once, the second is told.
  request(asked) {
    const body = { ...asked, refund: this.order.refunds.length + 1 },
      what = JSON.stringify(body);
    if (this.sent.what !== what) this.sent = { what, id: newKey() };
    return { ...body, command_id: this.sent.id };
  }

  // wrong says what is wrong with a field: with "lines", "amount" or "reason".
  wrong(field, text = "") {
    const kinds = {
      lines: [this.pieces, t("orders.wrong_lines")],
      amount: [this.amount.input, t("orders.wrong_amount", { amount: this.written(kept(this.order)) })],
      reason: [this.reason, t("orders.wrong_reason")],
    };
    const [element, usual] = kinds[field];
    showFieldError(element, text || usual);
    if (field === "lines") $("select", this.pieces)?.focus();
  }
}

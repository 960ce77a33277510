// One order that a manager looks at: what was bought, what has gone back, and the form to refund more of it. It
// brings itself up to date.

import { ask } from "./ask.js";
import { billRows, counted, moneyAndPoints, pointsBack, spentPoints } from "./bill.js";
import { day, now } from "./clock.js";
import { $, call, h, has, language, money, pause, say, t } from "./core.js";
import { madeText } from "./made.js";
import { called, RefundForm } from "./refundform.js";
import { actorOf, back, endedAt, kept, obstacle, same } from "./refundsum.js";
import { refusalText } from "./refusals.js";
import { explained } from "./session.js";

const soon = 1500,
  later = 4000;

const pathOf = (id) => `/store/orders/${encodeURIComponent(id)}`;

export const readOrder = (id) => call("GET", pathOf(id));

export class OrderView {
  // zone is that of the order's store, and store its name where there are several.
  constructor(order, { zone, store }) {
    Object.assign(this, { zone, store, busy: false, unanswered: false, form: null });
    this.heading = h("h1", { tabindex: "-1" }, t("orders.order", { number: order.pickup_number ?? order.id }));
    this.state = h("p", { class: "lead" });
    this.said = h("p", { class: "notice", role: "status", hidden: true });
    this.lines = h("ul", { class: "lines" });
    this.sums = h("dl", { class: "sums" });
    this.refunds = h("ol", { class: "timeline" });
    this.made = h("section", { class: "panel" }, h("h2", {}, t("orders.refunds")), this.refunds);
    this.place = h("div", {});
    const bought = h("section", { class: "panel" }, h("h2", {}, t("orders.bought")), this.lines, this.sums);
    const toList = h("p", {}, h("a", { href: "#orders", class: "back" }, t("orders.back")));
    this.root = h("div", {}, toList, this.heading, this.state, this.said, bought, this.made, this.place);
    this.show(order);
    this.watch();
  }

  dirty() {
    return this.busy || Boolean(this.form?.dirty());
  }

  // tell says something where this view says it.
  tell(text) {
    say(this.said, text);
  }

  // show shows the order. A form whose order is the same for it stays as it was filled in.
  show(order) {
    const before = this.order;
    this.order = order;
    const status = t(`status.${order.status}`),
      ended = day(endedAt(order), this.zone);
    say(this.state, [status, ended, this.store].filter(Boolean).join(" · "));
    this.lines.replaceChildren(...order.items.map(showLine));
    this.showSums();
    this.made.hidden = order.refunds.length === 0;
    this.refunds.replaceChildren(...order.refunds.map((refund) => this.showRefund(refund)));
    if (!before || !same(before, order)) this.showForm();
  }

  showSums() {
    const { order } = this,
      { currency } = order.total;
    const line = (name, text) => h("div", {}, h("dt", {}, name), h("dd", {}, text));
    const row = (key, amount) => line(t(key), money({ amount, currency }));
    const points = (key, count) => count > 0 && line(t(key), counted(count));
    const unpaid = obstacle(order, now()) === "unpaid" || order.status === "payment_pending";
    this.sums.hidden = unpaid;
    const some = back(order) > 0 ? [row("orders.gone_back", back(order)), row("orders.left", kept(order))] : [];
    const rows = [
      ...billRows(order).map(([name, amount]) => line(name, money(amount))),
      row("orders.charged", order.total.amount),
      points("orders.points_spent", spentPoints(order)),
      ...some,
      points("orders.points_back", pointsBack(order)),
    ];
    this.sums.replaceChildren(...rows.filter(Boolean));
  }

  showRefund(refund) {
    const { order } = this;
    const of = refund.lines.map(({ line, qty }) => `${called(order.items[line - 1])} × ${qty}`);
    const facts = [of.join(", "), day(refund.at, this.zone), whoOf(order, refund)];
    const reason = refund.reason && (has(`reason.${refund.reason}`) ? t(`reason.${refund.reason}`) : refund.reason);
    return h(
      "li",
      { "data-refund": refund.refund },
      h("span", {}, `#${refund.refund}`),
      h(
        "span",
        { class: "what" },
        h("strong", {}, moneyAndPoints(refund, refund.points)),
        ` ${t(`orders.refund_${refund.status}`)}`,
        h("small", {}, facts.filter(Boolean).join(" · ")),
        reason && h("q", {}, reason),
      ),
    );
  }

  // showForm shows the form, or why there is none.
  showForm() {
    const why = obstacle(this.order, now());
    const focused = this.form?.root.contains(document.activeElement);
    this.form = why ? null : new RefundForm(this.order, () => this.refund());
    const none = why && h("p", { class: "panel cannot", "data-why": why }, t(`orders.cannot_${why}`));
    this.place.replaceChildren(none || this.form.root);
    if (focused) this.heading.focus();
  }

  // watch looks every few seconds for what others do, as long as the view is looked at.
  async watch() {
    do {
      await pause(this.order.refund?.status === "pending" ? soon : later);
      const seen = !document.hidden && !this.root.closest("[hidden]");
      if (this.root.isConnected && seen && !this.busy) await this.tryToLook();
    } while (this.root.isConnected);
  }

  // tryToLook reads the order, and says what has happened meanwhile. Where that fails, the next look may not.
  async tryToLook() {
    const before = this.order,
      fresh = await readOrder(before.id).catch(
        (problem) => void (problem.code === "unauthorized" && explained(problem)),
      );
    if (!fresh || this.order !== before || same(before, fresh)) return;
    const dialog = $("#asking");
    if (dialog.open) dialog.close("");
    const unsent = this.form?.dirty() && !this.unanswered;
    this.unanswered = false;
    this.show(fresh);
    this.tell(newsOf(before, fresh, unsent));
  }

  // refund asks once more, and gives the money back.
  async refund() {
    const wanted = this.form.read();
    if (!wanted) return;
    const amount = this.form.inAll(this.form.total()),
      { form } = this;
    this.tell("");
    const why = t("orders.sure_why", { amount });
    if (!(await ask(t("orders.sure", { amount }), why, t("orders.sure_yes", { amount })))) return;
    if (this.busy) return;
    this.busy = form.root.inert = true;
    await this.tryToLook(); // somebody else may have refunded the same
    if (this.form === form) await this.send(wanted, amount);
    this.busy = form.root.inert = false;
  }

  async send(wanted, amount) {
    try {
      this.show(await call("POST", `${pathOf(this.order.id)}/refunds`, { body: wanted }));
    } catch (problem) {
      return this.refused(problem);
    }
    this.unanswered = false;
    this.tell(t("orders.on_its_way", { amount }));
    this.heading.focus();
  }

  // refused says what the server has against a refund: beside the field that it names, where it names one.
  async refused(problem) {
    const { field = "", code } = problem;
    const before = this.order;
    if (code === "refund_pending" || code === "too_late" || code === "too_early") {
      await this.tryToLook();
      if (this.order !== before) return;
      return this.tell(t(`orders.refused_${code}`));
    }
    const known = ["lines", "amount", "reason"].find((name) => field === name || field.startsWith(`${name}[`));
    this.form.root.inert = false;
    if (known) return this.form.wrong(known, known === "reason" ? refusalText(problem) : "");
    this.unanswered = problem.passing && problem.status !== 429;
    this.tell(this.unanswered ? t("orders.no_answer") : explained(problem));
  }
}

// whoOf is who asked for a refund, in words.
function whoOf(order, refund) {
  const actor = actorOf(order, refund) || "store",
    key = `orders.by.${actor.replaceAll(" ", "_")}`;
  return has(key) ? t(key) : actor;
}

// newsOf says what has happened to an order since it was shown, and that what somebody has typed was not sent.
function newsOf(before, after, unsent) {
  const latest = after.refunds.at(-1);
  if (after.refunds.length > before.refunds.length) {
    const key = unsent ? "orders.refunded_first" : "orders.refunded_meanwhile";
    return t(key, { amount: moneyAndPoints(latest, latest.points), who: whoOf(after, latest) });
  }
  const made = latest?.status === "refunded" && before.refunds.at(-1)?.status !== "refunded";
  return made ? t("orders.made", { amount: moneyAndPoints(latest, latest.points) }) : "";
}

// showLine is a line as it was ordered; what has gone back of it is struck.
function showLine({ names, qty, refunded_qty: out, options, note, total }) {
  const made = madeText(options.map((o) => ({ ...o, name: o.names[language] })));
  const name = `${names[language]} × ${qty}`;
  return h(
    "li",
    {},
    h(
      "span",
      { class: "what" },
      out === qty ? h("s", {}, name) : name,
      out > 0 && h("small", {}, ` ${t("orders.refunded_qty", { count: out })}`),
    ),
    h("span", { class: "sum" }, money(total)),
    made && h("p", { class: "made small" }, made),
    note && h("p", { class: "wish small" }, `“${note}”`),
  );
}

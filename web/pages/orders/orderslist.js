// The orders of a day that are over, and how one is found: by its pick-up number and day, or its ID.

import { format, now, when } from "./clock.js";
import { call, h, language, money, say, t } from "./core.js";
import { labelled } from "./controls.js";
import { clearFieldErrors, showFieldError } from "./forms.js";
import { back, endedAt, soughtOf } from "./refundsum.js";
import { explained } from "./session.js";
import { storeName } from "./staffstores.js";

const ended = "picked_up,unclaimed,rejected,cancelled,expired";

// today is the day in the zone, as inputs have it.
const today = (zone) => format(now(), { dateStyle: "short" }, zone, "sv");

// What was looked for last: whoever comes back from an order finds the list as it was.
const search = { store: "", date: "" };

let page = { orders: [], next_page_token: "" };

const read = (more, of = search) => call("GET", `/store/orders?${new URLSearchParams({ ...of, ...more })}`);

// loadOrdersOf reads the list; stores are those to choose from.
export async function loadOrdersOf(stores) {
  const { store, time_zone: zone } = stores.find((s) => s.store === search.store) ?? stores[0];
  search.store = store;
  search.date ||= today(zone);
  page = await read({ status: ended });
}

export class OrdersList {
  constructor(stores) {
    this.stores = stores;
    this.heading = h("h1", { tabindex: "-1" }, t("orders.title"));
    this.store = h("select", {}, ...stores.map((s) => h("option", { value: s.store }, storeName(s))));
    this.store.value = search.store;
    this.date = h("input", { type: "date", required: true });
    this.date.value = search.date;
    this.sought = h("input", { type: "search", id: "find", autocomplete: "off", autocapitalize: "characters" });
    this.rows = h("ul", { class: "panel items" });
    this.none = h("p", { role: "status", hidden: true });
    this.said = h("p", { class: "notice", role: "status", hidden: true });
    const find = h("button", { type: "submit", class: "primary" }, t("orders.find"));
    this.form = h(
      "form",
      { class: "adding panel", novalidate: true, submit: (event) => this.submit(event) },
      stores.length > 1 && labelled(t("orders.store"), this.store, { field: "store" }),
      labelled(t("orders.date"), this.date, { field: "date" }),
      labelled(t("orders.sought"), this.sought, { hint: t("orders.sought_why"), field: "number" }),
      find,
    );
    this.more = h("button", { type: "button", click: () => this.showMore() }, t("orders.more"));
    this.root = h(
      "div",
      {},
      this.heading,
      h("p", { class: "lead" }, t("orders.lead")),
      this.form,
      this.said,
      this.none,
      this.rows,
      h("p", {}, this.more),
    );
    this.refresh();
  }

  dirty() {
    return false;
  }

  tell(text) {
    say(this.said, text);
  }

  zone() {
    return this.stores.find(({ store }) => store === search.store).time_zone;
  }

  // refresh shows the page that was read.
  refresh() {
    this.rows.replaceChildren(...page.orders.map((order) => this.row(order)));
    this.shown();
  }

  shown() {
    this.rows.hidden = this.rows.children.length === 0;
    say(this.none, this.rows.hidden ? t("orders.none_that_day") : "");
    this.more.hidden = !page.next_page_token;
  }

  row(order) {
    const { currency } = order.total,
      amount = back(order);
    const made = order.items.map(({ names, qty }) => `${names[language]} × ${qty}`).join(", ");
    const facts = [when(endedAt(order), this.zone()), t(`status.${order.status}`), made];
    return h(
      "li",
      { class: "item-row" },
      h(
        "a",
        { class: "what", href: `#order/${order.id}` },
        h("strong", {}, order.pickup_number),
        h("small", {}, facts.join(" · ")),
      ),
      h(
        "span",
        { class: "charged" },
        money(order.total),
        amount > 0 && h("small", {}, t("orders.row_back", { amount: money({ amount, currency }) })),
      ),
    );
  }

  // submit leads to the order that is looked for, or shows the day's.
  async submit(event) {
    event.preventDefault();
    clearFieldErrors(this.form);
    this.tell("");
    const sought = soughtOf(this.sought.value);
    if (sought.id) return location.assign(`#order/${sought.id}`);
    if (sought.unknown) return showFieldError(this.sought, t("orders.wrong_number"));
    if (!this.date.value) return showFieldError(this.date, t("manage.wrong.date"));
    const wanted = { store: this.store.value, date: this.date.value };
    await this.try(async () => {
      if (sought.number) return this.lead(sought.number, wanted);
      page = await read({ status: ended }, wanted);
      Object.assign(search, wanted); // with its page: whoever asks for more means these
      this.refresh();
    });
  }

  async lead(number, wanted) {
    const { orders } = await read({ number }, wanted);
    if (orders.length === 0) return showFieldError(this.sought, t("orders.no_such_number", { number }));
    location.assign(`#order/${orders[0].id}`);
  }

  async showMore() {
    await this.try(async () => {
      page = await read({ status: ended, page_token: page.next_page_token });
      const rows = page.orders.map((order) => this.row(order));
      this.rows.append(...rows);
      this.shown();
      rows[0]?.querySelector("a").focus();
    });
  }

  // try does what needs the server, once at a time, and says what goes wrong.
  async try(work) {
    if (this.form.inert) return;
    this.form.inert = this.more.disabled = true;
    const problem = await work().then(
      () => null,
      (e) => e,
    );
    this.form.inert = this.more.disabled = false;
    if (problem) this.tell(explained(problem));
  }
}

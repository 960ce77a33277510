// The coupons, each with what it takes off, for what, and how often it is used.

import { format, now } from "./clock.js";
import { h, money, say, t } from "./core.js";
import { readCoupons } from "./coupondocuments.js";
import { called, catalog } from "./documents.js";
import { explained, may } from "./session.js";
import { storeName } from "./staffstores.js";

const someNames = 3;

// dayText writes a day of the calendar, which is in no zone.
const dayText = (day) => format(`${day}T00:00:00Z`, { dateStyle: "medium" }, "UTC");

// listed names the first of some, and how many more there are.
function listed(names) {
  const more = names.length - someNames;
  const shown = names.slice(0, someNames).join(", ");
  return more > 0 ? t("coupons.and_more", { names: shown, more }) : shown;
}

function worthOf({ amount, percent, max_amount: most, currency }) {
  if (amount) return t("coupons.off", { off: money({ amount, currency }) });
  const off = t("coupons.off", { off: `${percent}%` });
  return most ? t("coupons.off_most", { off, amount: money({ amount: most, currency }) }) : off;
}

function daysOf({ from, until }) {
  const days = { from: from && dayText(from), until: until && dayText(until) };
  if (from && until) return from === until ? days.from : t("coupons.from_until", days);
  return from ? t("coupons.from", days) : until ? t("coupons.until", days) : "";
}

// namesOf are what the coupon takes something off, as customers read it.
function namesOf({ categories = [], items = [] }) {
  const nameOf = (list, field) => (id) => {
    const entry = catalog.document[list].find((other) => other[field] === id);
    return entry ? called(entry) : id;
  };
  return [...categories.map(nameOf("categories", "category")), ...items.map(nameOf("items", "product"))];
}

// stateOf is "" for a coupon that can be used today, as its first store counts days.
function stateOf(coupon, stores) {
  const { time_zone: zone } = stores.find(({ store }) => store === coupon.stores?.[0]) ?? stores[0] ?? {};
  const today = format(now(), { dateStyle: "short" }, zone, "sv");
  if (coupon.ended) return "ended";
  if (coupon.until && today > coupon.until) return "over";
  if (coupon.uses && coupon.used >= coupon.uses) return "used_up";
  return coupon.from && today < coupon.from ? "not_yet" : "";
}

export class CouponsList {
  constructor(stores, page) {
    this.stores = stores;
    this.page = page;
    this.heading = h("h1", { tabindex: "-1" }, t("coupons.title"));
    this.said = h("p", { class: "notice", role: "status", hidden: true });
    this.none = h("p", { hidden: true });
    this.rows = h("ul", { class: "panel items" });
    this.more = h("button", { type: "button", click: () => this.showMore() }, t("coupons.more"));
    const toNew = may("owner") && h("a", { class: "button", href: "#new-coupon" }, t("coupons.new"));
    this.root = h(
      "div",
      {},
      this.heading,
      h("p", { class: "lead" }, t(may("owner") ? "coupons.lead" : "coupons.lead_managers")),
      toNew && h("p", { class: "choices" }, toNew),
      this.said,
      this.none,
      this.rows,
      h("p", {}, this.more),
    );
    this.rows.replaceChildren(...page.coupons.map((coupon) => this.row(coupon)));
    this.shown();
  }

  dirty() {
    return false;
  }

  tell(text) {
    say(this.said, text);
  }

  shown() {
    this.rows.hidden = this.rows.children.length === 0;
    say(this.none, this.rows.hidden ? t("coupons.none") : "");
    this.more.hidden = !this.page.next_page_token;
  }

  row(coupon) {
    const { code, min_subtotal: least, currency, used, uses, uses_per_member: perMember } = coupon;
    const state = stateOf(coupon, this.stores);
    const nameOf = (slug) => storeName(this.stores.find(({ store }) => store === slug) ?? { store: slug });
    const facts = [
      worthOf(coupon),
      least && t("coupons.orders_from", { amount: money({ amount: least, currency }) }),
      daysOf(coupon),
      perMember && t("coupons.per_member", { count: perMember }),
      listed(namesOf(coupon)),
      listed((coupon.stores ?? []).map(nameOf)),
    ];
    const leads = may("owner") ? ["a", { class: "what", href: `#coupon/${code}` }] : ["div", { class: "what" }];
    return h(
      "li",
      { class: "item-row", "data-code": code, "data-state": state },
      h(...leads, h("strong", {}, code), h("small", {}, facts.filter(Boolean).join(" · "))),
      h(
        "span",
        { class: "charged" },
        uses ? t("coupons.used_of", { used, uses }) : t("coupons.used", { used }),
        state && h("small", {}, t(`coupons.state.${state}`)),
      ),
    );
  }

  async showMore() {
    this.more.disabled = true;
    try {
      this.page = await readCoupons(this.page.next_page_token);
      const rows = this.page.coupons.map((coupon) => this.row(coupon));
      this.rows.append(...rows);
      this.shown();
      rows[0]?.querySelector("a")?.focus();
    } catch (problem) {
      this.tell(explained(problem));
    }
    this.more.disabled = false;
  }
}

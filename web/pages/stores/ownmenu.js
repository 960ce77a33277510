// What one of several stores says otherwise than the menu: its own prices, and what it does not sell or is out of. All
// of it holds at once, at that store alone.

import { $, h, language, money, say, t } from "./core.js";
import { minorUnits, typed } from "./amounts.js";
import { clearFieldErrors, showFieldError } from "./forms.js";
import { refusalText } from "./refusals.js";
import { explained } from "./session.js";
import { availability, change, staffMenu, toggle } from "./soldout.js";

let count = 0;

// OwnRow is the row of a product, or of an option by "group/option".
class OwnRow {
  constructor(key, name) {
    Object.assign(this, { key, name });
    this.catalogs = h("small", { hidden: true });
    this.input = h("input", {
      id: `own-price-${++count}`,
      class: "short",
      inputmode: "text",
      autocomplete: "off",
      "aria-label": t("manage.own_price", { name }),
      input: () => this.showSave(),
    });
    this.save = h("button", { type: "submit", class: "primary", hidden: true }, t("manage.save"));
    const reset = { type: "button", class: "quiet", click: () => this.resetPrice() };
    this.reset = h("button", reset, t("manage.menu_price"));
    this.sold = h("input", { type: "checkbox", change: () => this.put({ hidden: !this.sold.checked }, this.sold) });
    this.sale = h("span", { class: "own-sale" });
    this.note = h("p", { class: "problem", role: "alert", hidden: true });
    const unseen = h("span", { class: "unseen" }, ` ${name}`);
    this.root = h(
      "li",
      { class: "item-row own-row", "data-key": key, "data-names": name.toLowerCase() },
      h("span", { class: "what" }, h("strong", {}, name), this.catalogs),
      h(
        "form",
        { novalidate: true, class: "own-price", submit: (event) => this.submit(event) },
        this.input,
        this.save,
        this.reset,
      ),
      h("label", { class: "check" }, this.sold, h("span", {}, t("manage.sold_here"), unseen)),
      this.sale,
      this.note,
    );
    this.show();
  }

  // price is the store's, as it is typed.
  price() {
    const { amount, currency } = availability(this.key).price;
    return typed(amount, currency);
  }

  dirty() {
    return this.input.value.trim() !== this.price();
  }

  showSave() {
    this.save.hidden = !this.dirty();
  }

  // show shows what the server has said last. A price that was typed and is not saved stays.
  show(typedPrice = this.price()) {
    const { catalog_price: catalogs, hidden = false } = availability(this.key);
    this.input.value = typedPrice;
    this.showSave();
    this.reset.hidden = !catalogs;
    say(this.catalogs, catalogs ? t("manage.menu_price_is", { price: money(catalogs) }) : "");
    this.sold.checked = !hidden;
    this.sale.replaceChildren(...(hidden ? [] : [toggle(this.key, this.name)]));
  }

  submit(event) {
    event.preventDefault();
    const { currency } = availability(this.key).price,
      amount = minorUnits(this.input.value, currency);
    if (amount === null) return this.wrong(t("manage.wrong.amount", { example: typed(4500, currency) }));
    this.put({ price: { amount, currency } }, this.input);
  }

  resetPrice() {
    this.put({ price: availability(this.key).catalog_price }, this.input);
  }

  wrong(text) {
    showFieldError(this.input, text);
  }

  // put tells the server, and leads to where the next thing is said.
  async put(body, next) {
    clearFieldErrors(this.root);
    say(this.note, "");
    this.root.inert = true;
    const unsaved = !body.price && this.dirty() ? this.input.value : undefined;
    try {
      await change(this.key, body);
      this.show(unsaved);
      say($("#announce"), `${this.name}: ${t("manage.saved")}`);
    } catch (problem) {
      this.sold.checked = !availability(this.key).hidden;
      this.root.inert = false;
      return this.refused(problem, body);
    }
    this.root.inert = false;
    next.focus();
  }

  refused(problem, { price }) {
    if (problem.status !== 422 || !price) return say(this.note, explained(problem));
    this.wrong(refusalText(problem));
  }
}

class OwnMenu {
  constructor({ slug, name }) {
    this.heading = h("h1", { tabindex: "-1" }, t("manage.own_menu_of", { store: name }));
    this.find = h("input", { type: "search", id: "find", autocomplete: "off", input: () => this.filter() });
    this.lists = h("div", {});
    const finding = h("div", { class: "field" }, h("label", { for: "find" }, t("manage.find")), this.find);
    const back = h("p", {}, h("a", { href: `#store/${slug}`, class: "back" }, name));
    const why = h("p", { class: "lead" }, t("manage.own_menu_why"));
    this.root = h("div", {}, back, this.heading, why, finding, this.lists);
    this.refresh();
  }

  refresh() {
    const { items, groups } = staffMenu();
    this.rows = [];
    const section = (title, rows) => {
      this.rows.push(...rows);
      const list = h("ul", { class: "items", "aria-label": title }, ...rows.map((row) => row.root));
      return h("section", { class: "panel" }, h("h2", {}, title), list);
    };
    const ofGroup = ({ group, options }) =>
      options.map(({ option, name }) => new OwnRow(`${group}/${option}`, name[language]));
    const ofItem = ({ product, name }) => new OwnRow(product, name[language]);
    this.lists.replaceChildren(
      section(t("manage.menu"), items.map(ofItem)),
      ...groups.map((group) => section(group.name[language], ofGroup(group))),
    );
    this.filter();
  }

  // filter shows the rows whose name has the text in it.
  filter() {
    const text = this.find.value.trim().toLowerCase();
    for (const { root } of this.rows) root.hidden = !root.dataset.names.includes(text);
  }

  dirty() {
    return this.rows.some((row) => row.dirty());
  }
}

// ownMenu is the view of what a store says of the menu, which was read: {slug, name}.
export const ownMenu = (store) => new OwnMenu(store);

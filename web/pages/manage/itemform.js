// The form of an item, with what customers will see of it.

import { h, t } from "./core.js";
import { amount, choice, chosenOf, labelled, names, numeric } from "./controls.js";
import { called, catalog, currency, rules } from "./documents.js";
import { periodsOf } from "./periods.js";
import { picture } from "./uploads.js";
import { preview } from "./preview.js";
import { rowsOf } from "./rows.js";
import { availability, saleControl } from "./soldout.js";

// controlsOf returns the fields of an item, by their names. changed is called after every change that no input
// tells of.
function controlsOf(item, changed) {
  const label = (name) => t(`manage.field.${name}`);
  const categories = catalog.document.categories.map((entry) => [entry.category, called(entry)]);
  const { allergens = [], calories, hours = [], groups = [], image, price } = item;
  const about = { limit: rules.description, long: true, optional: true };
  const allergenName = (allergen) => t(`allergen.${allergen}`);
  const none = ["", t("manage.no_category")];
  return {
    name: names("name", label("name"), item.name, { limit: rules.name }),
    description: names("description", label("description"), item.description, about),
    category: choice("category", label("category"), [none, ...categories], item.category ?? ""),
    price: amount("price", label("price"), price?.amount ?? null, price?.currency ?? currency()),
    calories: numeric("calories", label("calories"), calories, { hint: "kcal", optional: true }),
    image: picture("image", label("image"), image, changed),
    groups: groupsField(groups, changed),
    hours: hoursField(hours, changed),
    allergens: chosenOf("allergens", label("allergens"), rules.allergens, allergens, allergenName),
  };
}

// itemForm is the form of an item, which is empty but for its category when it is a new one.
export function itemForm(item, changed) {
  const cards = preview();
  const controls = controlsOf(item, () => {
    show();
    changed();
  });
  const read = (wrong) => {
    const said = Object.fromEntries(Object.entries(controls).map(([name, control]) => [name, control.read(wrong)]));
    const price = { amount: said.price, currency: item.price?.currency ?? currency() };
    return { available: true, ...item, ...whatThereIs(said), name: said.name, price };
  };
  function show() {
    cards.show(read([]), !item.product || availability(item.product).available);
  }
  const { name, description, category, price, calories, ...rest } = controls;
  const form = h(
    "div",
    { class: "panel", input: show },
    name.root,
    description.root,
    h("div", { class: "beside" }, category.root, price.root, calories.root),
    ...Object.values(rest).map((control) => control.root),
  );
  const sale = item.product && salePanel(saleControl(item.product, called(item), show));
  show();
  return { root: h("div", { class: "two" }, form, h("div", { class: "aside" }, cards.root, sale)), read };
}

// whatThereIs has undefined for what is empty: what an item does not have is left out.
function whatThereIs(said) {
  const empty = (value) => value === "" || (typeof value === "object" && Object.keys(value).length === 0);
  return Object.fromEntries(Object.entries(said).map(([name, value]) => [name, empty(value) ? undefined : value]));
}

export function salePanel(...controls) {
  return h(
    "section",
    { class: "panel", "aria-labelledby": "sale-title" },
    h("h2", { id: "sale-title" }, t("manage.sale")),
    h("p", { class: "small" }, t("manage.sale_why")),
    ...controls,
  );
}

// groupsField has the item's groups of options, in the order in which customers choose.
function groupsField(chosen, changed) {
  const all = catalog.document.groups;
  const group = (id) => all.find((entry) => entry.group === id);
  const nameOf = (id) => (group(id) ? called(group(id)) : id);
  const rows = rowsOf("groups", chosen, {
    make: (id) => ({ root: h("span", { class: "what" }, nameOf(id)), read: () => id }),
    called: nameOf,
    changed: () => {
      offer();
      changed();
    },
  });
  const select = h("select", {}),
    add = h("button", { type: "button" }, t("manage.add_group_to_item"));
  add.addEventListener("click", () => {
    if (select.value) rows.add(select.value);
    select.focus();
  });
  function offer() {
    const left = all.filter((entry) => !rows.read([]).includes(entry.group));
    select.replaceChildren(...left.map((entry) => h("option", { value: entry.group }, called(entry))));
    add.disabled = select.disabled = left.length === 0;
  }
  offer();
  const root = h(
    "fieldset",
    {},
    h("legend", {}, t("manage.field.groups")),
    h("p", { class: "small" }, t("manage.groups_why")),
    rows.root,
    h("div", { class: "adding" }, labelled(t("manage.group_to_add"), select), add),
  );
  return { root, read: rows.read };
}

// hoursField has the hours of the day in which an item is sold.
function hoursField(hours, changed) {
  const periods = periodsOf("hours", hours, { changed, usual: ["07:00", "11:00"] });
  const root = h(
    "fieldset",
    {},
    h("legend", {}, t("manage.field.hours")),
    h("p", { class: "small" }, t("manage.hours_why")),
    ...periods.parts,
  );
  return { root, read: periods.read };
}

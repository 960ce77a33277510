// The form of an item, with what customers will see of it.

import { $, h, t } from "./core.js";
import { amount, choice, chosenOf, labelled, names, numeric } from "./controls.js";
import { called, catalog, currency, rules } from "./documents.js";
import { picture } from "./uploads.js";
import { preview } from "./preview.js";
import { rowsOf } from "./rows.js";
import { availability, saleControl } from "./soldout.js";

// itemForm is the form of an item, which is empty but for its category when it is a new one. changed is called
// after every change that no input tells of.
export function itemForm(item, changed) {
  const { categories } = catalog.document;
  const money = item.price?.currency ?? currency();
  const name = names("name", t("manage.field.name"), item.name, { limit: rules.name });
  const description = names("description", t("manage.field.description"), item.description, {
    limit: rules.description,
    long: true,
    optional: true,
  });
  const category = choice(
    "category",
    t("manage.field.category"),
    [["", t("manage.no_category")], ...categories.map((entry) => [entry.category, called(entry)])],
    item.category ?? "",
  );
  const price = amount("price", t("manage.field.price"), item.price?.amount ?? null, money);
  const groups = groupsField(item.groups ?? [], update);
  const hours = hoursField(item.hours ?? [], update);
  const image = picture("image", t("manage.field.image"), item.image, update);
  const calories = numeric("calories", t("manage.field.calories"), item.calories, { hint: "kcal", optional: true });
  const allergens = chosenOf(
    "allergens",
    t("manage.field.allergens"),
    rules.allergens,
    item.allergens ?? [],
    (allergen) => t(`allergen.${allergen}`),
  );
  const cards = preview();

  function read(wrong) {
    const of = (control) => control.read(wrong);
    return {
      ...item,
      name: of(name),
      description: some(of(description)),
      category: of(category) || undefined,
      price: { amount: of(price), currency: money },
      groups: some(of(groups)),
      available: item.available ?? true,
      allergens: some(of(allergens)),
      calories: of(calories),
      image: of(image) || undefined,
      hours: some(of(hours)),
    };
  }
  function update() {
    show();
    changed();
  }
  function show() {
    cards.show(read([]), !item.product || availability(item.product).available);
  }

  const form = h(
    "div",
    { class: "panel", input: show },
    name.root,
    description.root,
    h("div", { class: "beside" }, category.root, price.root, calories.root),
    image.root,
    groups.root,
    hours.root,
    allergens.root,
  );
  show();
  const sale = item.product && saleControl(item.product, called(item), show);
  return {
    root: h("div", { class: "two" }, form, h("div", { class: "aside" }, cards.root, sale && salePanel(sale))),
    read,
  };
}

// some is a value, or nothing when it is empty: what an item does not have is left out.
function some(value) {
  return Object.keys(value).length > 0 ? value : undefined;
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

// hoursField has the hours of the day in which an item is sold. The end of the day is 00:00 in an input, and
// 24:00 in the catalog.
function hoursField(hours, changed) {
  const rows = rowsOf("hours", hours, {
    make: ([from, until]) => {
      const begins = h("input", { type: "time", "aria-label": t("manage.from"), required: true, "data-field": "from" });
      const ends = h("input", { type: "time", "aria-label": t("manage.to"), required: true });
      begins.value = from;
      ends.value = until === "24:00" ? "00:00" : until;
      const read = (wrong) => {
        if (!begins.value || !ends.value) wrong.push({ path: "from", key: "no_period" });
        return [begins.value, ends.value === "00:00" ? "24:00" : ends.value];
      };
      return { root: h("span", { class: "period" }, begins, " – ", ends), read };
    },
    called: (period) => period.join("–"),
    changed,
    ordered: false,
  });
  const add = h("button", { type: "button" }, t("manage.add_hours"));
  add.addEventListener("click", () => {
    rows.add(["07:00", "11:00"]);
    $("input", rows.root.lastChild).focus();
  });
  const root = h(
    "fieldset",
    {},
    h("legend", {}, t("manage.field.hours")),
    h("p", { class: "small" }, t("manage.hours_why")),
    rows.root,
    add,
  );
  return { root, read: rows.read };
}

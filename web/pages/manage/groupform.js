// The form of a group of options.

import { $, h, t } from "./core.js";
import { amount, checkbox, names, numeric } from "./controls.js";
import { called, currency, rules, usersOf } from "./documents.js";
import { slug } from "./identifiers.js";
import { salePanel } from "./itemform.js";
import { rowsOf } from "./rows.js";
import { saleControl } from "./soldout.js";

const newOption = { price: 0, default: false, max_qty: 1, available: true };

export function groupForm(group, changed) {
  const name = names("name", t("manage.field.name"), group.name, { limit: rules.name });
  const min = numeric("min", t("manage.field.min"), group.min ?? 0, { hint: t("manage.min_why") });
  const max = numeric("max", t("manage.field.max"), group.max ?? 1, { hint: t("manage.max_why") });
  const options = rowsOf("options", group.options ?? [], {
    make: optionRow,
    called: (option) => called({ ...option, product: option.option }),
    changed,
  });
  const add = h("button", { type: "button" }, t("manage.add_option"));
  add.addEventListener("click", () => {
    options.add({ ...newOption });
    $("input", options.root.lastChild).focus();
  });

  const read = (wrong) => ({
    ...group,
    name: name.read(wrong),
    min: min.read(wrong),
    max: max.read(wrong),
    options: identified(options.read(wrong)),
  });

  const form = h(
    "div",
    { class: "panel" },
    name.root,
    h("div", { class: "beside" }, min.root, max.root),
    h("fieldset", {}, h("legend", {}, t("manage.field.options")), options.root, add),
  );
  return { root: h("div", { class: "two" }, form, h("div", { class: "aside" }, ...besides(group))), read };
}

// identified gives new options their identifiers.
function identified(options) {
  const taken = options.map(({ option }) => option).filter(Boolean);
  return options.map((option) => {
    if (option.option) return option;
    const id = slug(option.name.en ?? option.name.ko ?? "", taken, "option");
    taken.push(id);
    return { option: id, ...option };
  });
}

function optionRow(option) {
  const name = names("name", t("manage.field.name"), option.name, { limit: rules.name });
  const price = amount("price", t("manage.field.option_price"), option.price, currency(), {
    hint: t("manage.price_on_top"),
  });
  const most = numeric("max_qty", t("manage.field.max_qty"), option.max_qty);
  const standard = checkbox(t("manage.field.default"), option.default, { "data-field": "default" });
  const read = (wrong) => ({
    ...option,
    name: name.read(wrong),
    price: price.read(wrong),
    default: standard.input.checked,
    max_qty: most.read(wrong),
  });
  return {
    root: h("div", { class: "option" }, name.root, h("div", { class: "beside" }, price.root, most.root), standard.root),
    read,
  };
}

// besides are the items that have the group, and which of its options are to be had.
function besides(group) {
  if (!group.group) return [];
  const users = usersOf(group.group);
  const items = h(
    "section",
    { class: "panel", "aria-labelledby": "users-title" },
    h("h2", { id: "users-title" }, t("manage.used_by", { count: users.length })),
    h(
      "ul",
      { class: "plain" },
      ...users.map((item) => h("li", {}, h("a", { href: `#item/${item.product}` }, called(item)))),
    ),
  );
  const sales = group.options.map((option) => {
    const text = called({ ...option, product: option.option });
    return h("div", { class: "sale-row" }, h("h3", {}, text), saleControl(`${group.group}/${option.option}`, text));
  });
  return [salePanel(...sales), items];
}

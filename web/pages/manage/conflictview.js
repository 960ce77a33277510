// Two versions of one entry, field by field, for the person to choose.

import { h, language, money, t } from "./core.js";
import { compare, find } from "./catalogmerge.js";
import { called, catalog, currency } from "./documents.js";
import { pictureURL } from "./uploads.js";

// fieldName is what a field such as "name.ko" or "options/oat/price" is called.
function fieldName(field, versions) {
  const [, option, rest] = /^options\/([^/]+)\/(.+)$/.exec(field) ?? [];
  if (option)
    return `${optionName(option, versions)}: ${fieldName(rest === "price" ? "option_price" : rest, versions)}`;
  const [name, tongue] = field.split(".");
  const label = t(`manage.field.${name}`);
  return tongue ? `${label} (${t(tongue === "ko" ? "manage.in_korean" : "manage.in_english")})` : label;
}

function optionName(id, versions) {
  const option = versions.flatMap((version) => version?.options ?? []).find((other) => other.option === id);
  return option ? called({ ...option, product: id }) : id;
}

// valueText is the value of a field in words.
function valueText(field, value, versions) {
  const name = field.split("/").at(-1);
  const listed = (texts) => texts.join(", ") || t("manage.nothing");
  if (value === undefined || value === null || value === "") return t("manage.nothing");
  if (typeof value === "boolean") return t(value ? "manage.yes" : "manage.no");
  if (field === "price") return money(value);
  if (["amount", "max_amount", "min_subtotal"].includes(field)) return money({ amount: value, currency: currency() });
  if (name === "price") return money({ amount: value, currency: currency() });
  if (name === "options") return listed(value.map((id) => optionName(id, versions)));
  if (name === "groups") return listed(value.map((id) => entryName(`groups/${id}`, id)));
  if (name === "categories" || name === "items") return listed(value.map((id) => entryName(`${name}/${id}`, id)));
  if (name === "stores") return listed(value);
  if (name === "category") return entryName(`categories/${value}`, value);
  if (name === "allergens") return listed(value.map((allergen) => t(`allergen.${allergen}`)));
  if (name === "hours") return listed(value.map((period) => period.join("–")));
  return String(value);
}

function entryName(path, id) {
  const entry = find(catalog.document, path);
  return entry ? called(entry) : id;
}

function cell(field, value, versions) {
  if ((field === "image" || field === "logo") && value)
    return h("img", { src: pictureURL(value), alt: t("manage.field.image"), width: 64, height: 64 });
  return valueText(field, value, versions);
}

// hiddenFields say nothing to people.
const hiddenFields = /(^|\/)(option|product|group|code|currency)$/;

function table({ before, after, theirs }) {
  const versions = [after, theirs, before];
  const rows = compare(before, after, theirs).filter(({ field }) => !hiddenFields.test(field));
  const heading = (key) => h("th", { scope: "col" }, t(key));
  return h(
    "table",
    { class: "versions" },
    h("thead", {}, h("tr", {}, heading("manage.field"), heading("manage.yours"), heading("manage.theirs"))),
    h(
      "tbody",
      {},
      ...rows.map(({ field, yours, theirs: other, by }) =>
        h(
          "tr",
          { "data-by": by },
          h("th", { scope: "row" }, fieldName(field, versions), h("small", {}, t(`manage.by_${by}`))),
          h("td", { "data-label": t("manage.yours") }, cell(field, yours, versions)),
          h("td", { "data-label": t("manage.theirs") }, cell(field, other, versions)),
        ),
      ),
    ),
  );
}

// orderTable shows two orders of one list.
function orderTable({ path, after, theirs }) {
  const named = (ids) => h("ol", { class: "plain" }, ...ids.map((id) => h("li", {}, entryName(`${path}/${id}`, id))));
  return h(
    "div",
    { class: "orders" },
    h("div", {}, h("h3", {}, t("manage.yours")), named(after)),
    h("div", {}, h("h3", {}, t("manage.theirs")), named(theirs)),
  );
}

function why({ after, theirs }) {
  if (Array.isArray(after)) return t("manage.conflict_order");
  if (theirs === null) return t("manage.conflict_they_deleted");
  return t(after === null ? "manage.conflict_you_delete" : "manage.conflict_why");
}

// versions shows both versions, without buttons: for reading on beside the form.
export function bothVersions(conflict) {
  if (Array.isArray(conflict.after)) return orderTable(conflict);
  if (conflict.after === null || conflict.theirs === null) {
    return table({ before: conflict.before, after: conflict.after ?? {}, theirs: conflict.theirs ?? {} });
  }
  return table(conflict);
}

// conflictView shows a conflict, with its three ways out: theirs, mine and edit, which is left out where
// there is nothing to edit.
export function conflictView(conflict, { theirs, mine, edit }) {
  const { after } = conflict;
  const title = h("h2", { tabindex: "-1", lang: language }, t("manage.conflict"));
  const button = (label, does, kind = "") => h("button", { type: "button", class: kind, click: does }, label);
  const root = h(
    "section",
    { class: "panel conflict", "aria-label": t("manage.conflict"), id: "conflict" },
    title,
    h("p", {}, why(conflict)),
    bothVersions(conflict),
    after !== null &&
      !Array.isArray(after) &&
      conflict.theirs !== null &&
      h("p", { class: "small" }, t("manage.mine_is")),
    h(
      "p",
      { class: "choices" },
      button(t(conflict.theirs === null ? "manage.keep_deleted" : "manage.keep_theirs"), theirs),
      button(
        t(after === null ? "manage.delete_anyway" : "manage.take_mine"),
        mine,
        after === null ? "danger" : "primary",
      ),
      edit && button(t("manage.edit_on"), edit),
    ),
  );
  return { root, title };
}

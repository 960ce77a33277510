// The form of a coupon: what it takes off, when, how often, and from what.

import { h, t } from "./core.js";
import { amount, choice, labelled, numeric } from "./controls.js";
import { called, catalog, currency } from "./documents.js";
import { rowsOf } from "./rows.js";
import { storeName } from "./staffstores.js";

const label = (name) => t(`manage.field.${name}`);

// money has an amount, or nothing.
function money(field, value, hint = "") {
  const control = amount(field, label(field), value || null, currency(), { hint });
  const read = (wrong) => (control.input.value.trim() === "" ? undefined : control.read(wrong));
  return { ...control, read };
}

// date has a day, or nothing.
function date(field, value) {
  const input = h("input", { type: "date" });
  input.value = value ?? "";
  return { root: labelled(label(field), input, { field }), read: () => input.value || undefined };
}

const count = (field, value, hint) => numeric(field, label(field), value, { hint, optional: true });

// codeField has the code of a new coupon, in capital letters whatever is typed.
function codeField() {
  const input = h("input", { maxlength: 40, autocomplete: "off", autocapitalize: "characters", spellcheck: "false" });
  const read = (wrong) => {
    const code = input.value.trim().toUpperCase();
    if (!/^[0-9A-Z_-]{3,40}$/.test(code)) wrong.push({ path: "code", key: "coupon_code" });
    return code;
  };
  return { root: labelled(label("code"), input, { hint: t("coupons.code_why"), field: "code" }), read };
}

// valueField has what is taken off: an amount, or a percentage with the most that it may come to.
function valueField(coupon, kept) {
  const options = [
    ["percent", t("coupons.by_percent")],
    ["amount", t("coupons.by_amount")],
  ];
  const kind = choice("kind", t("coupons.takes_off"), options, coupon.amount ? "amount" : "percent");
  const off = amount("amount", label("amount"), (kept && coupon.amount) || null, currency());
  const percent = numeric("percent", label("percent"), coupon.percent);
  const most = money("max_amount", kept && coupon.max_amount, t("optional"));
  const show = () => {
    const byAmount = kind.read() === "amount";
    off.root.hidden = !byAmount;
    percent.root.hidden = most.root.hidden = byAmount;
  };
  kind.input.addEventListener("change", show);
  show();
  const root = h("div", { class: "beside" }, kind.root, off.root, percent.root, most.root);
  const read = (wrong) =>
    kind.read() === "amount"
      ? { amount: off.read(wrong), percent: undefined, max_amount: undefined }
      : { amount: undefined, percent: percent.read(wrong), max_amount: most.read(wrong) };
  return { root, read };
}

// picked has some of all, [[id, name]], which are added one by one. What is gone from all keeps its identifier.
function picked(field, all, chosen, changed) {
  const nameOf = (id) => all.find(([other]) => other === id)?.[1] ?? id;
  const rows = rowsOf(field, chosen, {
    make: (id) => ({ root: h("span", { class: "what" }, nameOf(id)), read: () => id }),
    called: nameOf,
    ordered: false,
    changed: () => {
      offer();
      changed();
    },
  });
  const select = h("select", {}),
    add = h("button", { type: "button" }, t("coupons.add"));
  add.addEventListener("click", () => {
    if (select.value) rows.add(select.value);
    select.focus();
  });
  function offer() {
    const left = all.filter(([id]) => !rows.read([]).includes(id));
    select.replaceChildren(...left.map(([id, name]) => h("option", { value: id }, name)));
    add.disabled = select.disabled = left.length === 0;
  }
  offer();
  const adding = h("div", { class: "adding" }, labelled(t(`coupons.add_${field}`), select), add);
  const root = h("fieldset", {}, h("legend", {}, label(field)), rows.root, adding);
  const read = () => {
    const ids = rows.read([]);
    return ids.length > 0 ? ids : undefined;
  };
  return { root, read };
}

// controlsOf returns the fields of a coupon, by their names, without what it takes off. Amounts in another currency
// than the catalog's are entered anew.
function controlsOf(coupon, kept, stores, changed) {
  const { categories, items } = catalog.document;
  const named = (list, id) => list.map((entry) => [entry[id], called(entry)]);
  return {
    min_subtotal: money("min_subtotal", kept && coupon.min_subtotal, t("optional")),
    from: date("from", coupon.from),
    until: date("until", coupon.until),
    uses: count("uses", coupon.uses, t("optional")),
    uses_per_member: count("uses_per_member", coupon.uses_per_member, t("coupons.per_member_why")),
    categories: picked("categories", named(categories, "category"), coupon.categories ?? [], changed),
    items: picked("items", named(items, "product"), coupon.items ?? [], changed),
    stores: picked(
      "stores",
      stores.map((s) => [s.store, storeName(s)]),
      coupon.stores ?? [],
      changed,
    ),
  };
}

// couponForm makes the form of a coupon, which can be for some of the stores; a new one is given its code in it.
export const couponForm = (stores) => (coupon, changed) => {
  const kept = !coupon.currency || coupon.currency === currency();
  const code = coupon.code ? null : codeField();
  const value = valueField(coupon, kept);
  const controls = controlsOf(coupon, kept, stores, changed);
  const read = (wrong) => {
    const said = Object.entries(controls).map(([name, control]) => [name, control.read(wrong)]);
    const named = code && { code: code.read(wrong) };
    return { ...coupon, currency: currency(), ...named, ...value.read(wrong), ...Object.fromEntries(said) };
  };
  const panel = (title, why, ...parts) =>
    h(
      "section",
      { class: "panel" },
      title && h("h2", {}, t(title)),
      why && h("p", { class: "small" }, t(why)),
      ...parts.filter(Boolean),
    );
  const beside = (...some) => h("div", { class: "beside" }, ...some.map((control) => control.root));
  const { min_subtotal: least, from, until, uses, uses_per_member: perMember, categories, items } = controls;
  const severalStores = stores.length > 1 || coupon.stores?.length > 0;
  const root = h(
    "div",
    {},
    panel("", "", code?.root, value.root, least.root),
    panel("coupons.when", "coupons.when_why", beside(from, until), beside(uses, perMember)),
    panel("coupons.what_for", "coupons.what_for_why", categories.root, items.root),
    severalStores && panel("coupons.where", "coupons.where_why", controls.stores.root),
  );
  return { root, read };
};

// The fields of the forms. Each has an element, root, and read, which returns its value and adds
// what is wrong with it to a list of {path, key, values}.

import { $, h, t } from "./core.js";
import { showFieldError } from "./forms.js";
import { minorUnits, typed, wholeNumber } from "./amounts.js";

let count = 0;

// labelled returns an input with its label, and a hint in it.
export function labelled(label, input, { hint = "", field } = {}) {
  input.id ||= `field-${++count}`;
  if (field) input.dataset.field = field;
  return h("div", { class: "field" }, h("label", { for: input.id }, label, hint && h("small", {}, hint)), input);
}

const languages = { ko: "manage.in_korean", en: "manage.in_english" };

// names has one text in both languages.
export function names(field, label, value = {}, { limit, long = false, optional = false } = {}) {
  const inputs = {};
  const root = h("fieldset", { class: "pair" }, h("legend", {}, label, optional && h("small", {}, t("optional"))));
  for (const [language, key] of Object.entries(languages)) {
    const input = h(long ? "textarea" : "input", {
      lang: language,
      maxlength: limit,
      autocomplete: "off",
      rows: long && 3,
    });
    input.value = value?.[language] ?? "";
    inputs[language] = input;
    root.append(labelled(t(key), input, { field: `${field}.${language}` }));
  }
  const read = () => {
    const texts = Object.entries(inputs).map(([language, input]) => [
      language,
      input.value.trim().replace(/\s+/gu, " "),
    ]);
    return Object.fromEntries(texts.filter(([, text]) => text !== ""));
  };
  return { root, read, inputs };
}

// numeric has a whole number, or nothing where it is optional.
export function numeric(field, label, value, { hint = "", optional = false } = {}) {
  const input = h("input", { inputmode: "numeric", autocomplete: "off", class: "short" });
  input.value = value ?? "";
  const read = (wrong) => {
    if (optional && input.value.trim() === "") return undefined;
    const number = wholeNumber(input.value);
    if (number === null) wrong.push({ path: field, key: "whole_number" });
    return number ?? undefined;
  };
  return { root: labelled(label, input, { hint, field }), read, input };
}

// amount has money, in the decimals of its currency.
export function amount(field, label, value, currency, { hint = "" } = {}) {
  const input = h("input", { inputmode: "text", autocomplete: "off", class: "short" });
  input.value = value === null ? "" : typed(value, currency);
  const read = (wrong) => {
    const minor = minorUnits(input.value, currency);
    if (minor === null) wrong.push({ path: field, key: "amount", values: { example: typed(4500, currency) } });
    return minor ?? 0;
  };
  return { root: labelled(label, input, { hint: [currency, hint].filter(Boolean).join(" · "), field }), read, input };
}

// checkbox returns an input with its label beside it.
export function checkbox(label, checked, properties = {}) {
  const input = h("input", { type: "checkbox", ...properties });
  input.checked = checked;
  return { root: h("label", { class: "check" }, input, h("span", {}, label)), input };
}

// chosenOf has some of the values, which are told by the texts of their keys.
export function chosenOf(field, label, values, chosen, text) {
  const boxes = values.map((value) => [value, checkbox(text(value), chosen.includes(value))]);
  const root = h(
    "fieldset",
    { "data-field": field, id: `field-${++count}` },
    h("legend", {}, label),
    h("div", { class: "checks" }, ...boxes.map(([, box]) => box.root)),
  );
  return { root, read: () => boxes.filter(([, box]) => box.input.checked).map(([value]) => value) };
}

// choice has one of the options [[value, text]].
export function choice(field, label, options, value) {
  const input = h("select", {}, ...options.map(([id, text]) => h("option", { value: id }, text)));
  input.value = options.some(([id]) => id === value) ? value : "";
  return { root: labelled(label, input, { field }), read: () => input.value, input };
}

// fieldAt returns the element of a path such as "options[2].name.ko", or null. Rows of a list are the
// children of the element whose data-list is its name.
export function fieldAt(root, path) {
  const [, list, index, rest] = /^([\w.]+?)\[(\d+)\](?:\.(.+))?$/.exec(path) ?? [];
  const row = list && $(`[data-list="${list}"]`, root)?.children[index];
  if (row) return (rest && fieldAt(row, rest)) ?? $("[data-field]", row) ?? $(`[data-list="${list}"]`, root);
  const exact = $(`[data-field="${list ?? path}"], [data-list="${list ?? path}"]`, root);
  if (exact || !path.includes(".")) return exact;
  return fieldAt(root, path.slice(0, path.lastIndexOf(".")));
}

// showErrors says what is wrong at each field, and leads to the first. What has no field is returned.
export function showErrors(root, errors) {
  const rest = [];
  for (const { path, text } of errors.toReversed()) {
    const field = path === null ? null : fieldAt(root, path);
    if (!field) rest.unshift(text);
    else {
      field.id ||= `field-${++count}`;
      showFieldError(field, text);
    }
  }
  return rest;
}

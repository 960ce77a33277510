// The form of a store: where it is, when it is open, and how much it makes.

import { h, t } from "./core.js";
import { labelled, names, numeric } from "./controls.js";
import { rules } from "./documents.js";
import { exceptionsField, weekField } from "./weekform.js";

const label = (name) => t(`manage.field.${name}`);

// line has a text on one line, or nothing.
function line(field, value, { hint, limit, ...properties } = {}) {
  const input = h("input", { maxlength: limit, autocomplete: "off", ...properties });
  input.value = value ?? "";
  const read = () => input.value.trim() || undefined;
  return { root: labelled(label(field), input, { hint, field }), read, input };
}

// place has a location, or none.
function place(location) {
  const degrees = (name, value) => {
    const input = h("input", { inputmode: "decimal", autocomplete: "off", class: "short" });
    input.value = value ?? "";
    return { root: labelled(label(name), input, { field: `location.${name}` }), input };
  };
  const lat = degrees("lat", location?.lat),
    lng = degrees("lng", location?.lng);
  const number = ({ input }, name, wrong) => {
    const typed = input.value.trim();
    if (typed === "" || !Number.isFinite(Number(typed))) wrong.push({ path: `location.${name}`, key: "degrees" });
    return Number(typed);
  };
  const read = (wrong) => {
    if (!lat.input.value.trim() && !lng.input.value.trim()) return undefined;
    return { lat: number(lat, "lat", wrong), lng: number(lng, "lng", wrong) };
  };
  const root = h(
    "fieldset",
    { "data-field": "location" },
    h("legend", {}, label("location")),
    h("p", { class: "small" }, t("manage.location_why")),
    h("div", { class: "beside" }, lat.root, lng.root),
  );
  return { root, read };
}

// percent has a rate in percent, or nothing.
function percent(name, value) {
  const field = line(name, value, { inputmode: "decimal", class: "short", hint: t("manage.tax_why") });
  const read = (wrong) => {
    const typed = field.input.value.trim().replace(",", ".").replace(/ *%$/, "");
    if (typed === "") return undefined;
    if (!/^\d+(\.\d{1,2})?$/.test(typed)) wrong.push({ path: name, key: "percent" });
    return Number(typed);
  };
  return { ...field, read };
}

// zone has the name of a time zone, of which browsers know a list.
function zone(value) {
  const field = line("time_zone", value, { list: "time-zones", spellcheck: "false", hint: "Asia/Seoul" });
  const known = Intl.supportedValuesOf?.("timeZone") ?? [];
  const list = h("datalist", { id: "time-zones" }, ...known.map((name) => h("option", { value: name })));
  field.root.append(list);
  return { ...field, read: () => field.input.value.trim() };
}

// controlsOf returns the fields of a store, by their names.
function controlsOf(store, changed) {
  return {
    name: names("name", label("name"), store.name, { limit: rules.store_name }),
    address: line("address", store.address, { limit: rules.address }),
    phone: line("phone", store.phone, { type: "tel", hint: "+82 2-1234-5678" }),
    location: place(store.location),
    time_zone: zone(store.time_zone),
    hours: weekField(store.store ? store.hours : {}, changed),
    exceptions: exceptionsField(store.exceptions ?? [], changed),
    prep_minutes: numeric("prep_minutes", label("prep_minutes"), store.prep_minutes ?? 10),
    cups_per_slot: numeric("cups_per_slot", label("cups_per_slot"), store.cups_per_slot ?? 20),
    legal_name: line("legal_name", store.legal_name, { limit: rules.legal_name }),
    registration_number: line("registration_number", store.registration_number, { limit: rules.registration_number }),
    tax_percent: percent("tax_percent", store.tax_percent),
  };
}

// slugFor suggests what a store could be called in addresses.
const slugFor = (name) =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 40);

// storeForm is the form of a store; a new one is given its slug in it.
export function storeForm(store, changed) {
  const controls = controlsOf(store, changed);
  const slug = store.store ? null : line("store", "", { hint: t("manage.slug_why"), spellcheck: "false" });
  let suggested = "";
  if (slug)
    controls.name.inputs.en.addEventListener("input", ({ target }) => {
      if (slug.input.value === suggested) slug.input.value = suggested = slugFor(target.value);
    });
  const read = (wrong) => {
    const said = Object.entries(controls).map(([name, control]) => [name, control.read(wrong)]);
    if (slug && !slug.read()) wrong.push({ path: "store", key: "empty" });
    return { ...store, ...(slug && { store: slug.read() }), ...Object.fromEntries(said) };
  };
  const { name, hours, exceptions, prep_minutes: prep, cups_per_slot: cups, ...rest } = controls;
  const { legal_name: legal, registration_number: registration, tax_percent: tax, ...where } = rest;
  const panel = (title, ...fields) =>
    h("section", { class: "panel" }, title && h("h2", {}, t(title)), ...fields.map((field) => field.root));
  const root = h(
    "div",
    {},
    panel("", name, ...(slug ? [slug] : []), ...Object.values(where)),
    panel("manage.store_opening", hours, exceptions),
    panel("manage.store_making", prep, cups),
    panel("manage.store_receipts", legal, registration, tax),
  );
  return { root, read };
}

// When a store is open: the periods of each weekday, and days that are otherwise.

import { $, h, language, say, t } from "./core.js";
import { checkbox, labelled } from "./controls.js";
import { periodsOf } from "./periods.js";
import { rowsOf } from "./rows.js";

const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const usual = ["08:00", "21:00"];
const monday = Date.UTC(2024, 0, 1); // any one
const names = new Intl.DateTimeFormat(language, { weekday: "long", timeZone: "UTC" });
const nameOf = (i) => names.format(monday + i * 24 * 3_600_000);

// weekField has the hours of a week; undefined for a store that is always open.
export function weekField(week, changed) {
  const fields = days.map((day, i) =>
    periodsOf(`hours.${day}`, week?.[day] ?? [], {
      changed: update,
      usual,
      label: t("manage.add_hours_on", { day: nameOf(i) }),
    }),
  );
  const states = days.map(() => h("span", { class: "small" }));
  const rows = fields.map(({ parts }, i) =>
    h("div", { class: "day" }, h("strong", {}, nameOf(i)), states[i], ...parts),
  );
  const always = checkbox(t("manage.always_open"), !week);
  const open = h("div", {}, ...rows);
  const root = h(
    "fieldset",
    { "data-field": "hours" },
    h("legend", {}, t("manage.field.opening")),
    h("p", { class: "small" }, t("manage.opening_why")),
    always.root,
    open,
  );
  always.input.addEventListener("change", update);
  function show() {
    open.hidden = always.input.checked;
    fields.forEach(({ read }, i) => say(states[i], read([]).length === 0 ? t("manage.closed_day") : ""));
  }
  function update() {
    show();
    changed();
  }
  show();
  const read = (wrong) =>
    always.input.checked ? undefined : Object.fromEntries(days.map((day, i) => [day, fields[i].read(wrong)]));
  return { root, read };
}

function exceptionRow(changed) {
  return ({ date, hours }) => {
    const on = h("input", { type: "date", required: true });
    on.value = date;
    const periods = periodsOf("hours", hours, { changed, usual });
    const read = (wrong) => {
      if (!on.value) wrong.push({ path: "date", key: "empty" });
      return { date: on.value, hours: periods.read(wrong) };
    };
    const root = h(
      "div",
      { class: "day" },
      labelled(t("manage.field.date"), on, { field: "date" }),
      h("span", { class: "small" }, t("manage.exception_closed")),
      ...periods.parts,
    );
    return { root, read };
  };
}

// exceptionsField has the days that are not as their weekday.
export function exceptionsField(exceptions, changed) {
  const rows = rowsOf("exceptions", exceptions, {
    make: exceptionRow(changed),
    called: ({ date }) => date,
    changed,
    ordered: false,
  });
  const add = h("button", { type: "button" }, t("manage.add_exception"));
  add.addEventListener("click", () => {
    rows.add({ date: "", hours: [] });
    $("input", rows.root.lastChild).focus();
  });
  const root = h(
    "fieldset",
    {},
    h("legend", {}, t("manage.field.exceptions")),
    h("p", { class: "small" }, t("manage.exceptions_why")),
    rows.root,
    add,
  );
  return { root, read: rows.read };
}

// Periods of a day, in rows. The end of the day is 00:00 in an input, and 24:00 in a document.

import { $, h, t } from "./core.js";
import { rowsOf } from "./rows.js";

function periodRow([from, until]) {
  const begins = h("input", { type: "time", "aria-label": t("manage.from"), required: true, "data-field": "from" });
  const ends = h("input", { type: "time", "aria-label": t("manage.to"), required: true });
  begins.value = from;
  ends.value = until === "24:00" ? "00:00" : until;
  const read = (wrong) => {
    if (!begins.value || !ends.value) wrong.push({ path: "from", key: "no_period" });
    return [begins.value, ends.value === "00:00" ? "24:00" : ends.value];
  };
  return { root: h("span", { class: "period" }, begins, " – ", ends), read };
}

// periodsOf has periods; usual is one that is added. The parts are the rows and the button that adds one, which
// says of what when it has a label.
export function periodsOf(field, periods, { changed, usual, label }) {
  const rows = rowsOf(field, periods, {
    make: periodRow,
    called: (period) => period.join("–"),
    changed,
    ordered: false,
  });
  const add = h("button", { type: "button", class: "quiet", "aria-label": label }, t("manage.add_hours"));
  add.addEventListener("click", () => {
    rows.add(usual);
    $("input", rows.root.lastChild).focus();
  });
  return { parts: [rows.root, add], read: rows.read };
}

// The switches by which the staff says what is sold out, and until when: an item, or an option
// wherever it is one.

import { isOn, whyNot } from "./availability.js";
import { at } from "./boardstore.js";
import { $, arrange, call, h, language, money, t } from "./core.js";
import { dayAndClock } from "./hours.js";
import { extra } from "./made.js";
import { askHowLong } from "./soldoutform.js";

const list = $("#switches"),
  find = $("#find"),
  parts = new Map(), // by what they are called
  rows = new Map(); // by what they are of
let loads = 0,
  menu = null,
  failed = null;

// showSwitches loads what can be sold out, and shows a switch for each. It returns the menu that it
// has shown, if a later one has not been faster; tell is told of what went wrong.
export async function showSwitches(tell) {
  const load = ++loads;
  failed = tell;
  try {
    const now = await call("GET", at("/store/menu"));
    if (load !== loads) return null; // a later one knows better
    menu = now;
    show();
    return menu;
  } catch (problem) {
    failed(problem);
    return null;
  }
}

// partsOf are the items, and each group of options: {key, name, entries}.
function partsOf() {
  const items = menu.items.map((item) => ({ ...item, key: item.product, price: money(item.price) }));
  const groups = menu.groups.map(({ group, name, options }) => ({
    key: group,
    name: name[language],
    entries: options.map((o) => ({ ...o, key: `${group}/${o.option}`, price: extra(o.price) })),
  }));
  return [{ key: "", name: t("board.items"), entries: items }, ...groups];
}

function show() {
  arrange(list, partsOf().map(showPart));
  filter();
}

function showPart({ key, name, entries }) {
  if (!parts.has(key)) parts.set(key, h("section", {}, h("h3"), h("ul")));
  const part = parts.get(key);
  $("h3", part).textContent = name;
  arrange($("ul", part), entries.map(showRow));
  return part;
}

const untilText = ({ until }) => (until ? t("board.until", { time: dayAndClock(until) }) : t("board.until_put_back"));

const groupName = (id) => menu.groups.find(({ group }) => group === id)?.name[language] ?? id;

function showRow(entry) {
  if (!rows.has(entry.key)) rows.set(entry.key, makeRow(entry.key));
  const row = rows.get(entry.key),
    name = entry.name[language],
    on = isOn(entry);
  row.entry = entry;
  row.name.textContent = name;
  row.price.textContent = entry.price;
  row.why.textContent = whyNot(entry, groupName);
  row.until.textContent = on ? t("board.for_a_time") : untilText(entry);
  row.until.setAttribute("aria-label", t("board.sold_out_until", { name, until: row.until.textContent }));
  row.flip.textContent = t(on ? "board.on_sale" : "menu.sold_out");
  row.flip.setAttribute("aria-checked", String(on));
  row.flip.setAttribute("aria-label", t("board.available", { name }));
  return row.root;
}

// makeRow makes the row of an item or an option, which says nothing yet. Whatever it says, it is as high.
function makeRow(key) {
  const row = {
    name: h("span", { class: "name" }),
    price: h("small"),
    why: h("small", { class: "why", id: `switch/${key}/why` }),
  };
  row.until = h("button", {
    id: `switch/${key}/until`,
    type: "button",
    class: "until quiet",
    "aria-haspopup": "dialog",
    click: async () => {
      const until = await askHowLong(row.entry.name[language]);
      if (until !== undefined) change(row.entry, { available: false, ...(until && { until }) });
    },
  });
  const [product, option] = key.split("/");
  row.flip = h("button", {
    id: `switch/${key}`,
    "data-product": option ? null : product,
    "data-option": option,
    type: "button",
    role: "switch",
    class: "switch",
    "aria-describedby": row.why.id,
    click: () => change(row.entry, { available: !isOn(row.entry) }),
  });
  row.root = h(
    "li",
    {},
    h("div", {}, row.name, " ", row.price),
    row.flip,
    h("div", { class: "said" }, row.until, row.why),
  );
  return row;
}

async function change({ key }, body) {
  try {
    await call("PUT", at(key.includes("/") ? `/store/options/${key}` : `/store/menu/${key}`), { body });
    await showSwitches(failed);
  } catch (problem) {
    failed(problem);
  }
}

// filter leaves what has the words in its name that are looked for.
function filter() {
  const words = find.value.trim().toLowerCase();
  for (const { root, name } of rows.values()) root.hidden = !name.textContent.toLowerCase().includes(words);
  for (const part of list.children) part.hidden = !$("li:not([hidden])", part);
}
find.addEventListener("input", filter);

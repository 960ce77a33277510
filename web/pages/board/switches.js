// The switches by which the staff says what is sold out, and until when: an item, or an option
// wherever it is one.

import { $, call, clock, day, h, language, money, t } from "./core.js";
import { extra } from "./made.js";

const list = $("#switches"),
  find = $("#find");
const hour = 3_600_000,
  morning = 6; // o'clock
let loads = 0;

// showSwitches loads what can be sold out, and shows a switch for each. failed is told of what
// went wrong.
export async function showSwitches(failed) {
  const load = ++loads;
  try {
    const menu = await call("GET", "/store/menu");
    if (load === loads) show(menu, failed); // a later one knows better
  } catch (problem) {
    failed(problem);
  }
}

const showPart = ({ name, entries }, failed) =>
  h("section", {}, h("h3", {}, name), h("ul", {}, ...entries.map((entry) => showEntry(entry, failed))));

function show(menu, failed) {
  const focused = document.activeElement?.id;
  const items = menu.items.map((item) => ({
    ...item,
    id: `switch/${item.product}`,
    path: `/store/menu/${item.product}`,
    price: money(item.price),
  }));
  const parts = menu.groups.map(({ group, name, options }) => ({
    name: name[language],
    entries: options.map((o) => ({
      ...o,
      id: `switch/${group}/${o.option}`,
      path: `/store/options/${group}/${o.option}`,
      price: extra(o.price),
    })),
  }));
  parts.unshift({ name: t("board.items"), entries: items });
  list.replaceChildren(...parts.map((part) => showPart(part, failed)));
  filter();
  if (focused) document.getElementById(focused)?.focus();
}

function showEntry(entry, failed) {
  const name = entry.name[language];
  return h(
    "li",
    {},
    h("span", { class: "name" }, name, h("small", {}, entry.price), !entry.available && showUntil(entry, name, failed)),
    h(
      "button",
      {
        id: entry.id,
        type: "button",
        role: "switch",
        class: "switch",
        "data-product": entry.product,
        "data-option": entry.option,
        "aria-checked": String(entry.available),
        "aria-label": t("board.available", { name }),
        click: () => flip(entry, { available: !entry.available }, failed),
      },
      t(entry.available ? "board.on_sale" : "menu.sold_out"),
    ),
  );
}

// showUntil lets the staff say until when it is sold out.
function showUntil(entry, name, failed) {
  // They are reckoned from the press: the list may have been drawn long before.
  const times = { forever: () => null, hour: () => new Date(Date.now() + hour), morning: nextMorning };
  const select = h(
    "select",
    {
      id: `${entry.id}/until`,
      class: "until",
      "aria-label": t("board.sold_out_until", { name }),
      change: () => flip(entry, { available: false, until: times[select.value]()?.toISOString() }, failed),
    },
    entry.until && h("option", { value: "set", disabled: true }, t("board.until", { time: dayAndClock(entry.until) })),
    h("option", { value: "forever" }, t("board.until_put_back")),
    h("option", { value: "hour" }, t("board.for_an_hour")),
    h("option", { value: "morning" }, t("board.until", { time: dayAndClock(nextMorning()) })),
  );
  select.value = entry.until ? "set" : "forever";
  return select;
}

// nextMorning is when the store has been supplied again.
function nextMorning() {
  const at = new Date();
  if (at.getHours() >= morning) at.setDate(at.getDate() + 1);
  at.setHours(morning, 0, 0, 0);
  return at;
}

function dayAndClock(time) {
  const at = new Date(time),
    tomorrow = new Date();
  if (at.toDateString() === tomorrow.toDateString()) return clock(at);
  tomorrow.setDate(tomorrow.getDate() + 1);
  return at.toDateString() === tomorrow.toDateString() ? t("board.tomorrow", { time: clock(at) }) : day(at);
}

async function flip({ path }, body, failed) {
  try {
    await call("PUT", path, { body });
    await showSwitches(failed);
  } catch (problem) {
    failed(problem);
  }
}

// filter leaves what has the words in its name that are looked for.
function filter() {
  const words = find.value.trim().toLowerCase();
  for (const entry of list.querySelectorAll("li"))
    entry.hidden = !$(".name", entry).firstChild.textContent.toLowerCase().includes(words);
  for (const part of list.children) part.hidden = !$("li:not([hidden])", part);
}
find.addEventListener("input", filter);

// When the order is picked up: now, or in one of the store's slots. The times are the store's, whatever the browser's
// clock and zone.

import { clock, daysAway, format, now } from "./clock.js";
import { $, arrange, call, h, passing, say, t } from "./core.js";

const box = $("#pickup"),
  pane = $("#slots"),
  days = $("#slot-day"),
  times = $("#slot-times"),
  said = $("#slot-said"),
  next = $("#slot-next");
const radio = (value) => $(`[name=when][value=${value}]`, box);
const week = 7,
  dayLong = 86_400_000;

let changed = () => {}, // shows the page anew
  at = "", // the beginning of the slot that is chosen
  store = null, // the slug of the store whose slots these are
  cups = 0,
  known = new Map(), // the slots of each day, "2026-11-30"
  loading = 0;

const isLater = () => radio("later").checked;

// pickupAt returns when the order is picked up; nothing for one for now.
export const pickupAt = () => (isLater() ? at : "");

// canBeHad reports whether the order can be placed for when it is wanted, at a store that is open now or is not.
export const canBeHad = (open) => (isLater() ? at !== "" : open);

// wantsTime reports whether a time is still to be chosen.
export const wantsTime = () => isLater() && at === "";

// startPicker has the picker work. given is called when something of it has changed.
export function startPicker(given) {
  changed = given;
  const before = passing.get("pickup");
  radio("now").checked = true;
  if (before && Date.parse(before.at) > now()) {
    store = before.store;
    at = before.at;
    radio("later").checked = true;
  }
  $("#checkout").addEventListener("reset", () => setTimeout(reset));
  for (const value of ["now", "later"]) radio(value).addEventListener("change", switched);
  days.addEventListener("change", () => showTimes());
}

function switched() {
  say(said, "");
  next.replaceChildren();
  keep();
  if (isLater()) load();
  changed();
}

function reset() {
  radio("now").checked = true;
  at = "";
  say(said, "");
  next.replaceChildren();
  keep();
  changed();
}

function keep() {
  if (pickupAt()) passing.set("pickup", { store, at });
  else passing.remove("pickup");
}

const today = () => format(now(), {}, undefined, "sv"); // "2026-11-30", as the store's calendar has it
const dateOf = (slot) => format(slot, {}, undefined, "sv");
const after = (date, more) => new Date(Date.parse(date) + more * dayLong).toISOString().slice(0, 10);

// load asks for the slots of the days that can be ordered for. A later call's answer holds.
async function load() {
  const mine = ++loading,
    path = `/stores/${encodeURIComponent(store)}/slots`,
    first = today();
  const dates = Array.from({ length: week + 1 }, (_, i) => after(first, i));
  try {
    const answers = await Promise.all(
      dates.map((date) => call("GET", `${path}?date=${date}&cups=${Math.max(cups, 1)}`)),
    );
    if (mine !== loading) return;
    known = new Map(dates.map((date, i) => [date, answers[i].slots]).filter(([, slots]) => slots.length));
    check();
  } catch {
    if (mine !== loading) return;
    known = new Map();
    say(said, t("cart.slots_away"));
  }
  showDays();
}

// check drops a choice that can be had no more, and says so.
function check() {
  const there = [...known.values()].flat();
  if (at && !there.some((slot) => slot.at === at && slot.available)) {
    at = "";
    keep();
    say(said, t("cart.slot_gone"));
  } else if (said.textContent === t("cart.slots_away") || said.textContent === t("cart.no_slots")) say(said, "");
  if (!there.length) say(said, t("cart.no_slots"));
}

function dayText(slot) {
  const away = daysAway(slot);
  if (away === 0) return t("cart.today");
  return away === 1 ? t("cart.tomorrow") : format(slot, { weekday: "short", month: "short", day: "numeric" });
}

function showDays() {
  const before = at ? dateOf(at) : days.value;
  days.replaceChildren(
    ...[...known].map(([date, slots]) => h("option", { value: date, selected: date === before }, dayText(slots[0].at))),
  );
  days.parentElement.hidden = known.size === 0;
  showTimes();
  changed();
}

function showTimes() {
  const slots = (known.get(days.value) ?? []).filter((slot) => Date.parse(slot.at) > now());
  const focus = times.contains(document.activeElement) && document.activeElement.dataset.at;
  arrange(times, slots.map(button));
  if (focus) [...times.children].find((other) => other.dataset.at === focus)?.focus();
}

function button(slot) {
  return h(
    "button",
    {
      type: "button",
      class: "slot",
      "data-at": slot.at,
      disabled: !slot.available,
      "data-full": !slot.available,
      "aria-pressed": String(slot.at === at),
      click: () => choose(slot.at),
    },
    clock(slot.at),
    !slot.available && h("small", {}, ` ${t("cart.full")}`),
  );
}

function choose(slot) {
  at = slot;
  say(said, "");
  next.replaceChildren();
  keep();
  showDays();
  say($("#announce"), chosenText());
}

function chosenText() {
  return pickupAt() ? t("cart.for", { day: dayText(at), time: clock(at) }) : "";
}

// showPicker shows the picker of a store, open now or not, for an order of so many pieces. Another store's slots are
// others.
export function showPicker({ slug, open, pieces, placing }) {
  const other = store !== null && store !== slug,
    more = cups !== pieces;
  store = slug;
  cups = pieces;
  if (other) {
    known = new Map();
    days.replaceChildren();
    if (isLater()) return reset();
  }
  if (isLater() && (more || !loading)) load();
  pane.hidden = !isLater();
  $("#closed-now").hidden = open;
  say($("#pickup-chosen"), chosenText());
  for (const slot of times.children) slot.disabled = placing || slot.hasAttribute("data-full");
}

// refusedSlot says why the order cannot be picked up when it was wanted, and offers the next times that have room.
// It reports whether that was why.
export function refusedSlot(problem, why) {
  if (problem.code !== "slot_full" && problem.field !== "pickup_at") return false;
  at = "";
  keep();
  load();
  say(said, why);
  const slots = problem.body.slots ?? [];
  const offer = (slot) =>
    h(
      "button",
      { type: "button", class: "slot", click: () => choose(slot.at) },
      `${dayText(slot.at)} ${clock(slot.at)}`,
    );
  next.replaceChildren(
    ...(slots.length ? [h("p", { class: "small" }, t("cart.next_slots")), ...slots.map(offer)] : []),
  );
  changed();
  ($("button", next) ?? radio("later")).focus();
  return true;
}

// Nothing that is past stays to be chosen.
setInterval(() => isLater() && !document.hidden && load(), 60_000);

// What is sold out at the moment: kept apart from the catalog, and said at once.

import { isOn, whyNot } from "./availability.js";
import { now as serverTime, setZone } from "./clock.js";
import { $, call, h, language, say, t, when } from "./core.js";
import { explained } from "./session.js";
import { fromWall, toWall } from "./zoned.js";

const said = new Map(),
  groups = new Map(); // what they are called
let menu = null,
  ofStore = "", // whose menu it is; empty where there is one store
  loads = 0;
const queryOf = (store) => store && `?store=${encodeURIComponent(store)}`;
const pathOf = (key) => `/store/${key.includes("/") ? "options" : "menu"}/${key}${queryOf(ofStore)}`;

// loadAvailability reads what is to be had now, at that store or at the only one. Of several readings the last counts.
export async function loadAvailability(store = "") {
  const mine = ++loads;
  const answers = await Promise.all([call("GET", `/store/menu${queryOf(store)}`), call("GET", "/store/stores")]);
  if (mine !== loads) return;
  const { stores } = answers[1];
  menu = answers[0];
  ofStore = store;
  setZone((stores.find((known) => known.store === store) ?? stores[0])?.time_zone);
  said.clear();
  groups.clear();
  for (const item of menu.items) said.set(item.product, item);
  for (const { group, name, options } of menu.groups) {
    groups.set(group, name[language]);
    for (const option of options) said.set(`${group}/${option.option}`, option);
  }
}

// staffMenu is the menu as it was read last.
export const staffMenu = () => menu;

const groupName = (group) => groups.get(group) ?? group;

// availability is what the server has said last of a product, or of an option by "group/option".
export const availability = (key) => said.get(key) ?? { available: true };

// stateText says what the staff has said of it.
export function stateText(entry) {
  const { until } = entry;
  if (!until) return t(isOn(entry) ? "manage.on_sale" : "manage.sold_out");
  return t(isOn(entry) ? "manage.on_sale_until" : "manage.sold_out_until", { time: when(until) });
}

// change says something of a product or of an option. It throws a Problem.
export async function change(key, body) {
  said.set(key, await call("PUT", pathOf(key), { body }));
}

// flip says that something is to be had or not, until a time or until it is said otherwise. It returns a
// text of what went wrong, and nothing when all is well.
async function flip(key, available, until) {
  try {
    await change(key, until ? { available, until } : { available });
    return "";
  } catch (problem) {
    return explained(problem);
  }
}

// toggle is a switch of a row: until it is put back. shown is told of every change that the server has taken.
export function toggle(key, name, shown) {
  const button = h("button", {
    type: "button",
    role: "switch",
    class: "switch",
    "aria-label": t("manage.available", { name }),
    "aria-describedby": `why/${key}`,
  });
  const why = h("small", { id: `why/${key}` }),
    note = h("small", { class: "problem", role: "alert", hidden: true });
  const show = () => {
    const now = availability(key);
    button.textContent = stateText(now);
    button.setAttribute("aria-checked", String(isOn(now)));
    say(why, whyNot(now, groupName));
  };
  button.addEventListener("click", async () => {
    button.disabled = true;
    say(note, await flip(key, !isOn(availability(key))));
    button.disabled = false;
    show();
    say($("#announce"), why.textContent);
    button.focus();
    shown?.();
  });
  show();
  return h("span", { class: "sale" }, button, why, note);
}

// inAnHour is the proposal: the next full hour but one, on the store's clocks.
const inAnHour = () => `${toWall(serverTime() + 2 * 3_600_000).slice(0, "2026-11-30T08".length)}:00`;

// saleControl is everything that can be said of one product or option: sold out now, until a time, or put
// back. shown is as in toggle.
export function saleControl(key, name, shown) {
  const state = h("strong", { role: "status" }),
    why = h("p", { class: "small", role: "status" }),
    note = h("p", { class: "problem", role: "alert", hidden: true });
  const until = h("input", { type: "datetime-local", "aria-label": t("manage.until", { name }), class: "when" });
  until.value = inAnHour();
  const press = (label, available, at) => {
    const button = h("button", { type: "button", "aria-label": `${name}: ${label}` }, label);
    button.addEventListener("click", async () => {
      const time = at?.();
      if (time === null) return say(note, t("manage.wrong.time"));
      button.disabled = true;
      say(note, await flip(key, available, time));
      button.disabled = false;
      show();
      (button.checkVisibility() ? button : $("button:not([hidden])", state.parentElement))?.focus();
      shown?.();
    });
    return button;
  };
  const time = () => {
    const entered = fromWall(until.value);
    return entered > serverTime() ? new Date(entered).toISOString() : null;
  };
  const now = press(t("manage.sell_out"), false),
    later = press(t("manage.sell_out_until"), false, time),
    back = press(t("manage.put_back"), true);
  const root = h(
    "div",
    { class: "availability", role: "group", "aria-label": t("manage.availability", { name }) },
    state,
    why,
    h("div", { class: "choices" }, back, now, h("span", { class: "until" }, until, later)),
    note,
  );
  function show() {
    const is = availability(key);
    state.textContent = stateText(is);
    state.dataset.available = String(isOn(is));
    say(why, whyNot(is, groupName));
    back.hidden = isOn(is) && !is.until;
    now.hidden = !isOn(is) && !is.until;
  }
  show();
  return root;
}

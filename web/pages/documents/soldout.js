// What is sold out at the moment: kept apart from the catalog, and said at once.

import { $, call, h, say, t, when } from "./core.js";
import { explained } from "./session.js";

const said = new Map();
const pathOf = (key) => (key.includes("/") ? `/store/options/${key}` : `/store/menu/${key}`);

// loadAvailability reads what is to be had now.
export async function loadAvailability() {
  const menu = await call("GET", "/store/menu");
  said.clear();
  for (const item of menu.items) said.set(item.product, item);
  for (const group of menu.groups)
    for (const option of group.options) said.set(`${group.group}/${option.option}`, option);
}

// availability is what the server has said last of a product, or of an option by "group/option".
export const availability = (key) => said.get(key) ?? { available: true };

// stateText says it in words.
export function stateText({ available, until }) {
  if (!until) return t(available ? "manage.on_sale" : "manage.sold_out");
  return t(available ? "manage.on_sale_until" : "manage.sold_out_until", { time: when(until) });
}

// flip says that something is to be had or not, until a time or until it is said otherwise. It returns a
// text of what is wrong, or of what customers see all the same, and nothing when all is well.
async function flip(key, available, until) {
  try {
    const now = await call("PUT", pathOf(key), { body: until ? { available, until } : { available } });
    said.set(key, now);
    return available && !now.available ? t("manage.not_now") : "";
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
  });
  const note = h("small", { class: "problem", role: "alert", hidden: true });
  const show = () => {
    const now = availability(key);
    button.textContent = stateText(now);
    button.setAttribute("aria-checked", String(now.available));
  };
  button.addEventListener("click", async () => {
    button.disabled = true;
    say(note, await flip(key, !availability(key).available));
    button.disabled = false;
    show();
    button.focus();
    shown?.();
  });
  show();
  return h("span", { class: "sale" }, button, note);
}

// inAnHour is the proposal: the next full hour but one, as an input of this browser's time has it.
function inAnHour() {
  const at = new Date(Date.now() + 2 * 3_600_000);
  at.setMinutes(0, 0, 0);
  return new Date(at - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

// saleControl is everything that can be said of one product or option: sold out now, until a time, or put
// back. shown is as in toggle.
export function saleControl(key, name, shown) {
  const state = h("strong", { role: "status" }),
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
  const time = () => (new Date(until.value) > new Date() ? new Date(until.value).toISOString() : null);
  const now = press(t("manage.sell_out"), false),
    later = press(t("manage.sell_out_until"), false, time),
    back = press(t("manage.put_back"), true);
  const root = h(
    "div",
    { class: "availability", role: "group", "aria-label": t("manage.availability", { name }) },
    state,
    h("div", { class: "choices" }, back, now, h("span", { class: "until" }, until, later)),
    note,
  );
  function show() {
    const is = availability(key);
    state.textContent = stateText(is);
    state.dataset.available = String(is.available);
    back.hidden = is.available && !is.until;
    now.hidden = !is.available && !is.until;
  }
  show();
  return root;
}

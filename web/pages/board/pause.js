// Whether the store takes orders: what its hours and its staff say, and the pauses that end by themselves.

import { at } from "./boardstore.js";
import { now } from "./clock.js";
import { $, call, say, t } from "./core.js";
import { closesSoon, closesText, dayAndClock, opensText } from "./hours.js";
import { hold } from "./steady.js";
import { nextMorning } from "./zoned.js";

const button = $("#hours"),
  dialog = $("#pausing"),
  form = $("form", dialog);
const minute = 60_000;
let hours = null,
  failed = null;

// They are reckoned from the press: the question may have stood there for a while.
const ends = {
  quarter: () => now() + 15 * minute,
  hour: () => now() + 60 * minute,
  tomorrow: () => nextMorning(now()),
  forever: () => null,
};

// showPause shows whether the store takes orders: {open, paused, paused_until, opens_at, closes_at}.
export function showPause(given) {
  hours = given;
  say($("#paused"), sentence());
  button.textContent = t(hours.paused ? "board.resume" : "board.pause");
  button.setAttribute("aria-pressed", Boolean(hours.paused));
}

function sentence() {
  const { paused, paused_until: until } = hours;
  if (paused) return until ? t("board.paused_until", { time: dayAndClock(until) }) : t("board.paused");
  if (closesSoon(hours)) return closesText(hours);
  if (hours.open) return "";
  return hours.opens_at ? t("board.closed", { opens: opensText(hours) }) : t("board.closed_now");
}

// startPause has the button work. tell is told of what goes wrong.
export function startPause(tell) {
  failed = tell;
  setInterval(() => hours && say($("#paused"), sentence()), minute / 2);
}

async function put(body) {
  try {
    showPause(await call("PUT", at("/store/hours"), { body }));
  } catch (problem) {
    failed(problem);
  }
}

button.addEventListener("click", () => {
  if (hours?.paused) return put({ open: true });
  $("#pause-tomorrow").textContent = t("board.until", { time: dayAndClock(nextMorning(now())) });
  form.reset();
  dialog.showModal();
  hold([dialog]);
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  dialog.close();
  const until = ends[new FormData(form).get("until")]();
  put({ open: false, ...(until && { until: new Date(until).toISOString() }) });
});
$("#not-pausing").addEventListener("click", () => dialog.close());

// The question how long something is sold out.

import { now } from "./clock.js";
import { $, t } from "./core.js";
import { dayAndClock } from "./hours.js";
import { hold } from "./steady.js";
import { nextMorning } from "./zoned.js";

const dialog = $("#selling-out"),
  form = $("form", dialog);
const hour = 3_600_000;

// They are reckoned from the press: the question may have stood there for a while.
const times = {
  forever: () => null,
  hour: () => new Date(now() + hour),
  morning: () => new Date(nextMorning(now())),
};

// askHowLong resolves to when what is called so is to be had again, to null for when it is put back, and to
// undefined when it is not to be sold out after all.
export function askHowLong(name) {
  $("#selling-out-title").textContent = t("board.sell_out_title", { name });
  $("#until-morning").textContent = t("board.until", { time: dayAndClock(nextMorning(now())) });
  form.reset();
  dialog.returnValue = "";
  dialog.showModal();
  hold([dialog]);
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(times[dialog.returnValue]?.()), { once: true });
  });
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  dialog.close(new FormData(form).get("until"));
});
$("#not-selling-out").addEventListener("click", () => dialog.close(""));

// How long the store's customers are told that an order takes, in the board's head.

import { $, say, t } from "./core.js";

const shown = $("#wait");
let last = null; // the menu before, as customers see it

// waitOnly shows the wait of a menu as customers see it, and reports whether that is all that is another than before.
export function waitOnly({ wait_minutes: minutes, ...menu }) {
  say(shown, minutes ? t("board.wait", { minutes }) : "");
  const before = last;
  last = { minutes, menu: JSON.stringify(menu) };
  return before !== null && before.menu === last.menu && before.minutes !== minutes;
}

// forgetWait forgets the menu of a store whose board is left.
export function forgetWait() {
  last = null;
  say(shown, "");
}

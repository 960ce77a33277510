// How long an order takes that the store has not accepted yet, as the store says it of orders that are placed now.

import { now } from "./clock.js";
import { call, language } from "./core.js";

const minute = 60_000,
  again = 15_000; // after a look that failed, or found nothing
let due = 0, // when it is to be ready; 0 for unknown
  askAt = 0;

// expectedMinutes returns how long the order is to take from now on, in minutes; 0 while that is not known. When the
// time has come and the store has still not accepted, it is asked for anew. show is called when there is an answer.
export function expectedMinutes({ store }, show) {
  const left = Math.ceil((due - now()) / minute);
  if (left > 0) return left;
  due = 0;
  if (now() >= askAt) look(store, show);
  return 0;
}

async function look(store, show) {
  askAt = now() + again;
  try {
    const { wait_minutes: minutes } = await call("GET", `/stores/${encodeURIComponent(store)}?lang=${language}`);
    if (!minutes) return;
    due = now() + minutes * minute;
    show();
  } catch {
    /* it is asked for again */
  }
}

// When an order is to be ready that the store has not accepted yet, or that is late: as the store says it of orders
// that are placed now, which those before them do not take longer than.

import { now } from "./clock.js";
import { call, language } from "./core.js";

const minute = 60_000,
  again = 15_000; // after a look that failed, or found nothing
let due = 0, // when it is to be ready; 0 for unknown
  askedFor = "", // the status that the order had then
  askAt = 0;

// expectedAt returns when the order is to be ready, by the server's clock in milliseconds; 0 while that is not known.
// When the time has come and the order has its status still, it is asked for anew. show is called when there is an
// answer.
export function expectedAt({ store, status }, show) {
  if (status === askedFor && due > now()) return due;
  due = 0;
  if (status !== askedFor || now() >= askAt) look(store, show);
  askedFor = status;
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

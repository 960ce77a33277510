// Which of several stores makes the order: its name, its place and its clocks.

import { setZone } from "./clock.js";
import { $, learn } from "./core.js";
import { loadStore, nameOnTop, storeLine } from "./stores.js";

await learn("stores");

// showStore shows the store on the page, and returns it.
export async function showStore(slug) {
  const store = await loadStore(slug);
  setZone(store.time_zone);
  nameOnTop(store);
  $("#order").prepend(storeLine(store));
  return store;
}

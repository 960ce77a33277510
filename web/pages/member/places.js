// The stores of past orders, where there are several: their names, and the zones of their clocks.

import { call, language } from "./core.js";

const stores = new Map();

// loadPlaces loads the stores of the orders. Without one, an order is shown without it.
export async function loadPlaces(orders) {
  const missing = new Set(orders.map(({ store }) => store).filter((slug) => !stores.has(slug)));
  await Promise.allSettled(
    [...missing].map(async (slug) => {
      stores.set(slug, await call("GET", `/stores/${encodeURIComponent(slug)}?lang=${language}`));
    }),
  );
}

export const placeOf = ({ store }) => stores.get(store);

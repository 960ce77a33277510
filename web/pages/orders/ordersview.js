// The views of the orders, for managers: those of a day, and one of them with its refunds.

import { h, Problem, t } from "./core.js";
import { loadOrdersOf, OrdersList } from "./orderslist.js";
import { OrderView, readOrder } from "./orderview.js";
import { may } from "./session.js";
import { knownStores, storeName } from "./staffstores.js";

let stores = [],
  order = null;

// ofOrders reports whether an address leads to a view of the orders.
export const ofOrders = (address) => /^#(orders$|order\/)/.test(address);

// loadOrders reads what the view at the address shows.
export async function loadOrders(address) {
  order = null;
  if (!may("manager")) return;
  stores = await knownStores();
  const [, id] = /^#order\/(.+)$/.exec(address) ?? [];
  if (!id) return loadOrdersOf(stores);
  order = await readOrder(decodeURIComponent(id)).catch((problem) => {
    if (problem instanceof Problem && problem.status === 404) return null; // somebody else's, or none
    throw problem;
  });
}

// ordersView returns the view at the address; null for whoever may not see it.
export function ordersView(address) {
  if (!may("manager")) return null;
  if (address === "#orders") return new OrdersList(stores);
  return order ? new OrderView(order, placeOf(order)) : noOrder();
}

function noOrder() {
  const heading = h("h1", { tabindex: "-1" }, t("orders.not_here"));
  const toList = h("p", {}, h("a", { href: "#orders", class: "back" }, t("orders.back")));
  return { heading, root: h("div", {}, toList, heading, h("p", {}, t("orders.not_here_why"))), dirty: () => false };
}

// placeOf returns the clocks of the order's store, and what it is called where there are several.
function placeOf({ store: slug }) {
  const store = stores.find((s) => s.store === slug) ?? { store: slug };
  return { zone: store.time_zone, store: stores.length > 1 && storeName(store) };
}

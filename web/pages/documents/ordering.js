// The order of a list of the catalog, saved when it has rested for a moment.

import { Conflict } from "./versioned.js";
import { idsOf } from "./catalogmerge.js";
import { catalog } from "./documents.js";

const rest = 700;
const waiting = new Map();
let view = null;

// tellOrders has a view told of what becomes of orders: orderIs of whether one is "unsaved", "saving" or "",
// orderSaved of whether others have changed the catalog meanwhile, orderFailed of a problem, and orderConflict
// of a conflict.
export function tellOrders(told) {
  view = told;
}

// unsavedOrders reports whether an order was changed that the server does not have.
export const unsavedOrders = () => waiting.size > 0;

// dropOrders forgets the orders that were not saved.
export function dropOrders() {
  for (const { timer } of waiting.values()) clearTimeout(timer);
  waiting.clear();
}

// reorder has some identifiers of a list in another order: those beside them stay where they are.
export function reorder(list, ids) {
  const pending = waiting.get(list);
  const before = pending?.before ?? idsOf(catalog.document, list);
  const there = new Set(before);
  ids = ids.filter((id) => there.has(id)); // somebody may have deleted some
  const some = new Set(ids),
    next = ids.values();
  const after = (pending?.after ?? before).map((id) => (some.has(id) ? next.next().value : id));
  clearTimeout(pending?.timer);
  waiting.set(list, { before, after, timer: setTimeout(saveOrder, rest, list) });
  view.orderIs("unsaved");
}

// saveOrders saves what is waiting, now.
export const saveOrders = () => Promise.all([...waiting.keys()].map(saveOrder));

async function saveOrder(list) {
  const order = waiting.get(list);
  if (!order) return;
  clearTimeout(order.timer);
  view.orderIs("saving");
  try {
    const { others } = await catalog.save({ path: list, before: order.before, after: order.after });
    if (waiting.get(list) === order) waiting.delete(list);
    else waiting.get(list).before = idsOf(catalog.document, list); // it was moved again meanwhile
    view.orderIs(waiting.size > 0 ? "unsaved" : "");
    if (waiting.size === 0) view.orderSaved(others);
  } catch (problem) {
    if (problem instanceof Conflict) {
      waiting.delete(list);
      view.orderConflict(problem);
    } else view.orderFailed(problem);
  }
}

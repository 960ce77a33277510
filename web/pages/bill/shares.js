// What pieces of an order have cost, in money and points. It knows of no page.

// spentPoints is how many points the order is paid with.
export const spentPoints = ({ discounts = [] }) => discounts.reduce((sum, { points = 0 }) => sum + points, 0);

// pointsBack is how many of them have gone back, or are on their way; with a status, of the refunds of that status.
export const pointsBack = ({ refunds }, status) =>
  refunds.filter((r) => !status || r.status === status).reduce((sum, { points = 0 }) => sum + points, 0);

// share is what so many more pieces of a line are of what all of it has cost: all of them add up to that.
function share(whole, { qty, refunded_qty: out }, pieces) {
  const of = (some) => (BigInt(whole) * BigInt(some)) / BigInt(qty);
  return Number(of(out + pieces) - of(out));
}

// costOf returns what pieces [{line, qty}] of an order have cost, in money and points.
export function costOf(order, pieces) {
  const cost = { amount: 0, points: 0 };
  for (const { line, qty } of pieces) {
    const item = order.items.find((one) => one.line === line);
    cost.amount += share((item.paid ?? item.total).amount, item, qty);
    cost.points += share(item.points ?? 0, item, qty);
  }
  return cost;
}

// What of an order has gone back, and what can: amounts in minor units.

import rules from "./catalogrules.js";
import { costOf, pointsBack, spentPoints } from "./shares.js";

const sum = (numbers) => numbers.reduce((total, n) => total + n, 0);

// left counts the pieces of a line that were not refunded.
export const left = (line) => line.qty - line.refunded_qty;

// back is what has gone back, or is on its way; with a status, only the refunds of that status.
export const back = (order, status) =>
  sum(order.refunds.filter((refund) => !status || refund.status === status).map((refund) => refund.amount));

// kept is what of the charge is left to give back.
export const kept = (order) => order.total.amount - back(order);

// keptPoints is what of the points spent is left to give back.
export const keptPoints = (order) => spentPoints(order) - pointsBack(order);

// refundable returns the lines of which something can be given back.
export const refundable = (order) =>
  order.items.filter((line) => left(line) > 0 && ((line.paid ?? line.price).amount > 0 || line.points > 0));

// worth returns what goes back for pieces [{line, qty}], in money and points: what they have cost, and never more
// than is left.
export function worth(order, lines) {
  const { amount, points } = costOf(order, lines);
  return { amount: Math.min(amount, kept(order)), points: Math.min(points, keptPoints(order)) };
}

// pointsOf returns the points that go back with an amount: with the last of the money, the last of them.
export function pointsOf(order, amount) {
  if (amount === kept(order)) return keptPoints(order);
  const before = sum(order.refunds.filter((r) => r.lines.length === 0).map((r) => r.amount));
  const of = (money) => (BigInt(spentPoints(order)) * BigInt(money)) / BigInt(order.total.amount);
  return Math.min(Number(of(before + amount) - of(before)), keptPoints(order));
}

// endedAt returns when the order got its status, in milliseconds.
export const endedAt = (order) =>
  new Date(order.timeline.findLast((entry) => !entry.note)?.at ?? order.placed_at).getTime();

const day = 86_400_000;

// obstacle says what keeps the order from being refunded now, as a word; nothing does for "".
export function obstacle(order, now) {
  if (["payment_pending", "paid", "accepted", "ready"].includes(order.status)) return "open";
  if (order.status === "payment_failed") return "unpaid";
  if (!["picked_up", "unclaimed"].includes(order.status)) return "undone";
  if (order.refund?.status === "pending") return "pending";
  if (order.total.amount === 0 && spentPoints(order) === 0) return "free";
  if (kept(order) <= 0 && keptPoints(order) <= 0) return "nothing";
  return now > endedAt(order) + rules.refund_days * day ? "old" : "";
}

// actorOf returns who asked for a refund, by the timeline: it was noted at the same time.
export const actorOf = (order, refund) =>
  order.timeline.find((entry) => entry.at === refund.at && entry.actor)?.actor ?? "";

// soughtOf reads what somebody looks for: {id} of an order, also in a link, or {number} as it is called out,
// "A-27" for "a27". What is neither is {unknown}.
export function soughtOf(text) {
  const clean = text.normalize("NFKC").trim();
  const [id] = /\bord_[0-9A-Za-z_-]+/.exec(clean) ?? [];
  if (id) return { id };
  if (clean === "") return {};
  const [, letters, digits] = /^([a-z]{1,4})[\s-]*(\d{1,2})$/i.exec(clean) ?? [];
  return letters ? { number: `${letters.toUpperCase()}-${Number(digits)}` } : { unknown: clean };
}

// same reports whether two states of an order are the same for whoever refunds it.
export function same(a, b) {
  const state = ({ status, refunds }) => JSON.stringify([status, refunds.map((r) => [r.refund, r.status, r.amount])]);
  return state(a) === state(b);
}

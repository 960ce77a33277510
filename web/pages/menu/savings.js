// What makes an order cheaper: the coupon and the points that its customer wants to use, and the bill that the server
// makes of them. An order without either costs what its lines cost.

import { counted } from "./bill.js";
import { call, explain, has, passing, saved, t } from "./core.js";
import { proof } from "./placing.js";

const shortly = 250, // a press or two more may follow
  again = 5_000;

const wanted = { coupon: "", points: 0, ...passing.get("savings") },
  faults = { coupon: "", points: "" }, // what keeps one from being used
  shown = [];
let shop = null, // {body, changed, lookAgain}
  quote = null, // the last answer, and the body that it is for
  asking = "",
  refused = "",
  trouble = "", // why the server has not said yet what the bill is
  timer = 0;

// startSavings has the coupon and the points work. given.body returns the body of a quote, given.changed shows the cart
// anew, and given.lookAgain loads the menu anew.
export function startSavings(given) {
  shop = given;
}

// onSavings has show called whenever what is wanted changes, or what is wrong with it.
export const onSavings = (show) => shown.push(show);

export const wantedSavings = () => ({ ...wanted });
export const savingsFault = (name) => faults[name] || (wanted[name] ? trouble : "");
export const nothingWanted = () => !wanted.coupon && !wanted.points;

// savingsBody is what the body of an order or a quote has of them. Points are those of the member who is signed in;
// how often a coupon may be used may depend on whose number was typed.
export function savingsBody(typed) {
  const number = wanted.points ? saved.get("member")?.number : /^(\D*\d){10}\D*$/.test(typed) && typed;
  return {
    ...(wanted.coupon && { coupon: wanted.coupon }),
    ...(wanted.points && { points: wanted.points }),
    ...(number && !nothingWanted() && { membership_number: number }),
  };
}

// want changes what is wanted, and forgets what was wrong with it.
export function want(change) {
  Object.assign(wanted, change);
  for (const name of Object.keys(change)) faults[name] = "";
  keep();
}

// fault says what is wrong with the coupon or the points, which are not used then.
export function fault(name, text) {
  wanted[name] = name === "points" ? 0 : "";
  faults[name] = text;
  keep();
}

function keep() {
  if (nothingWanted()) passing.remove("savings");
  else passing.set("savings", wanted);
  refused = "";
  shown.forEach((show) => show());
  shop.changed();
}

// billOf returns what is to be paid of what the lines cost; sure is false while the server
// is still asked.
export function billOf(total) {
  if (nothingWanted()) return { subtotal: total, discounts: [], total, sure: true };
  const body = shop.body(),
    key = JSON.stringify(body);
  if (quote?.key === key) return { ...quote.bill, sure: true };
  if (asking !== key && refused !== key && body.items.length) askSoon(body, key);
  return { subtotal: total, discounts: [], total, sure: false };
}

function askSoon(body, key, wait = shortly) {
  asking = key;
  clearTimeout(timer);
  timer = setTimeout(() => ask(body, key), wait);
}

export const quoteOf = (body) => call("POST", "/orders/quote", { body, headers: proof(body) });

// ask asks for the bill. What comes too late for what is in the cart by then is dropped.
async function ask(body, key) {
  try {
    const bill = await quoteOf(body);
    if (asking !== key) return;
    quote = { key, bill };
    asking = trouble = "";
    shown.forEach((show) => show());
    shop.changed();
  } catch (problem) {
    if (asking === key) await troubled(problem, body, key);
  }
}

async function troubled(problem, body, key) {
  if (problem.passing) {
    trouble = explain(problem);
    shown.forEach((show) => show());
    return askSoon(body, key, Math.max(again, problem.retryAfter * 1000));
  }
  if (problem.code === "invalid_points" && (await lessen(body, key))) return;
  if (asking !== key) return;
  asking = trouble = "";
  if (refuseSavings(problem)) return;
  refused = key; // the lines are to blame
  await shop.lookAgain();
  shop.changed();
}

// lessen spends fewer points, where there are more than the order takes now, and reports whether it could.
async function lessen({ points, ...body }, key) {
  const rest = await quoteOf(body).catch(() => null);
  if (asking !== key || !rest || rest.spendable_points === 0 || rest.spendable_points >= points) return false;
  asking = "";
  want({ points: rest.spendable_points });
  faults.points = t("cart.points_lessened", { points: counted(rest.spendable_points) });
  shown.forEach((show) => show());
  return true;
}

// refuseSavings says at its field what the server has against the coupon or the points, takes it off the order, and
// reports whether it was that.
export function refuseSavings(problem) {
  const { code, field, body } = problem;
  if (code === "coupon_unusable" || field === "coupon") {
    const key = `cart.coupon_${body.reason}`;
    fault("coupon", has(key) ? t(key) : explain(problem));
    return true;
  }
  if (code === "points_short" || field === "points") {
    fault("points", code === "unauthorized" ? t("cart.points_signed_out") : explain(problem));
    return true;
  }
  if (code !== "reservation_unavailable" || nothingWanted()) return false;
  for (const name of ["coupon", "points"]) if (wanted[name]) fault(name, explain(problem));
  return true;
}

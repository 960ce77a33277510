// One press places one order: the request and its key are kept until there is an
// answer, whatever happens to the page, the connection or the server meanwhile.

import { remember, takeOut } from "./cart.js";
import { call, forget, newKey, passing, pause, saved } from "./core.js";

// begin makes the attempt, unless one is waiting for its answer already: of this
// page or of another tab's, which then comes first.
export function begin(body) {
  const attempt = saved.get("attempt") ?? {
    key: newKey(),
    body,
  };
  saved.set("attempt", attempt);
  return attempt;
}

// finish sends the attempt until it is answered, and returns the order. What is
// refused for good is thrown, and the attempt over: the cart stays. waiting is
// told of each answer that is none, and whether the order may exist all the same.
export async function finish(attempt, waiting, stopped = () => false) {
  for (let tries = 0; ; tries++) {
    try {
      const order = await call("POST", "/orders", {
        body: attempt.body,
        headers: { "Idempotency-Key": attempt.key, ...proof(attempt.body) },
      });
      settle(order, attempt);
      return order;
    } catch (problem) {
      if (!problem.passing) {
        drop(attempt);
        throw problem;
      }
      if (!attempt.unsure && problem.status !== 503 && problem.status !== 429) {
        attempt.unsure = true;
        if (waits(attempt)) saved.set("attempt", attempt);
      }
      waiting(problem, attempt.unsure === true);
      await pause(1000 * Math.min(2 ** tries, 8));
      if (stopped()) {
        drop(attempt);
        throw problem;
      }
    }
  }
}

// proof makes the order the member's own who is signed in. Under another number it only
// earns points.
export function proof({ membership_number: number }) {
  const member = saved.get("member");
  return member && member.number === number ? { Authorization: `Bearer ${member.token}` } : {};
}

// settle keeps or clears the cart by what became of the attempt's order: once, for
// the cart may have been filled again since another tab has heard of it.
export function settle(order, attempt) {
  if (order.status !== "payment_failed") saved.set("recent", order.id);
  if (!waits(attempt)) return;
  if (order.status === "payment_pending") return saved.set("attempt", { ...attempt, id: order.id });
  saved.remove("attempt");
  if (order.status === "payment_failed") return;
  takeOut(attempt.body.items);
  remember(attempt.body.items);
  forget("note"); // the wish that went with it
  passing.remove("savings"); // its coupon and points
  passing.remove("pickup"); // and the time
}

// waits reports whether the attempt is still without an answer, in every tab.
function waits(attempt) {
  return saved.get("attempt")?.key === attempt.key;
}

function drop(attempt) {
  if (waits(attempt)) saved.remove("attempt");
}

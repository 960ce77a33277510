// The points that a member spends: how many there are, a number, and all of them in one press.

import { counted } from "./bill.js";
import { $, call, explain, saved, say, t } from "./core.js";
import { fault, onSavings, quoteOf, savingsFault, want, wantedSavings } from "./savings.js";

const part = $("#points-part"),
  field = $("#points"),
  said = $("#points-said");
let account = null, // the member's, as it was last read
  body = null, // returns the body of a quote
  reading = "";

const memberNow = () => saved.get("member");

// read reads how many points the member has, who is signed in.
async function read() {
  const member = memberNow();
  reading = member?.token ?? "";
  account = null;
  show();
  if (!member) {
    if (wantedSavings().points) want({ points: 0 });
    return;
  }
  try {
    const found = await call("GET", `/members/${encodeURIComponent(member.number)}?page_size=1`, {
      headers: { Authorization: `Bearer ${member.token}` },
    });
    if (reading === member.token) account = found;
  } catch {
    /* without the balance there is nothing to spend */
  }
  show();
}

// most returns how many points the member can spend on what is in the cart; null where the server has not said.
async function most() {
  const { points: _, ...rest } = body();
  try {
    const { spendable_points: spendable } = await quoteOf(rest);
    return Math.min(spendable, account.points);
  } catch (problem) {
    fault("points", explain(problem));
    return null;
  }
}

async function useAll() {
  const all = await most();
  if (all === null) return;
  if (all >= account.spending.points) return want({ points: all });
  fault("points", t("cart.points_too_cheap"));
  field.focus();
}

// use spends the number that is typed, where there are as many and the order takes them.
async function use() {
  const number = Number(field.value.replaceAll(/[\s,.]/g, "")),
    { points: least } = account.spending;
  let wrong = "";
  if (!Number.isSafeInteger(number) || number < least) wrong = t("cart.points_least", { least: counted(least) });
  else if (number > account.points) wrong = t("cart.points_have", { points: counted(account.points) });
  else {
    const all = await most();
    if (all === null) return;
    if (all < least) wrong = t("cart.points_too_cheap");
    else if (number > all) wrong = t("cart.points_most", { most: counted(all) });
  }
  if (!wrong) return want({ points: number });
  fault("points", wrong);
  field.focus();
}

function show() {
  const { points } = wantedSavings(),
    wrong = savingsFault("points");
  part.hidden = !account || (account.points < account.spending.points && !points && !wrong);
  if (!account) return;
  $("#points-balance").textContent = t("cart.points_balance", { points: counted(account.points) });
  field.hidden = $("#points-use").hidden = $("#points-all").hidden = points > 0;
  $("#points-remove").hidden = points === 0;
  said.className = wrong && !points ? "problem" : "small";
  if (wrong) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
  const used = points > 0 ? t("cart.points_used", { points: counted(points) }) : "";
  say(said, [used, wrong].filter(Boolean).join(" "));
}

// startPoints has the field work; given returns the body of a quote. Enter uses the points: it orders nothing.
export function startPoints(given) {
  body = given;
  $("#points-use").addEventListener("click", use);
  $("#points-all").addEventListener("click", useAll);
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    use();
  });
  $("#points-remove").addEventListener("click", () => {
    field.value = "";
    want({ points: 0 });
    field.focus();
  });
  onSavings(show);
  read();
}

// followMember follows who signs in or out in another tab. Points are the member's alone.
export function followMember() {
  if (memberNow()?.token === reading) return;
  if (wantedSavings().points) want({ points: 0 });
  read();
}

// readAgain reads the balance anew: it is not what it was.
export const readAgain = read;

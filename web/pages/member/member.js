// Members: in with a phone and a code, the balance, past orders, the same again.

import { orderAgain } from "./again.js";
import { forgetOrders } from "./cart.js";
import { $, call, day, explain, forget, h, language, money, passing, saved, say, t, wake } from "./core.js";
import { clearFieldErrors, showFieldError } from "./forms.js";
import { madeText } from "./made.js";
import { bearer, clearSessions, pathOf, showSessions } from "./sessions.js";

const notice = $("#notice"),
  account = $("#account"),
  enterForms = $("#enter"),
  signOut = $("#sign-out");
const codeLifetime = 600_000;
const lists = ["entries", "orders"];
// Which store an order is of is said where there are several.
const places = "stores" in document.body.dataset && (await import("./places.js"));
let member = saved.get("member");

function tell(text, kind) {
  notice.dataset.kind = kind;
  say(notice, text);
}
const good = (text) => tell(text, "good"),
  bad = (text) => tell(text, "");

// submit has a form's values sent by act, once at a time. What fails is said beside
// the field that caused it.
function submit(form, act) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = $("button[type=submit]", form);
    button.disabled = true;
    say(notice, "");
    clearFieldErrors(form);
    try {
      await act(Object.fromEntries(new FormData(form)));
    } catch (problem) {
      const field = form.elements[problem.field];
      if (field) showFieldError(field, explain(problem));
      else bad(explain(problem));
    }
    button.disabled = false;
  });
}

async function enter(number, token) {
  member = { number, token };
  saved.set("member", member);
  passing.remove("asked");
  forget("membership_number"); // this one's takes its place
  await show(true);
}

function leave() {
  if (member) forgetOrders(); // which were this one's
  member = null;
  saved.remove("member");
  clear();
}

// clear takes everything of the member's off the page.
function clear() {
  passing.remove("details");
  passing.remove("asked");
  document.querySelectorAll("form").forEach((form) => {
    form.reset();
    clearFieldErrors(form);
  });
  for (const id of ["balance", "member-number", ...lists]) $(`#${id}`).replaceChildren();
  for (const id of ["hello", "negative", "worth"]) say($(`#${id}`), "");
  clearSessions();
  for (const id of lists) $(`#more-${id}`).onclick = null;
  askFor(null);
  $("#erase").hidden = true;
  say(notice, "");
  account.hidden = signOut.hidden = $("#retry").hidden = true;
  enterForms.hidden = false;
}

// askFor has the code asked for that belongs to what was asked, or no code. A page that
// a phone has dropped meanwhile, to show the text, goes on from there.
function askFor(asked) {
  const waiting = asked && Date.now() - asked.at < codeLifetime;
  $("#sign-in").hidden = !waiting;
  $("#ask-code button").textContent = t(waiting ? "member.ask_again" : "member.ask_code");
  $("#ask-code button").className = waiting ? "quiet wide" : "primary wide";
}

// wrongCode reports the code as wrong where the answer is that somebody is not signed in.
async function wrongCode(field, act) {
  try {
    return await act();
  } catch (problem) {
    if (problem.code === "unauthorized") Object.assign(problem, { code: "wrong_code", field });
    throw problem;
  }
}

submit($("#ask-code"), async ({ phone }) => {
  const { nonce } = await call("POST", `/members/codes?lang=${language}`, { body: { phone: phone.trim() } });
  const asked = { nonce, at: Date.now() };
  passing.set("asked", asked);
  askFor(asked);
  good(t("member.code_sent"));
  $("#code").focus();
});
submit($("#sign-in"), async ({ code, name }) => {
  const body = { nonce: passing.get("asked")?.nonce ?? "", code: code.trim() };
  if (name.trim()) body.name = name.trim();
  const made = await wrongCode("code", () => call("POST", "/members/sessions", { body }));
  await enter(made.membership_number, made.token);
  if (made.new && !account.hidden) good(t("member.welcome", { number: made.membership_number }));
});

let eraseNonce = "";
submit($("#ask-erase"), async () => {
  ({ nonce: eraseNonce } = await call("POST", `${pathOf(member)}/codes?lang=${language}`, { body: {} }));
  $("#erase").hidden = false;
  good(t("member.code_sent"));
  $("#erase-code").focus();
});
submit($("#erase"), async ({ code }) => {
  const owner = member;
  await wrongCode("code", () =>
    call("DELETE", pathOf(owner), { headers: bearer(owner), body: { nonce: eraseNonce, code: code.trim() } }),
  );
  leave();
  good(t("member.erased"));
  $("#headline").focus();
});

// howMade says how a line was made, where that was not as it comes.
function howMade({ names, options, note }) {
  const chosen = options.filter((o) => !o.default).map((o) => ({ ...o, name: o.names[language] }));
  const words = [chosen.length && madeText(chosen), note && `“${note}”`].filter(Boolean).join(" · ");
  return words && h("p", { class: "small" }, `${names[language]}: ${words}`);
}

// pickup says when an order for later is picked up, and that it can be cancelled while the store does not have it yet.
function pickup({ status, pickup_at: at, offered_at: offered }, place) {
  const waits = status === "paid" && !offered;
  return at && t(waits ? "member.waits" : "member.for", { time: day(at, place?.time_zone) });
}

function orderRow(order) {
  const place = places && places.placeOf(order);
  const what = order.items.map((i) => `${i.names[language]} × ${i.qty}`).join(", ");
  return h(
    "li",
    {},
    h(
      "div",
      {},
      h("a", { href: `/o/${order.id}` }, what),
      ...order.items.map(howMade),
      h(
        "p",
        { class: "small" },
        [
          place?.name,
          order.placed_at && day(order.placed_at, place?.time_zone),
          money(order.total),
          pickup(order, place),
          t(`status.${order.status}`),
        ]
          .filter(Boolean)
          .join(" · "),
      ),
    ),
    h(
      "button",
      {
        type: "button",
        click: () => {
          if (places) saved.set("store", order.store); // where it was made
          orderAgain(order, language);
        },
      },
      t("member.again"),
      h("span", { class: "unseen" }, ` ${what}`),
    ),
  );
}

function entryRow(e) {
  const what = `${day(e.at)} · ${t(`points.${e.kind}`)}`;
  // Of an order that somebody else has placed under the number there is nothing to see.
  return h(
    "li",
    {},
    e.order_id ? h("a", { href: `/o/${e.order_id}` }, what) : h("span", {}, what),
    h("strong", {}, `${e.points > 0 ? "+" : ""}${e.points.toLocaleString(language)}`),
  );
}

// pages shows a list page by page, behind its button for more, and returns what
// loads the next one. Who has signed out meanwhile is shown nothing.
function pages(name, owner, path, take, row) {
  const button = $(`#more-${name}`),
    list = $(`#${name}`);
  let token = "";
  const more = async () => {
    button.disabled = true;
    try {
      const page = await call("GET", `${path}?page_size=20&page_token=${encodeURIComponent(token)}`, {
        headers: bearer(owner),
      });
      if (member !== owner) return;
      const entries = await take(page);
      if (member !== owner) return;
      if (!token) list.replaceChildren();
      const rows = entries.map(row);
      list.append(...rows);
      $(`#no-${name}`).hidden = list.children.length > 0;
      token = page.next_page_token;
      button.hidden = !token;
    } finally {
      button.disabled = false;
    }
  };
  button.onclick = () =>
    more().catch((problem) => {
      if (member === owner) failed(problem, owner, () => button.onclick?.());
    });
  return more();
}

// showBalance shows how many points there are, what can be done with them, and why there can be fewer than none.
function showBalance({ points, spending }) {
  $("#balance").textContent = points.toLocaleString(language);
  $("#balance").classList.toggle("negative", points < 0);
  say($("#negative"), points < 0 ? t("member.points_negative") : "");
  const values = { least: spending.points, worth: spending.worth.map(money).join(", ") };
  say($("#worth"), spending.worth.length ? t("member.points_worth", values) : "");
}

async function load(owner) {
  await pages(
    "entries",
    owner,
    pathOf(owner),
    (page) => {
      showBalance(page);
      say($("#hello"), page.name ? t("member.hello", { name: page.name }) : "");
      return page.entries;
    },
    entryRow,
  );
  const ordersOf = async ({ orders }) => {
    if (places) await places.loadPlaces(orders);
    return orders;
  };
  await pages("orders", owner, `${pathOf(owner)}/orders`, ordersOf, orderRow);
  await showSessions(owner, () => member === owner);
}

// show loads the account, again and again until it is there, and begins it with
// the focus where that was asked for.
async function show(focus = false) {
  const owner = member;
  enterForms.hidden = true;
  signOut.hidden = false;
  try {
    await load(owner);
  } catch (problem) {
    if (member === owner) failed(problem, owner, () => show(focus));
    return;
  }
  if (member !== owner) return;
  say(notice, "");
  $("#retry").hidden = true;
  $("#member-number").textContent = owner.number;
  account.hidden = false;
  if (focus) $("#points-title").focus();
}

// failed says what went wrong, and tries again by itself where that can help.
async function failed(problem, owner, act) {
  if (problem.code === "unauthorized") leave();
  bad(problem.passing ? t("member.away", { problem: explain(problem) }) : explain(problem));
  if (!problem.passing) return;
  const retry = $("#retry");
  retry.hidden = false;
  await Promise.race([
    wake(8000),
    new Promise((pressed) => {
      retry.onclick = pressed;
    }),
  ]);
  retry.hidden = true;
  if (member === owner) act();
}

// end signs out: the page at once, and then the server.
async function end(path, done) {
  const owner = member;
  leave();
  good(done);
  $("#headline").focus();
  try {
    await call("DELETE", `${pathOf(owner)}/sessions${path}`, { headers: bearer(owner) });
  } catch (problem) {
    if (problem.code !== "unauthorized" && !member) bad(t("member.signed_out_here"));
  }
}
signOut.addEventListener("click", () => end("/current", t("member.signed_out")));
$("#everywhere").addEventListener("click", () => end("", t("member.signed_out_everywhere")));

// What another tab does holds here too.
addEventListener("storage", (event) => {
  if (event.key !== "cafeforme.member") return;
  member = saved.get("member");
  clear();
  if (member) show();
});

const unanswered = passing.get("asked");
if (member) show();
else {
  leave();
  if (unanswered) passing.set("asked", unanswered);
  askFor(unanswered);
}

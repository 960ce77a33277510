// The store's board: every open order, live, and what to do with it.

import { at, enter, leaveStore, storeName, whenPicked } from "./boardstore.js";
import { askWhatToLeaveOut, askedAbout, recheck } from "./adjustform.js";
import { listOf, makeCard, placed, showCard } from "./card.js";
import { $, arrange, call, connection, h, language, say, t } from "./core.js";
import { showPause, startPause } from "./pause.js";
import { ring, showSound } from "./sound.js";
import { explain } from "./staffproblems.js";
import { offerSignIn } from "./staffsignin.js";
import { showSwitches } from "./switches.js";
import { arrowKeys, hold, moving, place, refocus } from "./steady.js";
import { follow } from "./follow.js";
import { forgetWait, waitOnly } from "./boardwait.js";
import { showTitle } from "./title.js";

const columns = { paid: $("#new"), accepted: $("#making"), ready: $("#ready"), later: $("#later") };
const orders = new Map(),
  cards = new Map();
const board = $("#board"),
  login = $("#login"),
  rejecting = $("#rejecting"),
  notices = $("#notices");
let stop = null;

// ---- What is known of the orders.

// The stream decides: what comes later on it replaces what came before, even where
// it takes something back. The answer to a request only counts for orders that have
// not changed since the request began: if the answer is the later one, the stream
// brings it too.
const lastChange = new Map();
let sequence = 0;

const answered = (order, since) => {
  if (!(lastChange.get(order.id) > since)) take(order, false);
};

function take(order, fresh) {
  const known = orders.get(order.id);
  lastChange.set(order.id, ++sequence);
  if (!(listOf(order) in columns)) {
    orders.delete(order.id);
    return;
  }
  orders.set(order.id, order);
  const isNew = !known || listOf(known) === "later";
  if (isNew && fresh && listOf(order) === "paid") ring();
}

// load takes the list of open orders, and forgets what is not open any more.
async function load() {
  const since = sequence,
    ids = new Set();
  for (let token = ""; ;) {
    const page = await call(
      "GET",
      at(`/store/orders?status=paid,accepted,ready&page_size=200&page_token=${encodeURIComponent(token)}`),
    );
    for (const order of page.orders) {
      answered(order, since);
      ids.add(order.id);
    }
    token = page.next_page_token;
    if (!token) break;
  }
  for (const id of orders.keys()) if (!ids.has(id) && lastChange.get(id) <= since) orders.delete(id);
}

// ---- What is shown.

function update(order) {
  if (!cards.has(order.id)) cards.set(order.id, makeCard(order, { act, askReason, leaveOut }));
  const card = cards.get(order.id);
  showCard(card, order);
  return card.root;
}

const number = (id) => orders.get(id)?.pickup_number ?? cards.get(id)?.number.textContent ?? "";

function show() {
  const about = askedAbout();
  if (about && recheck(orders.get(about))) tell(t("board.adjust_changed", { number: number(about) }));
  const sorted = [...orders.values()].sort((a, b) => placed(a) - placed(b) || (a.id < b.id ? -1 : 1));
  const focus = place(document.activeElement);
  moving(() => {
    for (const [id, card] of cards) {
      if (orders.has(id)) continue;
      card.root.remove();
      cards.delete(id);
    }
    for (const [list, column] of Object.entries(columns))
      fill(
        list,
        column,
        sorted.filter((o) => listOf(o) === list),
      );
    $("#later-list").hidden = !columns.later.children.length;
  });
  refocus(focus);
  title();
}

function fill(list, column, here) {
  arrange(column, here.map(update));
  $(`[data-count=${list}]`).textContent = here.length;
  const none = $(`[data-none=${list}]`);
  if (none) none.hidden = here.length > 0;
}

let wanted = false;
function showSoon() {
  if (wanted) return;
  wanted = true;
  requestAnimationFrame(() => {
    wanted = false;
    show();
  });
  if (document.hidden) {
    wanted = false;
    show();
  } // no frames are drawn then, but the title shows
}

function title() {
  const fresh = [...orders.values()].filter((o) => listOf(o) === "paid").length;
  showTitle(fresh ? t("board.title_new", { count: fresh }) : t("board.title"), storeName());
}

// ---- What the staff does.

function tell(text) {
  const notice = h(
    "p",
    { class: "notice", "data-kind": "warn" },
    h("span", {}, text),
    h("button", { type: "button", class: "quiet", click: () => moving(() => notice.remove()) }, t("board.dismiss")),
  );
  moving(() => {
    notices.prepend(notice);
    while (notices.children.length > 3) notices.lastChild.remove();
  });
}

async function act(id, command, body) {
  const card = cards.get(id)?.root,
    called = number(id),
    since = sequence;
  if (card?.dataset.busy === command) return; // pressed twice; another command is another press
  card?.setAttribute("data-busy", command);
  try {
    answered(await call("POST", at(`/store/orders/${id}/${command}`), { body }), since);
  } catch (problem) {
    const lost = problem.code === "too_late" || problem.code === "too_early";
    if (problem.code === "unauthorized") return leave("board.session_over");
    tell(
      lost
        ? t("board.lost", { number: called, who: t(`won.${problem.orderStatus}`) })
        : `${called}: ${explain(problem)}`,
    );
    if (lost)
      await call("GET", at(`/store/orders?status=${problem.orderStatus}&page_size=200`)).then(
        (page) => {
          const now = page.orders.find((o) => o.id === id);
          if (now) answered(now, since);
        },
        () => {},
      ); // the stream brings it
  } finally {
    if (card?.dataset.busy === command) card.removeAttribute("data-busy");
    showSoon();
  }
}

async function leaveOut(order) {
  const input = await askWhatToLeaveOut(order, number(order.id));
  if (input) await act(order.id, "adjust", input);
}

function askReason(id) {
  rejecting.dataset.id = id;
  $("#rejecting-title").textContent = t("board.reject_title", { number: number(id) });
  $("form", rejecting).reset();
  rejecting.showModal();
  hold([rejecting]);
}
$("form", rejecting).addEventListener("submit", (event) => {
  event.preventDefault();
  const data = new FormData(event.target),
    reason = (data.get("other").trim() || data.get("reason") || "").trim();
  if (!reason) return $("#other").focus();
  rejecting.close();
  act(rejecting.dataset.id, "reject", { reason });
});
$("#not-reject").addEventListener("click", () => rejecting.close());
arrowKeys(board, Object.values(columns), () => rejecting.open);

// ---- The menu and the hours.

async function showMenu() {
  const menu = await showSwitches(failed);
  if (menu) moving(() => showPause(menu));
}

function failed(problem) {
  return problem.code === "unauthorized" ? leave("board.session_over") : tell(explain(problem));
}

startPause(failed);

// ---- Coming and going.

function reload() {
  load().then(
    () => {
      board.setAttribute("aria-busy", "false");
      showSoon();
    },
    (problem) => {
      failed(problem);
      if (stop) setTimeout(reload, 2000);
    },
  );
}

// forget drops what is known of the orders, and is shown of them.
function forget() {
  orders.clear();
  lastChange.clear();
  show();
}

async function open() {
  await enter();
  login.hidden = true;
  board.hidden = false;
  $("#tools").hidden = false;
  showSound();
  followStore();
}

// followStore shows the orders of the store, as they are and whenever they change.
function followStore() {
  let first = true;
  stop?.();
  forget();
  forgetWait();
  board.setAttribute("aria-busy", "true");
  stop = follow(
    at(`/store/events?lang=${language}`),
    {
      order: (order) => {
        take(order, true);
        showSoon();
      },
      menu: (menu) => {
        if (!waitOnly(menu)) showMenu();
      },
      reset: reload,
    },
    (state, refused) => {
      if (state === 401) return leave("board.session_over");
      connection(state);
      board.dataset.live = state;
      moving(() => {
        $("#lost").hidden = state !== "lost";
      });
      if (state === "live" && first) {
        first = false;
        reload();
      } else if (refused) reload();
    },
  );
}

// leave goes back to the login, and says why when nobody has asked for it.
function leave(why = "") {
  stop?.();
  stop = null;
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  leaveStore();
  forget();
  board.hidden = true;
  $("#tools").hidden = true;
  showSound();
  login.hidden = false;
  $("#lost").hidden = true;
  $("#connection").hidden = true;
  say($("#login-notice"), why && t(why));
  $("#token").focus();
}

offerSignIn(async () => {
  await open();
  columns.paid.focus();
});
$("#log-out").addEventListener("click", async () => {
  try {
    await call("POST", "/store/logout");
    leave();
  } catch (problem) {
    failed(problem);
  }
});

whenPicked(() => {
  rejecting.close();
  followStore();
});
setInterval(show, 20_000);
showSound();
title();
async function begin() {
  try {
    await open();
  } catch (problem) {
    if (problem.code === "unauthorized") return leave();
    connection("lost");
    setTimeout(begin, 2000);
  }
}
begin();

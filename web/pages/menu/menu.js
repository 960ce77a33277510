// The customers' first page: the menu, the cart, and the one press that orders.

import {
  $,
  call,
  connection,
  explain,
  follow,
  forget,
  h,
  language,
  money,
  passing,
  pause,
  saved,
  say,
  t,
  when,
} from "./core.js";
import { clearFieldErrors, showFieldError } from "./forms.js";
import { begin, finish } from "./placing.js";

const form = $("#checkout"),
  list = $("#menu"),
  lines = $("#lines"),
  button = $("#order"),
  notice = $("#notice");
const pictures = new URL("./drinks/", import.meta.url).href;
const cards = new Map();
let menu = null,
  placing = false,
  latest = "";

const cart = () => saved.get("cart") ?? {};
const item = (product) => menu?.items.find((i) => i.product === product);

function put(product, qty) {
  const wanted = cart();
  if (qty > 0) wanted[product] = Math.min(qty, 99);
  else delete wanted[product];
  saved.set("cart", wanted);
  say(notice, "");
  show();
}

function stepper(product, name) {
  const count = h("output", { class: "count" });
  const element = h(
    "div",
    { class: "stepper", role: "group", "aria-label": t("cart.quantity", { name }) },
    h(
      "button",
      {
        type: "button",
        class: "round",
        "aria-label": t("cart.less", { name }),
        click: () => put(product, (cart()[product] ?? 0) - 1),
      },
      "−",
    ),
    count,
    h(
      "button",
      {
        type: "button",
        class: "round",
        "aria-label": t("cart.more", { name }),
        click: () => put(product, (cart()[product] ?? 0) + 1),
      },
      "+",
    ),
  );
  return { element, count };
}

function card(entry) {
  const { element, count } = stepper(entry.product, entry.name);
  const add = h(
    "button",
    {
      type: "button",
      class: "add",
      click: () => {
        put(entry.product, 1);
        element.lastChild.focus();
      },
    },
    t("menu.add"),
    h("span", { class: "unseen" }, ` ${entry.name}`),
  );
  const price = h("p", { class: "price" }),
    name = h("h3", {});
  const root = h(
    "li",
    { class: "drink" },
    h(
      "div",
      { class: "picture" },
      h("img", { src: `${pictures}${entry.product}.svg`, alt: "", width: 96, height: 96, loading: "lazy" }),
      h("span", { class: "badge" }, t("menu.sold_out")),
    ),
    name,
    price,
    add,
    element,
  );
  return { root, add, element, count, price, name };
}

function showMenu() {
  list.setAttribute("aria-busy", "false");
  for (const [product, c] of cards)
    if (!item(product)) {
      c.root.remove();
      cards.delete(product);
    }
  menu.items.forEach((entry, i) => {
    if (!cards.has(entry.product)) cards.set(entry.product, card(entry));
    const c = cards.get(entry.product),
      qty = cart()[entry.product] ?? 0;
    c.name.textContent = entry.name;
    c.price.textContent = money(entry.price);
    c.root.dataset.soldOut = !entry.available;
    c.add.disabled = !entry.available;
    c.add.hidden = qty > 0 && entry.available;
    c.element.hidden = !c.add.hidden;
    c.count.value = qty;
    if (list.children[i] !== c.root) list.insertBefore(c.root, list.children[i] ?? null);
  });
}

function showCart() {
  const wanted = Object.entries(cart()).map(([product, qty]) => ({ product, qty, entry: item(product) }));
  const bad = wanted.filter(({ entry }) => !entry?.available);
  const good = wanted.filter(({ entry }) => entry?.available);
  const total = {
    amount: good.reduce((sum, { entry, qty }) => sum + entry.price.amount * qty, 0),
    currency: good[0]?.entry.price.currency ?? menu.items[0]?.price.currency ?? "KRW",
  };
  const pieces = good.reduce((sum, { qty }) => sum + qty, 0);
  lines.replaceChildren(
    ...wanted.map(({ product, qty, entry }) =>
      h(
        "li",
        { "data-sold-out": !entry?.available && "true" },
        h("span", { class: "what" }, `${entry?.name ?? product} × ${qty}`),
        entry?.available
          ? h("span", {}, money({ ...entry.price, amount: entry.price.amount * qty }))
          : h("strong", { class: "gone" }, t("menu.sold_out")),
        h(
          "button",
          {
            type: "button",
            class: "quiet",
            "aria-label": t("cart.remove_one", { name: entry?.name ?? product }),
            click: () => put(product, 0),
          },
          "✕",
        ),
      ),
    ),
  );
  $("#empty").hidden = wanted.length > 0;
  form.hidden = wanted.length === 0;
  $("#total").textContent = money(total);
  say(
    $("#gone"),
    bad.length ? t("cart.sold_out", { names: bad.map(({ entry, product }) => entry?.name ?? product).join(", ") }) : "",
  );
  const bar = $("#bar");
  bar.hidden = pieces === 0;
  $("#bar-text").textContent = t("cart.bar", { count: pieces, total: money(total) });
  $("#closed").hidden = menu.open;
  button.disabled = placing || bad.length > 0 || !menu.open || pieces === 0;
  $("#order-text").textContent = placing
    ? t("cart.ordering")
    : menu.open
      ? t("cart.order", { total: money(total) })
      : t("menu.closed_short");
  for (const field of form.elements) if (field !== button && field.id !== "stop") field.disabled = placing;
}

function show() {
  if (!menu) return;
  showMenu();
  showCart();
}

function request() {
  const data = new FormData(form),
    body = { language };
  body.items = Object.entries(cart()).map(([product, qty]) => ({ product, qty, price: item(product).price }));
  for (const name of ["phone", "membership_number", "payment_method", "note"]) {
    const value = (data.get(name) ?? "").trim();
    if (value) body[name] = value;
  }
  return body;
}

// lookAgain loads the menu that the server goes by, in case its stream is late.
async function lookAgain() {
  const before = menu;
  try {
    const now = await call("GET", `/menu?lang=${language}`);
    if (menu === before) menu = now;
  } catch {
    /* its stream goes on trying, and the page says what is wrong */
  }
}

// kept says what to do with the cart after an order that could not be paid.
const kept = (problem) =>
  ({ payment_declined: t("cart.kept"), payment_unavailable: t("cart.kept_for_later") })[problem.code];

async function order(attempt) {
  let stop = false;
  placing = true;
  say(notice, "");
  show();
  $("#stop").onclick = () => {
    stop = true;
  };
  try {
    const placed = await finish(
      attempt,
      (problem, unsure) => {
        say(notice, t(unsure ? "cart.unsure" : "cart.trying", { problem: explain(problem) }));
        $("#stop").hidden = unsure;
      },
      () => stop,
    );
    location.assign(`/o/${placed.id}`);
  } catch (problem) {
    if (["price_changed", "sold_out", "store_closed"].includes(problem.code)) await lookAgain();
    placing = false;
    $("#stop").hidden = true;
    say(notice, [explain(problem), kept(problem)].filter(Boolean).join(" "));
    show();
    const field = problem.field && form.elements[problem.field];
    if (!field) return button.focus();
    say(notice, "");
    showFieldError(field, explain(problem));
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (placing || button.disabled) return;
  clearFieldErrors(form);
  const body = request(),
    attempt = begin(body);
  const ours = JSON.stringify(attempt.body) === JSON.stringify(body);
  order(attempt);
  if (!ours) say(notice, t("cart.earlier"));
});
form.addEventListener("input", () => passing.set("details", Object.fromEntries(new FormData(form))));
addEventListener("storage", (event) => {
  if (event.key === "cafeforme.member") changeMember();
  show();
});
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

// The bar leads to the button, and is in its way when it is there.
new IntersectionObserver(([seen]) => $("#bar").classList.toggle("there", seen.isIntersecting)).observe(button);

// fillIn writes back what was typed before the page was reloaded, or its language
// changed.
function fillIn() {
  const details = { membership_number: saved.get("member")?.number ?? "", ...passing.get("details") };
  for (const [name, value] of Object.entries(details)) if (form.elements[name]) form.elements[name].value = value;
  const method = form.elements.payment_method;
  if (method?.selectedIndex === -1) method.selectedIndex = 0; // one that is not offered any more
}

// changeMember follows another tab, where somebody has signed in or out. Who signs
// out leaves nothing behind.
function changeMember() {
  if (saved.get("member")) forget("membership_number");
  else {
    passing.remove("details");
    form.reset();
  }
  fillIn();
}
fillIn();
if (passing.get("added")) say(notice, t("cart.added"));
passing.remove("added");

// The order under way is offered before the drinks are shown, or not at all:
// nothing moves under a finger.
const recent = saved.get("recent");
const offered =
  recent &&
  Promise.race([
    pause(1000),
    call("GET", `/orders/${recent}`).then(
      (o) => {
        if (list.children.length || !["payment_pending", "paid", "accepted", "ready"].includes(o.status)) return;
        const link = $("#recent");
        link.href = `/o/${recent}`;
        link.textContent = t("menu.recent", {
          number: o.pickup_number ?? "",
          status: t(`status.${o.status}`),
          time: when(o.placed_at),
        });
        link.hidden = false;
      },
      () => {},
    ),
  ]); // an order that cannot be seen now is not offered

follow(
  `/menu/events?lang=${language}`,
  {
    menu: async (now) => {
      menu = now;
      await offered;
      show();
    },
  },
  async (state) => {
    latest = state;
    connection(state);
    const away = state === "lost";
    if (away && !menu) {
      await lookAgain();
      show();
    }
    if (away) await pause(1000); // most streams that end come back before
    if (state !== latest) return;
    say($("#away"), away ? t(menu ? "menu.stale" : "menu.away") : "");
  },
  { rests: true },
);

const waiting = saved.get("attempt");
if (waiting?.id) location.assign(`/o/${waiting.id}`);
else if (waiting) order(waiting);

// The customers' first page: the menu, category by category, and what a press on an item does.

import { cartLines, forgetOrders, keepLines, keyOf, usualOptions, withLine } from "./cart.js";
import { showCategories } from "./categories.js";
import { asItComes, canBeMade, findItem, groupsOf, priceOf, withChoices } from "./choices.js";
import { now } from "./clock.js";
import { $, arrange, call, connection, h, language, later, learn, money, pause, saved, say, t, when } from "./core.js";
import { madeText } from "./made.js";
import { showPicture } from "./itempicture.js";
import { follow } from "./follow.js";

const root = $("#menu"),
  cards = new Map(),
  sections = new Map();
// Which of several stores the menu is of; a café with one store has nothing of that.
const choice = "stores" in document.body.dataset && (await import("./storechoice.js"));
let menu = null,
  latest = "";

// ---- The sheet, which is loaded when somebody wants it: most regulars order without one.

const loadSheet = later("sheet");
let sheet = null;

async function openSheet(product, options) {
  try {
    sheet = await loadSheet();
    await sheet.ready();
  } catch {
    return say($("#unreached"), t("problem.offline"));
  }
  say($("#unreached"), "");
  return sheet.openSheet(menu, product, options);
}
if (history.state?.sheet) history.replaceState(null, ""); // it was open when the page was loaded again

// ---- The hours, whose words are loaded when there is something to say of them.

const loadHours = later("hours"),
  soon = 30 * 60_000;
let hours = null;

const closedText = () => (menu.opens_at && hours ? hours.opensText(menu) : t("menu.closed_short"));

// ---- The cart, whose part of the page is loaded with its first line.

const loadCart = later("checkout"),
  unanswered = saved.get("attempt");
let cart = null;

// openCart has the cart work, and goes on with an order that had no answer when the page was left.
async function openCart() {
  try {
    const loaded = await loadCart();
    if (cart) return;
    cart = loaded;
  } catch {
    return say($("#unreached"), t("problem.offline")); // it is loaded with the next look
  }
  say($("#unreached"), "");
  cart.startCheckout({
    menu: () => menu,
    show,
    lookAgain,
    store: () => choice && choice.chosen(),
    orderText: (total) => (choice ? choice.orderText(total) : t("cart.order", { total })),
    closedText,
  });
  show();
  if (unanswered) cart.resumeOrder();
}

function showCart() {
  if (cart) cart.showCheckout(cart.showCart(menu, { edit, changed }));
  else if (cartLines().length) openCart();
}

// ---- Into the cart.

const inCart = (product) => cartLines().reduce((sum, line) => sum + (line.product === product ? line.qty : 0), 0);

function put(lines, added) {
  keepLines(lines);
  changed(added && t("menu.added", { name: added.name, count: inCart(added.product) }));
}

// changed shows a cart that has changed, and says what with for whoever does not see it.
function changed(text) {
  say($("#notice"), "");
  cart?.blame(null);
  show();
  say($("#announce"), text ?? "");
}

// add puts one more line into the cart, in place of the one that it was made of.
function add(line, replaced) {
  const before = cartLines(),
    place = replaced ? before.findIndex((l) => keyOf(l) === replaced) : -1;
  const { lines, fits } = withLine(
    before.filter((l) => keyOf(l) !== replaced),
    line,
    place < 0 ? undefined : place,
  );
  put(lines, line);
  if (!fits) say($("#notice"), t("cart.most"));
}

function quickly(product, options) {
  const item = findItem(menu, product),
    groups = groupsOf(menu, item);
  add({ product, qty: 1, options, name: item.name, price: priceOf(item, groups, options) });
}

const choose = (product) => openSheet(product, { done: add });

function edit(line, key) {
  const done = (made) => {
    add(made, key);
    cart.focusLine(made);
  };
  if (line) openSheet(line.product, { line, done });
}

// ---- What is shown.

function makeCard(product) {
  const card = $("#drink").content.firstElementChild.cloneNode(true);
  const part = (name) => $(`.${name}`, card);
  const parts = { root: card, picture: $("img", card), product };
  for (const name of ["open", "about", "price", "usual", "add", "count"]) parts[name] = part(name);
  parts.open.addEventListener("click", () => choose(product));
  parts.usual.addEventListener("click", () => quickly(product, parts.last));
  parts.add.addEventListener("click", () => (parts.made ? quickly(product, parts.made) : choose(product)));
  return parts;
}

const named = (groups, options) =>
  options.map((o) => {
    const { name, price } = groups.find((g) => g.group === o.group).options.find((offer) => offer.option === o.option);
    return { ...o, name, price };
  });

// showCard shows an item. One press puts it into the cart: as it comes, where that can be had, and
// as it was ordered the last time, where that was otherwise.
function showCard(card, item, count, usual) {
  const shown = [item, count, JSON.stringify(usual)];
  if (shown.every((value, i) => value === card.shown?.[i])) return; // there may be thousands
  card.shown = shown;
  const groups = groupsOf(menu, item),
    made = asItComes(groups);
  card.made = canBeMade(menu, item, made) ? made : null;
  card.last = usual && canBeMade(menu, item, usual) ? named(groups, usual) : null;
  if (card.last && card.made && keyOf({ ...item, options: usual }) === keyOf({ ...item, options: made }))
    card.last = null;
  showPicture(card.picture, item);
  card.root.dataset.soldOut = !item.available;
  card.open.textContent = item.name;
  say(card.about, item.description ?? "");
  card.price.textContent = money(priceOf(item, groups, made));
  card.count.textContent = count ? t("menu.in_cart", { count }) : "";
  card.add.disabled = !item.available;
  const unseen = h("span", { class: "unseen" }, ` ${item.name}`);
  card.add.replaceChildren(t(card.made || !item.available ? "menu.add" : "menu.choose"), unseen);
  say(card.usual, card.last?.length ? t("menu.usual", { made: madeText(card.last) }) : "");
  card.usual.setAttribute("aria-label", `${item.name}, ${card.usual.textContent}`);
}

// showSection shows the items of a category in their order.
function showSection({ category, name, items }, cardOf) {
  if (!sections.has(category)) {
    const section = $("#section").content.firstElementChild.cloneNode(true);
    section.id = `category-${category}`;
    $("h2", section).id = `category-${category}-name`;
    section.setAttribute("aria-labelledby", `category-${category}-name`);
    sections.set(category, section);
  }
  const section = sections.get(category);
  $("h2", section).textContent = name;
  arrange($("ul", section), items.map(cardOf));
  return section;
}

// categories returns the categories that have items, and what there is besides.
function categories() {
  const known = new Map(menu.categories.map((category) => [category.category, { ...category, items: [] }]));
  const others = { category: "", name: t(known.size ? "menu.others" : "menu.drinks"), items: [] };
  for (const item of menu.items) (known.get(item.category) ?? others).items.push(item);
  return [...known.values(), others].filter(({ items }) => items.length);
}

function showMenu() {
  root.setAttribute("aria-busy", "false");
  const usual = new Map(usualOptions()),
    counts = new Map(),
    products = new Set(menu.items.map((item) => item.product));
  for (const { product, qty } of cartLines()) counts.set(product, (counts.get(product) ?? 0) + qty);
  for (const product of cards.keys()) if (!products.has(product)) cards.delete(product);
  const shown = categories().map((category) =>
    showSection(category, (item) => {
      if (!cards.has(item.product)) cards.set(item.product, makeCard(item.product));
      const card = cards.get(item.product);
      showCard(card, item, counts.get(item.product), usual.get(item.product));
      return card.root;
    }),
  );
  arrange(root, shown);
  showCategories(shown);
  $("#remembered").hidden = !usual.size;
}

function showHours() {
  const told = menu.open ? Date.parse(menu.closes_at) - now() < soon : menu.opens_at; // whether there is a time to tell
  if (told && !hours)
    Promise.all([loadHours(), learn("hours")]).then(
      ([words]) => {
        hours = words;
        show();
      },
      () => {}, // it is said without the time
    );
  say($("#closed"), told && hours ? hours.hoursNotice(menu) : menu.open ? "" : t("menu.closed"));
  if (choice)
    choice.showHours(menu); // and the wait
  else say($("#wait"), menu.wait_minutes ? t("menu.wait", { minutes: menu.wait_minutes }) : "");
}

function show() {
  if (!menu) return;
  showHours();
  if (cartLines().some((line) => !line.options)) keepLines(withChoices(menu, cartLines()));
  showMenu();
  showCart();
  sheet?.refreshSheet(menu);
}

// ---- The menu that the server goes by.

const menuPath = () => (choice ? choice.menuPath() : "");

// lookAgain loads the menu that the server goes by, in case its stream is late.
async function lookAgain() {
  const before = menu;
  try {
    const fresh = await call("GET", `${menuPath()}/menu?lang=${language}`);
    if (menu === before) menu = fresh;
  } catch {
    /* its stream goes on trying, and the page says what is wrong */
  }
}

// Whoever uses a device that is not their own leaves nothing behind.
$("#forget").addEventListener("click", () => {
  forgetOrders();
  $("#recent").hidden = true;
  changed(t("menu.forgotten"));
  $("#cart-title").focus();
});

addEventListener("storage", show);
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

// The order under way is offered before the drinks are shown, or not at all:
// nothing moves under a finger.
const recent = saved.get("recent");
const offered =
  recent &&
  Promise.race([
    pause(1000),
    call("GET", `/orders/${recent}`).then(
      async (o) => {
        const zone = choice && (await choice.zoneOf(o.store));
        if (root.children.length || !["payment_pending", "paid", "accepted", "ready"].includes(o.status)) return;
        const link = $("#recent");
        link.href = `/o/${recent}`;
        link.textContent = t("menu.recent", {
          number: o.pickup_number ?? "",
          status: t(`status.${o.status}`),
          time: when(o.placed_at, zone || undefined),
        });
        link.hidden = false;
      },
      () => {},
    ),
  ]); // an order that cannot be seen now is not offered

let stop = null;

// followMenu follows the menu of the store that is chosen, and lets go of the one before.
function followMenu() {
  stop?.();
  forgetMenu();
  if (choice && !choice.chosen()) return connection("");
  stop = follow(`${menuPath()}/menu/events?lang=${language}`, { menu: take }, stateChanged, { rests: true });
}

// forgetMenu keeps anything from being ordered until the menu of another store is there.
function forgetMenu() {
  menu = null;
  $("#order").disabled = true;
  root.setAttribute("aria-busy", "true");
}

async function take(fresh) {
  menu = fresh;
  await offered;
  if (choice) await choice.known();
  show();
}

async function stateChanged(state) {
  if (state === 404) return choice && choice.gone();
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
}

setInterval(show, 30_000); // hours are near or far
if (choice) choice.startChoice({ follow: followMenu, show });
else followMenu();
if (unanswered) openCart();

// Which of several stores the customer orders at: chosen once, kept on this device, and shown on top of the menu and
// of the cart.

import { cartLines } from "./cart.js";
import { setZone } from "./clock.js";
import { $, h, later, learn, money, pause, say, saved, t } from "./core.js";
import { reprice } from "./reprice.js";
import { loadStore, mapLink, nameOnTop, openText, pathOfStore, storeLine, waitText } from "./stores.js";
import { showTitle } from "./title.js";

await learn("stores");

const loadList = later("storelist");
const line = h("div", { id: "store" }),
  cartLine = h("p", { id: "cart-store", class: "small" }),
  status = h("span", { class: "small" }),
  said = h("p", { id: "store-said", class: "notice", role: "status", hidden: true });
let slug = null, // of the store that is chosen
  store = null, // as the server shows it
  knowing = null,
  page = null; // {follow, show}

export const chosen = () => slug;
export const menuPath = () => slug && pathOfStore(slug);
export const orderText = (total) => t("store.order", { store: store?.name ?? "", total });

// startChoice begins with the store that the address names, or that was chosen before; without one the customer is
// asked. given.follow follows the menu of the store that is chosen, and given.show shows the page anew.
export function startChoice(given) {
  page = given;
  $("#closed").before(line, said);
  $("#cart-title").after(cartLine);
  const own = decodeURIComponent(/^\/s\/([^/]+)$/.exec(location.pathname)?.[1] ?? "");
  if (own) history.replaceState(history.state, "", `/${location.search}${location.hash}`);
  const before = saved.get("store");
  if (own && before && own !== before) return change(own);
  if (!own && !before) {
    showChoice();
    return ask();
  }
  use(own || before);
}

// use has the page be about that store.
function use(wanted) {
  slug = wanted;
  store = null;
  saved.set("store", slug);
  page.follow();
  knowing = know();
  return knowing;
}

// known resolves once the store that is chosen can be shown.
export const known = () => knowing;

// know loads the store until it is there. Instead of one that there is not (any more) another is asked for.
async function know() {
  for (const wanted = slug; wanted === slug && store?.store !== slug;) {
    try {
      const found = await loadStore(wanted);
      if (wanted === slug) show(found);
    } catch (problem) {
      if (problem.status === 404) return gone();
      await pause(3000);
    }
  }
}

// gone asks for another store: there is none of that name (any more).
export function gone() {
  saved.remove("store");
  slug = store = null;
  page.follow();
  showChoice();
  ask(t("store.gone"));
}

// zoneOf returns the zone of a store's clocks; nothing when there is no telling.
export const zoneOf = (other) =>
  loadStore(other).then(
    (found) => found.time_zone,
    () => "",
  );

const changeButton = (text, kind = "quiet") =>
  h("button", { type: "button", id: "change-store", class: kind, "aria-haspopup": "dialog", click: () => ask() }, text);

function show(found) {
  store = found;
  setZone(store.time_zone);
  showTitle(store.name, t("menu.title"));
  nameOnTop(store);
  line.replaceChildren(storeLine(store, status, changeButton(t("store.change"))));
  const map = mapLink(store, t("store.map"));
  cartLine.replaceChildren(t("store.at", { store: store.name }), ...(map ? [" · ", map] : []));
  page.show();
}

// showHours says on top whether the store takes orders, as the menu has it, and how long an order takes.
export function showHours(menu) {
  status.textContent = [openText(menu), waitText(menu)].filter(Boolean).join(" · ");
}

// showChoice shows that a store is to be chosen, and nothing of any.
function showChoice() {
  $("#menu").setAttribute("aria-busy", "false");
  line.replaceChildren(h("p", { class: "lead" }, t("store.none")), changeButton(t("store.choose"), "primary"));
  cartLine.replaceChildren();
  showTitle(t("menu.title"));
  document.querySelector(".brand .of-store")?.remove();
}

// ask opens the list of the stores, with a sentence of why where nobody has asked for it.
async function ask(why = "") {
  try {
    const { openList } = await loadList();
    say($("#unreached"), "");
    openList({ why, current: slug, choose: change });
  } catch {
    say($("#unreached"), t("problem.offline"));
  }
}

// change goes to another store, and says what that means for the cart.
async function change(wanted) {
  if (wanted === slug) return;
  const lines = cartLines();
  say(said, "");
  await use(wanted);
  if (slug !== wanted || !lines.length) return;
  const there = await reprice(wanted, lines);
  if (slug === wanted && there) say(said, repriced(there));
}

function repriced({ total, refused }) {
  const names = refused.map(({ line: { name, product } }) => name ?? product).join(", ");
  const values = { store: store.name, names, total: total && money(total) };
  return [total && t("store.repriced", values), names && t("store.refused", values)].filter(Boolean).join(" ");
}

// What another tab chooses holds here too: the cart is the same one.
addEventListener("storage", (event) => {
  if (event.key !== "cafeforme.store") return;
  const other = saved.get("store");
  if (other && other !== slug) use(other);
});

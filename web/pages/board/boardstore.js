// The store that the board is of. A tablet has its own, and so has who works at one; who works at several picks one,
// which this tab and this device remember.

import { setZone } from "./clock.js";
import { $, call, h, passing, saved, say } from "./core.js";
import { knownStores, storeName as nameOf } from "./staffstores.js";

const dialog = $("#picking"),
  list = $("#picks"),
  find = $("#find-pick"),
  button = $("#at-store"),
  stays = $("#stays"), // the box beside the sign-in
  name = $("#store-name");
let stores = [], // those that there are for who is signed in
  store = null;

// at returns the path of a call about the store. The one that there is from the start need not be named.
export function at(path) {
  if (!store || (stores.length < 2 && store.store === "main")) return path;
  return `${path}${path.includes("?") ? "&" : "?"}store=${encodeURIComponent(store.store)}`;
}

export const storeName = () => (stores.length > 1 ? nameOf(store) : "");

// enter finds out who is signed in, and at which stores. It resolves once it is known which one the board is of.
export async function enter() {
  const session = await call("GET", "/store/session");
  const own = session.stores ?? [];
  const all = await knownStores();
  stores = all.filter(({ store: slug }) => !own.length || own.includes(slug));
  const known = [passing.get("board-store"), session.store, saved.get("board-store")];
  const before = known.map((slug) => stores.find((s) => s.store === slug)).find(Boolean);
  if (stores.length < 2 || session.stays || before) use(before ?? stores[0]);
  else await pick();
  if (stays.checked && store) session.stays = (await stay()).stays;
  const several = all.length > 1 || store?.store !== "main";
  show(several, stores.length > 1 && !session.stays);
}

// stay keeps this device signed in as its store.
async function stay() {
  stays.checked = false;
  return call("PUT", "/store/session", { body: { store: store.store, stays: true } });
}

function use(chosen) {
  store = chosen ?? null;
  setZone(store?.time_zone);
  if (!store || stores.length < 2) return;
  passing.set("board-store", store.store);
  saved.set("board-store", store.store);
}

// show says on top which of several stores it is; who may pick another does so there.
function show(several, pickable) {
  say(name, several && !pickable && store ? nameOf(store) : "");
  say(button, several && pickable ? nameOf(store) : "");
}

// leaveStore forgets who was there. The device's store stays remembered.
export function leaveStore() {
  stores = [];
  store = null;
  passing.remove("board-store");
  dialog.close();
  show(false, false);
}

const row = (s) =>
  h(
    "li",
    {},
    h(
      "button",
      { type: "button", class: "pick", "aria-current": s === store && "true", click: () => dialog.close(s.store) },
      h("strong", {}, nameOf(s)),
      s.address && h("span", { class: "small" }, s.address),
    ),
  );

// pick has one of the stores picked, and reports whether it is another one.
async function pick() {
  const before = store;
  list.replaceChildren(...stores.map(row));
  find.parentElement.hidden = stores.length < 9;
  find.value = "";
  dialog.returnValue = "";
  dialog.showModal();
  await new Promise((closed) => dialog.addEventListener("close", closed, { once: true }));
  const chosen = stores.find((s) => s.store === dialog.returnValue);
  if (chosen) use(chosen);
  else if (!before && stores.length) return pick(); // the board is of one of them
  show(true, true);
  return store !== before;
}

find.addEventListener("input", () => {
  const words = find.value.trim().toLowerCase();
  for (const entry of list.children) entry.hidden = !entry.textContent.toLowerCase().includes(words);
});

// whenPicked has changed called whenever somebody picks another store.
export function whenPicked(changed) {
  button.addEventListener("click", async () => (await pick()) && changed());
}

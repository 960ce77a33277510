// The stores: a list of several, or the only one; and the form of each.

import { $, h, t } from "./core.js";
import { editor } from "./editor.js";
import { may } from "./session.js";
import { codeOf, newStore, storeDocument } from "./storedocuments.js";
import { ownMenu } from "./ownmenu.js";
import { loadAvailability } from "./soldout.js";
import { storeList, storeName } from "./staffstores.js";
import { storeForm } from "./storeform.js";

let stores = [], // at which whoever is signed in works
  chain = false, // there are several stores, of whomever
  shown = null, // the document of the store that is edited
  own = ""; // the store whose own menu is edited

const several = () => stores.length > 1;
const nameOf = (slug) => storeName(stores.find(({ store }) => store === slug) ?? { store: slug });

// ofStores reports whether an address leads to a view of the stores.
export const ofStores = (address) => /^#(stores$|store\/|new-store$)/.test(address);

// nameTab calls the tab what there is behind it.
export async function nameTab() {
  const list = await storeList();
  stores = list.stores;
  chain = list.several ?? false;
  $('#tabs [href="#stores"]').textContent = t(several() ? "manage.stores" : "manage.store");
}

// loadStores reads what the view at the address shows.
export async function loadStores(address) {
  await nameTab();
  const [, named, menu] = /^#store\/([^/]+)(\/menu)?$/.exec(address) ?? [];
  const slug = named ? decodeURIComponent(named) : address === "#stores" && !several() ? stores[0].store : "";
  own = menu && chain ? slug : "";
  shown = slug && !menu ? storeDocument(slug) : null;
  await (own ? loadAvailability(own) : shown?.load());
}

export function storesView(address, go) {
  if (address === "#new-store") return newView(go);
  if (address.endsWith("/menu")) return own ? ownMenu({ slug: own, name: nameOf(own) }) : null;
  return shown ? storeView(go) : listView();
}

const toNew = () => may("owner") && h("a", { class: "button", href: "#new-store" }, t("manage.add_store"));

function storeView(go) {
  const { store } = shown.document;
  const view = editor({
    title: several() ? storeName(shown.document) : t("manage.store"),
    document: shown,
    entry: shown.document,
    path: store,
    whole: true,
    make: storeForm,
    back: several() && ["#stores", t("manage.back_to_stores")],
    closed: (text) => go("#stores", text),
  });
  view.root.append(...(chain ? [menuPanel(store)] : []), codePanel(store));
  if (!several()) view.root.append(h("p", { class: "choices" }, toNew()));
  return view;
}

function newView(go) {
  return editor({
    title: t("manage.new_store"),
    document: newStore,
    entry: null,
    whole: true,
    identify: (after) => ({ path: after.store, after }),
    make: storeForm,
    back: ["#stores", t(several() ? "manage.back_to_stores" : "manage.back_to_store")],
    opened: (slug, text) => go(`#store/${slug}`, text),
    closed: (text) => go("#stores", text),
  });
}

// menuPanel leads to what one of several stores says otherwise than the menu.
function menuPanel(slug) {
  const leads = h("a", { class: "button", href: `#store/${slug}/menu` }, t("manage.own_menu_open"));
  const why = h("p", { class: "small" }, t("manage.own_menu_why"));
  return h("section", { class: "panel" }, h("h2", {}, t("manage.own_menu")), why, h("p", {}, leads));
}

// codePanel has the code that leads to a store's own page. There is none while nobody has said where customers
// reach the pages.
function codePanel(slug) {
  const picture = h("img", { alt: t("manage.code_alt"), width: 240, height: 240, class: "qr" });
  const opened = { class: "button", href: codeOf(slug), target: "_blank", rel: "noopener" };
  const print = h("a", opened, t("manage.code_open"));
  const body = h("div", {}, picture, h("p", {}, print));
  picture.addEventListener("error", () => body.replaceChildren(h("p", { class: "small" }, t("manage.code_none"))));
  picture.src = codeOf(slug);
  const why = h("p", { class: "small" }, t("manage.code_why"));
  return h("section", { class: "panel" }, h("h2", {}, t("manage.code")), why, body);
}

function listView() {
  const heading = h("h1", { tabindex: "-1" }, t("manage.stores"));
  const row = (store) =>
    h(
      "li",
      { class: "item-row" },
      h(
        "a",
        { class: "what", href: `#store/${store.store}` },
        h("strong", {}, storeName(store)),
        h("small", {}, [store.store, stateOf(store), store.address].filter(Boolean).join(" · ")),
      ),
    );
  const root = h(
    "div",
    {},
    heading,
    h("p", { class: "choices" }, toNew()),
    h("ul", { class: "panel items" }, ...stores.map(row)),
  );
  return { heading, root, dirty: () => false };
}

function stateOf({ open, paused }) {
  return t(paused ? "manage.store_paused" : open ? "manage.store_open" : "manage.store_closed");
}

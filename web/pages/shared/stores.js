// A store as customers of several see it: its name, where it is, and whether it takes orders. It is loaded by pages of
// whoever has several.

import { call, h, language, t } from "./core.js";
import { closesSoon, closesText, opensText } from "./hours.js";

export const pathOfStore = (slug) => `/stores/${encodeURIComponent(slug)}`;

export const loadStore = (slug) => call("GET", `${pathOfStore(slug)}?lang=${language}`);

// mapLink leads to a map with the store on it; nothing for one of which nobody has said where it is.
export function mapLink({ name, address, location }, ...words) {
  const place = location ? `${location.lat},${location.lng}` : address && `${name} ${address}`;
  if (!place) return null;
  const href = `https://www.google.com/maps/search/?${new URLSearchParams({ api: 1, query: place })}`;
  const label = t("store.map_of", { name });
  return h("a", { href, target: "_blank", rel: "noopener noreferrer", "aria-label": label }, ...words);
}

// openText says in few words whether a store takes orders, and until or from when.
export function openText(store) {
  if (!store.open) return opensText(store);
  return closesSoon(store) ? closesText(store) : t("store.open");
}

export const waitText = ({ wait_minutes: minutes }) => (minutes ? t("store.wait", { minutes }) : "");

// storeLine is the line on top of a page that says which store it is about, with what there is to do about it.
export function storeLine(store, ...more) {
  return h(
    "div",
    { class: "store-line", role: "group", "aria-label": t("store.this") },
    h("strong", {}, store.name),
    store.address && h("span", { class: "small" }, store.address),
    mapLink(store, t("store.map")),
    ...more,
  );
}

// nameOnTop has the page's head say the store's name beside the brand's.
export function nameOnTop({ name }) {
  const brand = document.querySelector(".brand");
  brand.querySelector(".of-store")?.remove();
  brand.append(h("span", { class: "of-store" }, name));
}

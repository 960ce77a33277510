// The list of the stores to choose from: nearest first for whoever says where they are, which is never asked by itself.

import { $, call, explain, h, language, say, t } from "./core.js";
import { mapLink, openText, waitText } from "./stores.js";

const pageSize = 50,
  searchable = 8; // a list that is longer can be searched
const notice = h("p", { class: "notice", role: "status", hidden: true }),
  near = h("button", { type: "button", id: "near", click: locate }, t("store.near")),
  find = h("input", { id: "find-store", type: "search", autocomplete: "off", input: search }),
  finder = h("div", { hidden: true }, h("label", { for: "find-store" }, t("store.find")), find),
  none = h("p", { class: "small", role: "status", hidden: true }),
  list = h("ul", { class: "stores" }),
  more = h("button", { type: "button", class: "quiet wide", hidden: true, click: () => load() }, t("store.more"));
const dialog = h(
  "dialog",
  { id: "stores", class: "sheet", "aria-labelledby": "stores-title" },
  h(
    "div",
    { class: "inside" },
    h(
      "button",
      { type: "button", class: "round close", "aria-label": t("store.close"), click: () => dialog.close() },
      "✕",
    ),
    h("h2", { id: "stores-title", tabindex: "-1", autofocus: true }, t("store.choose")),
    notice,
    near,
    finder,
    none,
    list,
    more,
  ),
);
$("#main").append(dialog);
dialog.addEventListener("click", (event) => event.target === dialog && dialog.close()); // beside it

let choosing = null, // {current, choose}
  place = "",
  token = "",
  loading = null,
  loads = 0;

// openList opens the list; choose is given the store that is pressed. why is a sentence above it.
export function openList({ why, current, choose }) {
  choosing = { current, choose };
  if (!dialog.open) dialog.showModal();
  say(notice, why);
  begin();
}

// begin loads the list from its start.
function begin() {
  token = "";
  loading = null;
  loads++;
  list.replaceChildren();
  return load();
}

// load adds the next page to the list, and reports whether it has.
function load() {
  const ours = (loading ??= loadPage().finally(() => {
    if (loading === ours) loading = null;
  }));
  return ours;
}

async function loadPage() {
  const asked = loads; // a page that is not wanted any more is dropped
  const query = { lang: language, page_size: pageSize, page_token: token, ...(place && { near: place }) };
  try {
    const page = await call("GET", `/stores?${new URLSearchParams(query)}`);
    if (asked !== loads) return false;
    token = page.next_page_token;
    list.append(...page.stores.map(row));
    more.hidden = !token;
    finder.hidden = list.children.length <= searchable;
    filter();
  } catch (problem) {
    if (asked === loads) {
      say(notice, explain(problem));
      more.hidden = false; // which asks again
    }
    return false;
  }
  return true;
}

const distance = (meters) =>
  meters < 1000
    ? t("store.meters", { meters: Math.round(meters / 10) * 10 })
    : t("store.kilometers", {
        kilometers: (meters / 1000).toLocaleString(language, { maximumFractionDigits: meters < 10_000 ? 1 : 0 }),
      });

function row(store) {
  const facts = [store.distance_m !== undefined && distance(store.distance_m), openText(store), waitText(store)];
  const current = store.store === choosing.current && "true";
  return h(
    "li",
    { "data-store": store.store },
    h(
      "button",
      { type: "button", class: "pick", "aria-current": current, click: () => pick(store) },
      h("strong", {}, store.name),
      store.address && h("span", { class: "small" }, store.address),
      h("span", { class: "small facts", "data-open": String(store.open) }, facts.filter(Boolean).join(" · ")),
    ),
    mapLink(store, t("store.map")),
  );
}

function pick({ store }) {
  dialog.close();
  choosing.choose(store);
}

// filter leaves the stores with the words in their name or address that are looked for.
function filter() {
  const words = find.value.trim().toLowerCase().split(/\s+/);
  for (const entry of list.children) {
    const text = $(".pick", entry).textContent.toLowerCase();
    entry.hidden = !words.every((word) => text.includes(word));
  }
  const found = [...list.children].some((entry) => !entry.hidden);
  say(none, found || token || !list.children.length ? "" : t("store.not_found"));
}

// search looks through all stores, and loads those that are not there yet.
async function search() {
  filter();
  while (find.value.trim() && token && (await load()));
}

function locate() {
  near.disabled = true;
  say(notice, t("store.locating"));
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      near.disabled = false;
      say(notice, "");
      place = `${coords.latitude},${coords.longitude}`;
      begin();
    },
    () => {
      near.disabled = false;
      say(notice, t("store.no_place"));
    },
    { maximumAge: 300_000, timeout: 15_000 },
  );
}

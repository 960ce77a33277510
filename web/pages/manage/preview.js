// What customers will see of an item: their card, in both languages.

import { h, money, t } from "./core.js";
import { catalog } from "./documents.js";
import { itemPicture } from "./uploads.js";

// asItComes returns what one piece costs when nothing is chosen.
function asItComes({ price, groups }) {
  const defaults = (catalog.document.groups ?? [])
    .filter(({ group }) => groups?.includes(group))
    .flatMap(({ options }) => options.filter((option) => option.default));
  return { ...price, amount: defaults.reduce((sum, option) => sum + option.price, price.amount) };
}

function card(item, language, available) {
  const name = item.name?.[language] || item.name?.ko || item.name?.en || t("manage.unnamed");
  return h(
    "div",
    { class: "drink", lang: language, "data-sold-out": String(!available) },
    h(
      "div",
      { class: "picture" },
      itemPicture(item, { width: 96, height: 96 }),
      h("span", { class: "badge" }, t("menu.sold_out")),
    ),
    h("p", { class: "drink-name" }, name),
    item.description?.[language] && h("p", { class: "about small" }, item.description[language]),
    h("p", { class: "price" }, money(asItComes(item))),
  );
}

// preview shows the cards. Its show is called with the item as it is being typed, and whether it is to be had.
export function preview() {
  const cards = h("div", { class: "cards" });
  const root = h(
    "section",
    { class: "preview panel", "aria-labelledby": "preview-title" },
    h("h2", { id: "preview-title" }, t("manage.preview")),
    h("p", { class: "small" }, t("manage.preview_why")),
    cards,
  );
  let shown = "";
  const show = (item, available) => {
    const now = JSON.stringify([item, available]);
    if (now === shown) return;
    shown = now;
    cards.replaceChildren(card(item, "ko", available), card(item, "en", available));
  };
  return { root, show };
}

// The first view: the categories with their items, in their order.

import { $, h, money, say, t } from "./core.js";
import { conflictView } from "./conflictview.js";
import { called, catalog } from "./documents.js";
import { dropOrders, reorder, saveOrders, tellOrders, unsavedOrders } from "./ordering.js";
import { pictureOf } from "./uploads.js";
import { explained } from "./session.js";
import { toggle } from "./soldout.js";
import { handle } from "./sorting.js";

export function menuList() {
  const heading = h("h1", { tabindex: "-1" }, t("manage.menu"));
  const state = h("p", { class: "small", role: "status", id: "order-state" });
  const top = h("p", { class: "notice", "data-kind": "warn", role: "alert", hidden: true });
  const retry = h("button", { type: "button", hidden: true, click: () => saveOrders() }, t("manage.save_order"));
  const find = h("input", { type: "search", id: "find", autocomplete: "off", input: filter });
  const other = h("div", {}),
    categories = h("div", { class: "categories" });
  const root = h(
    "div",
    {},
    heading,
    h(
      "p",
      { class: "choices" },
      h("a", { class: "button primary", href: "#new-item" }, t("manage.add_item")),
      h("a", { class: "button", href: "#new-category" }, t("manage.add_category")),
    ),
    h("div", { class: "field" }, h("label", { for: "find" }, t("manage.find")), find),
    top,
    h("p", { class: "choices" }, state, retry),
    other,
    categories,
  );

  function show() {
    const at = document.activeElement,
      moved = root.contains(at) && at.classList.contains("handle") && at.closest("[data-sorted]").dataset.sorted;
    const { categories: all, items } = catalog.document;
    const known = new Set(all.map(({ category }) => category));
    const loose = items.filter((item) => !known.has(item.category));
    categories.replaceChildren(
      ...all.map((category) =>
        section(
          category,
          items.filter((item) => item.category === category.category),
        ),
      ),
      ...(loose.length > 0 ? [section(null, loose)] : []),
      ...(items.length + all.length === 0 ? [h("p", { class: "small" }, t("manage.empty"))] : []),
    );
    if (moved) $(`[data-sorted="${moved}"] .handle`, categories)?.focus();
    filter();
  }

  // filter shows the items whose name has the text in it. Only whole lists are put in order.
  function filter() {
    const text = find.value.trim().toLowerCase();
    root.classList.toggle("filtered", text !== "");
    for (const row of root.querySelectorAll(".item-row")) row.hidden = !row.dataset.names.includes(text);
  }

  tellOrders({
    state(now) {
      say(state, now && t(`manage.${now === "saving" ? "saving" : "unsaved_order"}`));
      retry.hidden = true;
      say(top, "");
    },
    saved(others) {
      say(state, t(others ? "manage.saved_with_others" : "manage.order_saved"));
      if (others) show();
    },
    failed(problem) {
      say(state, t("manage.unsaved_order"));
      const first = problem.body?.errors?.[0]?.message;
      say(top, [explained(problem), first].filter(Boolean).join(" "));
      retry.hidden = false;
    },
    conflict(conflict) {
      say(state, "");
      const close = (text) => {
        other.replaceChildren();
        say(state, text);
        show();
        heading.focus();
      };
      const view = conflictView(conflict, {
        theirs: () => close(t("manage.kept_theirs")),
        mine() {
          close("");
          reorder(conflict.path, conflict.after);
          saveOrders();
        },
      });
      other.replaceChildren(view.root);
      view.title.focus();
    },
  });
  show();
  return {
    root,
    heading,
    dirty: unsavedOrders,
    drop: dropOrders,
    refresh: show,
    tell: (text) => say(state, text),
  };
}

function section(category, items) {
  const name = category ? called(category) : t("manage.no_category"),
    id = category?.category ?? "";
  const heading = h("h2", {}, name, h("small", {}, t("manage.items", { count: items.length })));
  const list = h("ul", { class: "items", "aria-label": name }, ...items.map(itemRow));
  return h(
    "section",
    { class: "panel category", "data-sorted": category ? id : null },
    h(
      "div",
      { class: "category-head" },
      category &&
        handle(
          () => name,
          (ids) => reorder("categories", ids),
        ),
      heading,
      category && h("a", { class: "button quiet", href: `#category/${id}` }, t("manage.edit"), unseen(name)),
      category && h("a", { class: "button quiet", href: `#new-item/${id}` }, t("manage.add_item_here"), unseen(name)),
    ),
    list,
  );
}

function unseen(text) {
  return h("span", { class: "unseen" }, ` ${text}`);
}

function itemRow(item) {
  const name = called(item);
  return h(
    "li",
    {
      class: "item-row",
      "data-sorted": item.product,
      "data-names": Object.values(item.name ?? {})
        .join("\n")
        .toLowerCase(),
    },
    handle(
      () => name,
      (ids) => reorder("items", ids),
    ),
    h("img", { src: pictureOf(item), alt: "", width: 44, height: 44, loading: "lazy" }),
    h("span", { class: "what" }, h("a", { href: `#item/${item.product}` }, name), h("small", {}, money(item.price))),
    toggle(item.product, name),
  );
}

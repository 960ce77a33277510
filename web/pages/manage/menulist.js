// The first view: the categories with their items, in their order.

import { $, h, money, say, t } from "./core.js";
import { conflictView } from "./conflictview.js";
import { called, catalog } from "./documents.js";
import { dropOrders, reorder, saveOrders, tellOrders, unsavedOrders } from "./ordering.js";
import { itemPicture } from "./uploads.js";
import { refusedText } from "./refusals.js";
import { explained } from "./session.js";
import { toggle } from "./soldout.js";
import { handle } from "./sorting.js";

class MenuList {
  constructor() {
    this.heading = h("h1", { tabindex: "-1" }, t("manage.menu"));
    this.state = h("p", { class: "small", id: "order-state" });
    this.top = h("p", { class: "notice", "data-kind": "warn", role: "alert", hidden: true });
    this.retry = h("button", { type: "button", hidden: true, click: saveOrders }, t("manage.save_order"));
    this.find = h("input", { type: "search", id: "find", autocomplete: "off", input: () => this.filter() });
    this.conflict = h("div", {});
    this.categories = h("div", { class: "categories" });
    const adding = h(
      "p",
      { class: "choices" },
      h("a", { class: "button primary", href: "#new-item" }, t("manage.add_item")),
      h("a", { class: "button", href: "#new-category" }, t("manage.add_category")),
    );
    const finding = h("div", { class: "field" }, h("label", { for: "find" }, t("manage.find")), this.find);
    const saving = h("p", { class: "choices" }, this.state, this.retry);
    this.root = h("div", {}, this.heading, adding, finding, this.top, saving, this.conflict, this.categories);
    tellOrders(this);
    this.refresh();
  }

  // refresh shows the catalog as it is. The handle that has the focus keeps it, and what is being dragged stays
  // until it has been saved.
  refresh() {
    this.stale = Boolean($("[data-dragged]", this.categories));
    if (this.stale) return;
    const at = document.activeElement,
      moved = this.root.contains(at) && at.matches(".handle") && at.closest("[data-sorted]").dataset.sorted;
    const { categories, items } = catalog.document;
    const known = new Set(categories.map(({ category }) => category));
    const loose = items.filter((item) => !known.has(item.category));
    this.categories.replaceChildren(
      ...categories.map((entry) =>
        section(
          entry,
          items.filter((item) => item.category === entry.category),
        ),
      ),
      ...(loose.length > 0 ? [section(null, loose)] : []),
      ...(items.length + categories.length === 0 ? [h("p", { class: "small" }, t("manage.empty"))] : []),
    );
    if (moved) $(`[data-sorted="${moved}"] .handle`, this.categories)?.focus();
    this.filter();
  }

  // filter shows the items whose name has the text in it. Only whole lists are put in order.
  filter() {
    const text = this.find.value.trim().toLowerCase();
    this.root.classList.toggle("filtered", text !== "");
    for (const row of this.root.querySelectorAll(".item-row")) row.hidden = !row.dataset.names.includes(text);
  }

  // tell says something for everybody; what it shows of an order that is on its way is not read out, since
  // where the entry is now is read out then.
  tell(text) {
    say(this.state, text);
    say($("#announce"), text);
  }

  // What becomes of orders: see tellOrders.

  orderIs(state) {
    say(this.state, state && t(state === "saving" ? "manage.saving" : "manage.unsaved_order"));
    this.retry.hidden = true;
    say(this.top, "");
  }

  orderSaved(others) {
    this.tell(t(others ? "manage.saved_with_others" : "manage.order_saved"));
    if (others || this.stale) this.refresh();
  }

  orderFailed(problem) {
    const first = problem.body?.errors?.[0]?.message;
    this.tell(t("manage.unsaved_order"));
    say(this.top, [explained(problem), first && refusedText(first)].filter(Boolean).join(" "));
    this.retry.hidden = false;
  }

  orderConflict(conflict) {
    const close = (text) => {
      this.conflict.replaceChildren();
      this.tell(text);
      this.refresh();
      this.heading.focus();
    };
    const view = conflictView(conflict, {
      theirs: () => close(t("manage.kept_theirs")),
      mine: () => {
        close("");
        this.stale = true; // until yours is saved
        reorder(conflict.path, conflict.after);
        saveOrders();
      },
    });
    this.tell("");
    this.conflict.replaceChildren(view.root);
    view.title.focus();
  }

  // Leaving waits for the order to be saved.

  settle() {
    return saveOrders();
  }

  dirty() {
    return unsavedOrders() || this.conflict.childElementCount > 0;
  }

  drop() {
    dropOrders();
  }
}

export const menuList = () => new MenuList();

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
    itemPicture(item, { width: 44, height: 44, loading: "lazy" }),
    h("span", { class: "what" }, h("a", { href: `#item/${item.product}` }, name), h("small", {}, money(item.price))),
    toggle(item.product, name),
  );
}

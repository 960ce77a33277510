// The views, by the addresses that lead to them.

import { t } from "./core.js";
import { brandForm } from "./brandform.js";
import { find, idsOf } from "./catalogmerge.js";
import { categoryForm } from "./categoryform.js";
import { couponsView, ofCoupons } from "./couponsview.js";
import { brand, called, catalog, usersOf } from "./documents.js";
import { editor } from "./editor.js";
import { groupForm } from "./groupform.js";
import { groupsList } from "./groupslist.js";
import { productID, slug } from "./identifiers.js";
import { itemForm } from "./itemform.js";
import { menuList } from "./menulist.js";
import { ofOrders, ordersView } from "./ordersview.js";
import { ofStores, storesView } from "./storesview.js";

const english = (entry) => entry.name.en ?? entry.name.ko ?? "";

// kinds are the entries of the catalog: where they are kept, how they are made, and what leads back.
const kinds = {
  item: {
    list: "items",
    make: itemForm,
    back: ["#menu", "manage.back_to_menu"],
    identify(item) {
      const product = productID(english(item), idsOf(catalog.document, "items"));
      return { path: `items/${product}`, after: { product, ...item } };
    },
    why: () => t("manage.delete_item_why"),
  },
  category: {
    list: "categories",
    make: categoryForm,
    back: ["#menu", "manage.back_to_menu"],
    identify(entry) {
      const category = slug(english(entry), idsOf(catalog.document, "categories"), "category");
      return { path: `categories/${category}`, after: { category, ...entry } };
    },
    why({ category }) {
      const count = catalog.document.items.filter((item) => item.category === category).length;
      return t("manage.delete_category_why", { count });
    },
  },
  group: {
    list: "groups",
    make: groupForm,
    back: ["#options", "manage.back_to_groups"],
    identify(entry) {
      const group = slug(english(entry), idsOf(catalog.document, "groups"), "group");
      return { path: `groups/${group}`, after: { group, ...entry } };
    },
    why: ({ group }) => t("manage.delete_group_why", { count: usersOf(group).length }),
  },
};

// entryView is the form of an entry; go leads to another view, and says something there.
function entryView(kind, id, go) {
  const { list, make, back, why } = kinds[kind];
  const path = `${list}/${id}`,
    entry = find(catalog.document, path);
  if (!entry) return null;
  return editor({
    title: t(`manage.edit_${kind}`, { name: called(entry) }),
    document: catalog,
    entry,
    path,
    make,
    back: [back[0], t(back[1])],
    remove: { title: t("manage.delete_title", { name: called(entry) }), why: () => why(entry) },
    closed: (text) => go(back[0], text),
  });
}

function newView(kind, id, go) {
  const { make, back, identify } = kinds[kind];
  const category = kind === "item" && find(catalog.document, `categories/${id}`) ? id : undefined;
  return editor({
    title: t(`manage.new_${kind}`),
    document: catalog,
    entry: null,
    start: category && { category },
    identify,
    make,
    back: [back[0], t(back[1])],
    opened: (path, text) => go(`#${kind}/${path.split("/")[1]}`, text),
    closed: (text) => go(back[0], text),
  });
}

function brandView() {
  return editor({
    title: t("manage.brand"),
    document: brand,
    entry: brand.document,
    path: "brand",
    whole: true,
    make: brandForm,
  });
}

// viewAt returns the view at an address such as "#item/CafeLatte", and null when there is none any more.
export function viewAt(address, go) {
  if (ofStores(address)) return storesView(address, go);
  if (ofOrders(address)) return ordersView(address);
  if (ofCoupons(address)) return couponsView(address, go);
  const [name, id = ""] = address.replace("#", "").split("/").map(decodeURIComponent);
  const [, fresh, kind] = /^(new-)?(item|category|group)$/.exec(name) ?? [];
  if (kind) return fresh ? newView(kind, id, go) : entryView(kind, id, go);
  if (name === "options") return groupsList();
  if (name === "brand") return brandView();
  return name === "menu" || name === "" ? menuList() : null;
}

// tabOf is the tab that an address belongs to.
export function tabOf(address) {
  if (ofStores(address)) return "#stores";
  if (ofOrders(address)) return "#orders";
  if (ofCoupons(address)) return "#coupons";
  if (/^#(options|group|new-group)/.test(address)) return "#options";
  return ["#brand", "#staff", "#devices", "#passkeys"].includes(address) ? address : "#menu";
}

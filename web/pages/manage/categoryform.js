// The form of a category: what it is called.

import { h, t } from "./core.js";
import { names } from "./controls.js";
import { rules } from "./documents.js";

export function categoryForm(category) {
  const name = names("name", t("manage.field.name"), category.name, { limit: rules.name });
  return { root: h("div", { class: "panel" }, name.root), read: (wrong) => ({ ...category, name: name.read(wrong) }) };
}

// The view of all groups of options.

import { h, t } from "./core.js";
import { called, catalog, usersOf } from "./documents.js";

export function groupsList() {
  const heading = h("h1", { tabindex: "-1" }, t("manage.groups"));
  const rows = h("ul", { class: "panel items" });
  const root = h(
    "div",
    {},
    heading,
    h("p", { class: "lead" }, t("manage.groups_lead")),
    h("p", { class: "choices" }, h("a", { class: "button primary", href: "#new-group" }, t("manage.add_group"))),
    rows,
  );
  const show = () =>
    rows.replaceChildren(
      ...catalog.document.groups.map(groupRow),
      ...(catalog.document.groups.length === 0 ? [h("li", { class: "small" }, t("manage.no_groups"))] : []),
    );
  show();
  return { root, heading, dirty: () => false, refresh: show };
}

function groupRow(group) {
  const count = usersOf(group.group).length;
  const options = group.options.map((option) => called({ ...option, product: option.option })).join(", ");
  return h(
    "li",
    { class: "item-row" },
    h("span", { class: "what" }, h("a", { href: `#group/${group.group}` }, called(group)), h("small", {}, options)),
    h("span", { class: "small" }, t("manage.used_by", { count })),
  );
}

// Rows of a form that are added, removed and put in order.

import { h, say, t, $ } from "./core.js";
import { handle } from "./sorting.js";

// rowsOf is a list of rows. make returns {root, read} of an entry; key is what tells rows apart; called returns
// what a row is called. changed is called when there are others, or another order.
export function rowsOf(field, entries, { make, called, changed, ordered = true }) {
  const list = h("ul", { class: "rows-edited", "data-list": field, tabindex: "-1", id: `list-${field}` });
  const made = new Map();
  let numbers = 0;

  function add(entry) {
    const key = String(++numbers),
      row = make(entry);
    const name = () => called(row.read([])) || t("manage.unnamed");
    const remove = h("button", { type: "button", class: "quiet remove" }, "✕");
    const mover = ordered && handle(name, changed);
    const label = () => {
      if (mover) mover.setAttribute("aria-label", t("manage.move", { name: name() }));
      remove.setAttribute("aria-label", t("manage.remove_row", { name: name() }));
    };
    const root = h("li", { "data-sorted": key, input: label }, mover, row.root, remove);
    label();
    remove.addEventListener("click", () => {
      const next = root.nextElementSibling ?? root.previousElementSibling;
      say($("#announce"), t("manage.removed_row", { name: name() }));
      root.remove();
      made.delete(key);
      (next ? $("button, input", next) : list).focus();
      changed();
    });
    made.set(key, row);
    list.append(root);
    return row;
  }
  entries.forEach(add);
  return {
    root: list,
    add(entry) {
      const row = add(entry);
      changed();
      return row;
    },
    read: (wrong) =>
      [...list.children].map((root, i) => made.get(root.dataset.sorted).read(within(wrong, `${field}[${i}]`))),
  };
}

// within collects what is wrong with a row, by its path in the form.
function within(wrong, prefix) {
  return { push: ({ path, ...rest }) => wrong.push({ path: path ? `${prefix}.${path}` : prefix, ...rest }) };
}

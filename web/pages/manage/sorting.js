// A list that people put in order: by dragging the handle of an entry, with a finger or a mouse, and by
// the arrow keys on it.

import { $, h, say, t } from "./core.js";

const rowOf = (button) => button.closest("[data-sorted]");
const rows = (list) => [...list.children].filter((row) => row.dataset.sorted !== undefined);
const identifiers = (list) => rows(list).map((row) => row.dataset.sorted);

// handle returns the button by which a row, which has its identifier in data-sorted, is moved within its
// list. nameOf returns what the row is called, and moved is told the identifiers in their new order.
export function handle(nameOf, moved) {
  return h("button", {
    type: "button",
    class: "handle",
    "aria-label": t("manage.move", { name: nameOf() }),
    "aria-describedby": "sorting-hint",
    keydown: (event) => moveByKey(event, nameOf(), moved),
    pointerdown: (event) => drag(event, nameOf(), moved),
  });
}

// announce says where an entry is now.
function announce(name, list, row) {
  const all = rows(list);
  say($("#announce"), t("manage.moved", { name, place: all.indexOf(row) + 1, count: all.length }));
}

function moveByKey(event, name, moved) {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const row = rowOf(event.target),
    list = row.parentElement,
    all = rows(list),
    at = all.indexOf(row);
  const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: all.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  if (to < 0 || to >= all.length || to === at) return announce(name, list, row);
  if (to < at) all[to].before(row);
  else all[to].after(row);
  event.target.focus(); // moving an element takes the focus from it
  row.scrollIntoView({ block: "nearest" });
  announce(name, list, row);
  moved(identifiers(list));
}

const edge = 90;

function drag(event, name, moved) {
  if (event.button !== 0) return;
  const button = event.currentTarget,
    row = rowOf(button),
    list = row.parentElement,
    before = identifiers(list),
    children = [...list.children];
  event.preventDefault();
  button.focus();
  row.dataset.dragged = "true";

  const place = ({ clientY: y }) => {
    const box = (other) => other.getBoundingClientRect();
    const others = rows(list).filter((other) => other !== row);
    const next = others.find((other) => y < box(other).top + box(other).height / 2);
    if (next && next.previousElementSibling !== row) next.before(row);
    else if (!next && others.at(-1)?.nextElementSibling !== row) others.at(-1)?.after(row);
    if (y < edge) scrollBy(0, -12);
    else if (y > innerHeight - edge) scrollBy(0, 12);
  };
  const ending = new AbortController();
  const stop = (cancelled) => {
    delete row.dataset.dragged;
    ending.abort();
    if (cancelled) list.append(...children);
    button.focus();
    announce(name, list, row);
    if (identifiers(list).join() !== before.join()) moved(identifiers(list));
  };
  const listen = (on, type, does) => on.addEventListener(type, does, { signal: ending.signal });
  listen(document, "pointermove", place);
  listen(document, "pointerup", () => stop(false));
  listen(document, "pointercancel", () => stop(true));
  listen(document, "keydown", (pressed) => {
    if (pressed.key !== "Escape") return;
    pressed.stopImmediatePropagation();
    stop(true);
  });
}

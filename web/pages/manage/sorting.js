// A list that people put in order: by dragging the handle of an entry, with a finger or a mouse, by the arrow
// keys on it, and by pressing it, which asks for the place.

import { $, h, say, t } from "./core.js";

const rowOf = (button) => button.closest("[data-sorted]");
const rows = (list) => [...list.children].filter((row) => row.dataset.sorted !== undefined);
const identifiers = (list) => rows(list).map((row) => row.dataset.sorted);

let dragged = false; // what ends a drag is no press

// handle returns the button by which a row, which has its identifier in data-sorted, is moved within its
// list. nameOf returns what the row is called, and moved is told the identifiers in their new order.
export function handle(nameOf, moved) {
  return h("button", {
    type: "button",
    class: "handle",
    "aria-label": t("manage.move", { name: nameOf() }),
    "aria-describedby": "sorting-hint",
    "aria-haspopup": "dialog",
    keydown: (event) => moveByKey(event, nameOf(), moved),
    click: (event) => (dragged && event.detail > 0) || choosePlace(event, nameOf(), moved),
    pointerdown: (event) => drag(event, nameOf(), moved),
  });
}

// announce says where an entry is now, also when it was there before.
function announce(name, list, row) {
  const all = rows(list),
    text = t("manage.moved", { name, place: all.indexOf(row) + 1, count: all.length });
  say($("#announce"), "");
  setTimeout(() => say($("#announce"), text), 100);
}

// move brings a row to a place in its list. The others make way: the row stays where it is in the document, and
// keeps the focus.
function move(row, to, name, moved) {
  const list = row.parentElement,
    all = rows(list),
    at = all.indexOf(row);
  if (to >= 0 && to < all.length && to !== at) {
    if (to < at) row.after(...all.slice(to, at));
    else row.before(...all.slice(at + 1, to + 1));
    row.scrollIntoView({ block: "nearest" });
    moved(identifiers(list));
  }
  announce(name, list, row);
}

function moveByKey(event, name, moved) {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const row = rowOf(event.target),
    all = rows(row.parentElement),
    at = all.indexOf(row);
  const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: all.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  move(row, to, name, moved);
}

const asking = $("#moving"),
  places = $("#moving-place");

// choosePlace asks for the place of a row: for those who can neither drag nor press arrow keys.
function choosePlace(event, name, moved) {
  const row = rowOf(event.currentTarget),
    all = rows(row.parentElement);
  $("#moving-title").textContent = t("manage.move", { name });
  places.replaceChildren(...all.map((_, i) => h("option", { value: i }, i + 1)));
  places.value = all.indexOf(row);
  asking.returnValue = "";
  asking.addEventListener("close", () => asking.returnValue && move(row, Number(places.value), name, moved), {
    once: true,
  });
  asking.showModal();
}
$("#moving-no").addEventListener("click", () => asking.close(""));

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
  dragged = false;

  const place = ({ clientX: x, clientY: y }) => {
    dragged ||= Math.hypot(x - event.clientX, y - event.clientY) > 4;
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
    dragged ||= cancelled;
    if (cancelled) list.append(...children);
    button.focus();
    if (!dragged) return;
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

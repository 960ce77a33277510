// The sheet of one item: what it is, and how a piece of it is to be made.

import { mostPieces } from "./cart.js";
import { asItComes, countOf, findItem, groupsOf, optionFault, priceOf } from "./choices.js";
import { $, h, learn, money, say, t } from "./core.js";
import { extra } from "./made.js";
import { showPicture } from "./itempicture.js";

const dialog = $("#sheet"),
  form = $("form", dialog),
  list = $("#sheet-groups"),
  note = $("#sheet-note"),
  picture = h("img", { alt: "", width: 96, height: 96 }),
  add = $("#sheet-add");
let menu = null,
  making = null, // {product, options, qty, line, done}
  drawn = [], // what brings each group up to date
  opener = null, // what had the focus
  left = Promise.resolve();

let learning = null;

// ready loads the texts of the sheet, once.
export async function ready() {
  learning ??= learn("sheet");
  try {
    await learning;
  } catch (problem) {
    learning = null;
    throw problem;
  }
}

// openSheet opens the sheet of a product, or of a line that is in the cart already. done is given
// the line that is to be there, once that is confirmed.
export async function openSheet(now, product, { line = null, done }) {
  await left;
  if (dialog.open || !findItem(now, product)) return;
  const item = findItem(now, product);
  menu = now;
  making = { product, line, done, qty: line?.qty ?? 1, options: line?.options ?? asItComes(groupsOf(menu, item)) };
  note.value = line?.note ?? "";
  say($("#sheet-said"), "");
  draw();
  opener = document.activeElement;
  history.pushState({ sheet: true }, "");
  dialog.showModal();
  dialog.scrollTop = 0;
}

// refreshSheet has an open sheet show what the menu says now. What is chosen stays chosen where
// it is still to be had.
export function refreshSheet(now) {
  menu = now;
  if (!dialog.open) return;
  const focused = document.activeElement?.id;
  draw();
  if (focused) document.getElementById(focused)?.focus();
}

// The button to go back closes the sheet, as it does on a phone: the sheet is an entry of the
// history, which goes with it.
addEventListener("popstate", () => dialog.close());
dialog.addEventListener("close", () => {
  if (document.activeElement === document.body) opener.focus({ preventScroll: true });
  if (!history.state?.sheet) return;
  left = new Promise((gone) => addEventListener("popstate", gone, { once: true }));
  history.back();
});
dialog.addEventListener("click", (event) => event.target === dialog && dialog.close()); // beside it
$("#sheet-close").addEventListener("click", () => dialog.close());

function draw() {
  const item = findItem(menu, making.product);
  if (!item) return update(); // it was taken off the menu
  const groups = groupsOf(menu, item);
  const gone = making.options.map((o) => optionFault(groups, o)).filter(Boolean);
  making.options = making.options.filter((o) => !optionFault(groups, o)).map((o) => atMost(groups, o));
  if (gone.length) say($("#sheet-said"), gone.join(", "));
  $("#sheet-title").textContent = item.name;
  say($("#sheet-about"), item.description ?? "");
  say($("#sheet-facts"), facts(item));
  showPicture(picture, item);
  $("#sheet-picture").replaceChildren(picture);
  drawn = groups.map(drawGroup);
  list.replaceChildren(...drawn.map(({ element }) => element));
  update();
}

// atMost returns the option with no more of it than one piece can have now.
function atMost(groups, o) {
  const most = groups.find(({ group }) => group === o.group).options.find(({ option }) => option === o.option).max_qty;
  return o.qty > most ? { ...o, qty: most } : o;
}

function facts({ allergens, calories }) {
  const names = (allergens ?? []).map((allergen) => t(`allergen.${allergen}`)).join(", ");
  return [names && t("sheet.allergens", { names }), calories != null && t("sheet.calories", { calories })]
    .filter(Boolean)
    .join(" · ");
}

// rule says in words how many options of the group a piece has.
function rule({ min, max }) {
  if (min === 0) return max === 1 ? t("sheet.up_to_one") : t("sheet.up_to", { max });
  if (min < max) return t("sheet.between", { min, max });
  return max === 1 ? t("sheet.exactly_one") : t("sheet.exactly", { max });
}

// Of some groups a piece has one option, or perhaps none: choosing one takes back the other.
const single = (group) => group.max === 1 && (group.min === 1 || group.options.length > 1);

function drawGroup(group) {
  const said = h("p", { class: "problem", role: "alert", hidden: true });
  const rows = group.options.map((option) => drawOption(group, option));
  if (single(group) && group.min === 0) rows.unshift(drawNone(group));
  const legend = h("legend", {}, group.name, " ", h("small", {}, rule(group)));
  const element = h(
    "fieldset",
    { class: "group", "data-group": group.group },
    legend,
    ...rows.map((r) => r.element),
    said,
  );
  return { element, group, said, update: () => rows.forEach((row) => row.update()) };
}

const quantityOf = ({ group }, { option }) =>
  making.options.find((o) => o.group === group && o.option === option)?.qty ?? 0;

// choose has a piece made with so many of the option.
function choose(group, option, qty) {
  making.options = making.options.filter(
    (o) => o.group !== group.group || (!single(group) && o.option !== option.option),
  );
  if (qty > 0) making.options.push({ group: group.group, option: option.option, name: option.name, qty });
  say(drawn.find((d) => d.group === group).said, "");
  update();
}

const room = (group) => group.max - countOf(making.options, group);

function drawOption(group, option) {
  const words = [
    h("span", { class: "name" }, option.name),
    option.available ? h("span", { class: "extra" }, extra(option.price)) : h("strong", {}, t("menu.sold_out")),
  ];
  return option.max_qty > 1 ? drawStepper(group, option, words) : drawInput(group, option, words);
}

function drawInput(group, option, words) {
  const input = h("input", {
    id: `option/${group.group}/${option.option}`,
    type: single(group) ? "radio" : "checkbox",
    name: `group/${group.group}`,
    change: () => choose(group, option, input.checked ? 1 : 0),
  });
  return {
    element: h("label", { class: "radio" }, input, ...words),
    update() {
      input.checked = quantityOf(group, option) > 0;
      input.disabled = !option.available || (!single(group) && !input.checked && room(group) < 1);
    },
  };
}

// drawNone is the choice to have nothing of the group.
function drawNone(group) {
  const input = h("input", {
    id: `option/${group.group}`,
    type: "radio",
    name: `group/${group.group}`,
    change: () => choose(group, {}, 0),
  });
  return {
    element: h("label", { class: "radio" }, input, h("span", { class: "name" }, t("sheet.none"))),
    update: () => (input.checked = countOf(making.options, group) === 0),
  };
}

// A button that does nothing any more keeps the focus.
const off = (button, yes) => button.setAttribute("aria-disabled", yes);
const isOff = (button) => button.getAttribute("aria-disabled") === "true";

function drawStepper(group, option, words) {
  const id = `option/${group.group}/${option.option}`;
  const step = (by) => (event) => {
    if (!isOff(event.currentTarget)) choose(group, option, quantityOf(group, option) + by);
  };
  const button = (sign, suffix, key, by) =>
    h(
      "button",
      { id: id + suffix, type: "button", class: "round", "aria-label": t(key, option), click: step(by) },
      sign,
    );
  const less = button("−", "/less", "sheet.option_less", -1),
    more = button("+", "/more", "sheet.option_more", 1),
    count = h("output", { class: "pieces" });
  return {
    element: h(
      "div",
      { class: "radio", role: "group", "aria-label": option.name, "data-option": option.option },
      ...words,
      h("span", { class: "stepper" }, less, count, more),
    ),
    update() {
      const qty = quantityOf(group, option);
      if (count.value !== String(qty)) count.value = qty;
      off(less, qty === 0);
      off(more, !option.available || qty >= option.max_qty || room(group) < 1);
    },
  };
}

function update() {
  const item = findItem(menu, making.product);
  drawn.forEach((group) => group.update());
  $("#sheet-qty").value = making.qty;
  off($("#sheet-less"), making.qty <= 1);
  off($("#sheet-more"), making.qty >= mostPieces);
  add.disabled = !item?.available;
  if (!item) return say(add, t("cart.gone"));
  const price = priceOf(item, groupsOf(menu, item), making.options);
  const total = money({ ...price, amount: price.amount * making.qty });
  say(add, item.available ? t(making.line ? "sheet.change" : "sheet.add", { price: total }) : t("menu.sold_out"));
}

for (const [id, by] of [
  ["#sheet-less", -1],
  ["#sheet-more", 1],
])
  $(id).addEventListener("click", (event) => {
    if (isOff(event.currentTarget)) return;
    making.qty += by;
    update();
  });

// wrong returns the first group of which too few or too many are chosen, and says so there.
function wrong() {
  const found = drawn.find(({ group }) => countOf(making.options, group) < group.min || room(group) < 0);
  if (found) say(found.said, `${found.group.name}: ${rule(found.group)}`);
  return found;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const found = wrong();
  if (found) {
    found.element.scrollIntoView({ block: "nearest" });
    return $("input:enabled, button", found.element)?.focus();
  }
  const item = findItem(menu, making.product),
    groups = groupsOf(menu, item);
  const options = groups.flatMap((g) =>
    g.options.flatMap((o) => making.options.filter((m) => m.group === g.group && m.option === o.option)),
  );
  const { product, qty, done } = making;
  const line = { product, qty, options, name: item.name, price: priceOf(item, groups, options) };
  if (note.value.trim()) line.note = note.value.trim();
  dialog.close();
  done(line);
});

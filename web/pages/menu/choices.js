// What today's menu says of an item's options, and of a line that was put into the cart earlier.

import { keyOf } from "./cart.js";
import { t } from "./core.js";

export const findItem = (menu, product) => menu.items.find((item) => item.product === product);

// groupsOf returns the groups of options that the item has, in the order in which they are shown.
export const groupsOf = (menu, item) => item.groups.map((id) => menu.groups.find((g) => g.group === id));

// asItComes returns the options that a piece has of which nothing is said.
export const asItComes = (groups) =>
  groups.flatMap(({ group, options }) =>
    options.filter((o) => o.default).map(({ option, name }) => ({ group, option, name, qty: 1 })),
  );

const offerOf = (groups, { group, option }) =>
  groups.find((g) => g.group === group)?.options.find((o) => o.option === option);

// countOf is how many options of the group are chosen, with their quantities.
export const countOf = (options, { group }) => options.reduce((sum, o) => sum + (o.group === group ? o.qty : 0), 0);

// priceOf returns what one piece with these options costs.
export function priceOf(item, groups, options) {
  const more = options.reduce((sum, o) => sum + (offerOf(groups, o)?.price.amount ?? 0) * o.qty, 0);
  return { ...item.price, amount: item.price.amount + more };
}

// optionFault says why an option cannot be had; nothing when it can.
export function optionFault(groups, option) {
  const offer = offerOf(groups, option);
  if (!offer) return t("cart.option_gone", { option: option.name ?? option.option });
  return offer.available ? "" : t("cart.option_sold_out", { option: offer.name });
}

// optionFaults says what is wrong with a choice of options.
export function optionFaults(groups, options) {
  const tooMany = ({ group }) =>
    options.some((o) => o.group === group && o.qty > (offerOf(groups, o)?.max_qty ?? o.qty));
  return [
    ...options.map((o) => optionFault(groups, o)).filter(Boolean),
    ...groups
      .filter((g) => countOf(options, g) < g.min || countOf(options, g) > g.max || tooMany(g))
      .map((g) => t("cart.choose_again", { group: g.name })),
  ];
}

// canBeMade reports whether a piece of the item can be had with these options.
export const canBeMade = (menu, item, options) =>
  item.available && optionFaults(groupsOf(menu, item), options).length === 0;

// viewLine returns what there is to be shown of a line of the cart: names and prices of today,
// what it cost when it was last seen where that has changed, and why it cannot be ordered.
export function viewLine(menu, line) {
  const item = findItem(menu, line.product),
    key = keyOf(line);
  if (!item) return { key, line, name: line.name ?? line.product, options: line.options, faults: [t("cart.gone")] };
  const groups = groupsOf(menu, item);
  const options = line.options.map((o) => {
    const { name, price } = offerOf(groups, o) ?? o;
    return { ...o, name: name ?? o.option, price };
  });
  const price = priceOf(item, groups, line.options);
  const changed = line.price && (line.price.amount !== price.amount || line.price.currency !== price.currency);
  return {
    key,
    line,
    item,
    name: item.name,
    options,
    price,
    total: { ...price, amount: price.amount * line.qty },
    before: changed ? line.price : null,
    faults: item.available ? optionFaults(groups, line.options) : [t("menu.sold_out")],
  };
}

// withChoices gives the lines that have no options yet those that their items come with.
export function withChoices(menu, lines) {
  return lines.map((line) => {
    const item = !line.options && findItem(menu, line.product);
    if (!item) return { ...line, options: line.options ?? [] };
    const groups = groupsOf(menu, item),
      options = asItComes(groups);
    return { ...line, options, name: item.name, price: priceOf(item, groups, options) };
  });
}

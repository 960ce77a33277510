// The switches by which the staff says what is sold out.

import { $, call, h, money, t } from "./core.js";

// showSwitches shows one switch per product. failed is told of what went wrong.
export function showSwitches(menu, failed) {
  const list = $("#switches");
  const focused = document.activeElement?.dataset?.product;
  list.replaceChildren(
    ...menu.items.map((i) =>
      h(
        "li",
        {},
        h("span", {}, i.name, h("small", {}, ` ${money(i.price)}`)),
        h(
          "button",
          {
            type: "button",
            role: "switch",
            class: "switch",
            "data-product": i.product,
            "aria-checked": String(i.available),
            "aria-label": t("board.available", { name: i.name }),
            click: () => flip(i.product, !i.available, failed),
          },
          t(i.available ? "board.on_sale" : "menu.sold_out"),
        ),
      ),
    ),
  );
  if (focused) $(`[data-product="${focused}"]`, list)?.focus();
}

async function flip(product, available, failed) {
  try {
    const item = (await call("GET", "/store/menu")).items.find((i) => i.product === product);
    if (item) await call("PUT", `/store/menu/${product}`, { body: { name: item.name, price: item.price, available } });
  } catch (problem) {
    failed(problem);
  }
}

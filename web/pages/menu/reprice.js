// What the cart costs at another store, by the server's prices.

import { call, explain } from "./core.js";

const quote = (store, lines) =>
  call("POST", "/orders/quote", {
    body: {
      store,
      items: lines.map(({ product, qty, options, note }) => ({
        product,
        qty,
        ...(options && { options: options.map((o) => ({ group: o.group, option: o.option, qty: o.qty })) }),
        ...(note && { note }),
      })),
    },
  });

// reprice returns what the lines cost at the store, and which of them are not to be had there:
// {total, refused: [{line, why}]}; the total is null when none is. It is null altogether when there is no telling now.
export async function reprice(store, lines) {
  const refused = [];
  for (let rest = lines; rest.length;) {
    try {
      return { total: (await quote(store, rest)).total, refused };
    } catch (problem) {
      const line = rest[/^items\[(\d+)\]/.exec(problem.field)?.[1]];
      if (problem.passing || !line) return null;
      refused.push({ line, why: explain(problem) });
      rest = rest.filter((other) => other !== line);
    }
  }
  return { total: null, refused };
}

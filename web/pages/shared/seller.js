// Who is paid: the store's owner, by the names that the law knows.

import { call, language, say, t } from "./core.js";

// showSeller says who is paid at the store, where its document says so.
export async function showSeller(element, slug) {
  try {
    const store = await call("GET", `/stores/${encodeURIComponent(slug)}?lang=${language}`);
    const { legal_name: name, registration_number: number } = store;
    say(element, name ? t(number ? "seller.registered" : "seller.name", { name, number }) : "");
  } catch {
    /* it is on the receipt as well, and the next look tries again */
  }
}

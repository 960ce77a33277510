// The stores, which the back office edits one by one.

import { Problem, send } from "./core.js";
import { wholeDocument } from "./documents.js";

const pathOf = (slug) => `/store/stores/${encodeURIComponent(slug)}`;

export const storeDocument = (slug) => wholeDocument(pathOf(slug));

export const codeOf = (slug) => `${pathOf(slug)}/qr.svg`;

// newStore is what a new store is saved in. One whose slug is taken is refused as one that is wrong.
export const newStore = {
  async save({ path, after }) {
    try {
      await send("PUT", pathOf(after.store), { body: after, headers: { "If-None-Match": "*" } });
    } catch (problem) {
      if (problem.status === 412) throw new Problem(422, { field: "store", detail: "store is there already" });
      throw problem;
    }
    return { path, others: false };
  },
};

// The coupons, which owners edit one by one.

import { call, Problem, send } from "./core.js";
import { wholeDocument } from "./documents.js";

const pathOf = (code) => `/store/coupons/${encodeURIComponent(code)}`;

export const couponDocument = (code) => wholeDocument(pathOf(code));

// readCoupons reads a page of the list; the first one without a token.
export const readCoupons = (token = "") =>
  call("GET", `/store/coupons?${new URLSearchParams(token && { page_token: token })}`);

// newCoupon is what a new coupon is saved in. One whose code is taken is refused as one that is wrong.
export const newCoupon = {
  async save({ path, after }) {
    try {
      await send("PUT", pathOf(path), { body: after, headers: { "If-None-Match": "*" } });
    } catch (problem) {
      if (problem.status === 412) throw new Problem(422, { field: "code", detail: "code is another coupon's" });
      throw problem;
    }
    return { path, others: false };
  },
};

// endCoupon ends the coupon as its document has it. Who ends what somebody else has changed meanwhile is refused
// (412), and has it as it is now.
export async function endCoupon(document) {
  try {
    const headers = { "If-Match": document.kept.etag };
    await send("DELETE", document.path, { headers });
  } catch (problem) {
    if (problem.status === 412) await document.load();
    throw problem;
  }
}

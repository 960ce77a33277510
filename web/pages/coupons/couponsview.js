// The views of the coupons: the list, which managers read, and the form of each, for owners.

import { Problem, h, say, t } from "./core.js";
import { ask } from "./ask.js";
import { couponDocument, endCoupon, newCoupon, readCoupons } from "./coupondocuments.js";
import { couponForm } from "./couponform.js";
import { CouponsList } from "./couponslist.js";
import { catalog } from "./documents.js";
import { editor } from "./editor.js";
import { explained, may } from "./session.js";
import { knownStores } from "./staffstores.js";

let stores = [],
  page = null,
  shown = null; // the document of the coupon that is edited

// ofCoupons reports whether an address leads to a view of the coupons.
export const ofCoupons = (address) => /^#(coupons$|coupon\/|new-coupon$)/.test(address);

// loadCoupons reads what the view at the address shows.
export async function loadCoupons(address) {
  page = shown = null;
  if (!may("manager")) return;
  const [, code] = /^#coupon\/(.+)$/.exec(address) ?? [];
  const opened = code && couponDocument(decodeURIComponent(code));
  const opening = opened?.load().then(
    () => opened,
    (problem) => {
      if (problem instanceof Problem && problem.status === 404) return null;
      throw problem;
    },
  );
  const listing = address === "#coupons" && readCoupons();
  [stores, page, shown] = await Promise.all([knownStores(), listing, opening, catalog.load()]);
}

// couponsView returns the view at the address; null for whoever may not see it.
export function couponsView(address, go) {
  if (!may("manager")) return null;
  if (address === "#coupons") return new CouponsList(stores, page);
  if (!may("owner")) return null;
  if (address === "#new-coupon") return newView(go);
  return shown && couponView(shown, go);
}

const back = () => ["#coupons", t("coupons.back")];

function newView(go) {
  return editor({
    title: t("coupons.new"),
    document: newCoupon,
    entry: null,
    whole: true,
    identify: (after) => ({ path: after.code, after }),
    make: couponForm(stores),
    back: back(),
    opened: (code, text) => go(`#coupon/${code}`, text),
    closed: (text) => go("#coupons", text),
  });
}

function couponView(document, go) {
  const { code } = document.document;
  const view = editor({
    title: t("coupons.coupon", { code }),
    document,
    entry: document.document,
    path: code,
    whole: true,
    make: couponForm(stores),
    back: back(),
    closed: (text) => go("#coupons", text),
  });
  view.root.append(endPanel(document, view, go));
  return view;
}

// useAgain has a coupon that was ended be used again.
const useAgain = (document) => {
  const before = document.document;
  return document.save({ path: before.code, before, after: { ...before, ended: undefined } });
};

// endPanel ends the coupon, or has one that was ended used again. What was typed and not saved is asked about.
function endPanel(document, view, go) {
  const { code, ended } = document.document;
  const notice = h("p", { class: "notice", "data-kind": "warn", role: "alert", hidden: true });
  const label = t(ended ? "coupons.use" : "coupons.end");
  const button = h("button", { type: "button", class: ended ? "" : "danger" }, label);
  button.addEventListener("click", async () => {
    const dirty = view.dirty();
    if (dirty && !(await ask(t("manage.leave"), t("manage.leave_why"), t("manage.leave_now")))) return;
    if (!ended && !(await ask(t("coupons.end_title", { code }), t("coupons.end_why"), t("coupons.end")))) return;
    button.disabled = true;
    say(notice, "");
    try {
      await (ended ? useAgain(document) : endCoupon(document));
      view.ended = true; // there is nothing left to save
      go("#coupons", t(ended ? "coupons.used_again" : "coupons.was_ended", { code }));
    } catch (problem) {
      say(notice, problem.status === 412 ? t("coupons.changed_meanwhile") : explained(problem));
    }
    button.disabled = false;
  });
  return h(
    "section",
    { class: "panel", id: "ending" },
    h("h2", {}, t(ended ? "coupons.has_ended" : "coupons.end_heading")),
    h("p", { class: "small" }, t(ended ? "coupons.use_why" : "coupons.end_why")),
    notice,
    h("p", { class: "choices" }, button),
  );
}

// The field for the code of a coupon.

import { $, say, t } from "./core.js";
import { fault, onSavings, savingsFault, want, wantedSavings } from "./savings.js";

const field = $("#coupon"),
  said = $("#coupon-said");

function use() {
  const code = field.value.trim().toUpperCase();
  if (code) return want({ coupon: code });
  fault("coupon", t("cart.coupon_empty"));
  field.focus();
}

function show() {
  const { coupon } = wantedSavings(),
    wrong = savingsFault("coupon");
  if (coupon) field.value = coupon;
  field.hidden = $("#coupon-use").hidden = coupon !== "";
  $("#coupon-remove").hidden = coupon === "";
  said.className = wrong ? "problem" : "small";
  if (wrong) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
  say(said, wrong || (coupon && t("cart.coupon_used", { code: coupon })));
}

// startCoupon has the field work. Enter uses the coupon: it orders nothing.
export function startCoupon() {
  $("#coupon-use").addEventListener("click", use);
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    use();
  });
  $("#coupon-remove").addEventListener("click", () => {
    field.value = "";
    want({ coupon: "" });
    field.focus();
  });
  onSavings(show);
  show();
}

// What is wrong with a field is said beside it, and is the field's description.

import { $, h } from "./core.js";

// showFieldError marks the field, says why, and leads there.
export function showFieldError(field, text) {
  const id = `${field.id}-problem`;
  $(`#${id}`)?.remove();
  field.after(h("p", { id, class: "problem", role: "alert" }, text));
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", id);
  field.addEventListener("input", () => clearFieldError(field), { once: true });
  field.focus();
}

function clearFieldError(field) {
  $(`#${field.id}-problem`)?.remove();
  field.removeAttribute("aria-invalid");
  field.removeAttribute("aria-describedby");
}

export const clearFieldErrors = (form) => form.querySelectorAll("[aria-invalid]").forEach(clearFieldError);

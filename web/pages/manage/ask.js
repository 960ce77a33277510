// A question before something that cannot be taken back by itself.

import { $ } from "./core.js";

const dialog = $("#asking");
let answer = null;

// ask resolves to whether the answer is yes, by the words of the button.
export function ask(title, why, yes) {
  $("#asking-title").textContent = title;
  $("#asking-why").textContent = why;
  $("#asking-yes").textContent = yes;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    answer = resolve;
  });
}
dialog.addEventListener("close", () => answer?.(dialog.returnValue === "yes"));
$("#asking-yes").addEventListener("click", () => dialog.close("yes"));
$("#asking-no").addEventListener("click", () => dialog.close(""));

// A question before something that cannot be taken back by itself.

import { $ } from "./core.js";

const dialog = $("#asking");
let answer = null;

const stay = $("#asking-no").textContent;

// ask resolves to whether the answer is yes, by the words of the buttons.
export function ask(title, why, yes, no = stay) {
  $("#asking-title").textContent = title;
  $("#asking-why").textContent = why;
  $("#asking-yes").textContent = yes;
  $("#asking-no").textContent = no;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    answer = resolve;
  });
}
dialog.addEventListener("close", () => answer?.(dialog.returnValue === "yes"));
$("#asking-yes").addEventListener("click", () => dialog.close("yes"));
$("#asking-no").addEventListener("click", () => dialog.close(""));

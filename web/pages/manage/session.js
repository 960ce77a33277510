// Who is signed in. A session that ends hides the forms and keeps what was typed in them: after the next
// sign-in they are there again.

import { $, call, explain, say, t } from "./core.js";

const login = $("#login"),
  office = $("#office");
let entered = () => {},
  focused = null;

// explained says what went wrong in words, and asks for a sign-in when the session is over.
export function explained(problem) {
  if (problem.code === "unauthorized") {
    askToSignIn(t("manage.session_over"));
    return t("manage.sign_in_first");
  }
  if (problem.code === "offline") return t("manage.offline");
  return explain(problem);
}

function askToSignIn(why) {
  if (!login.hidden) return;
  focused = document.activeElement;
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  office.hidden = true;
  $("#tools").hidden = true;
  login.hidden = false;
  say($("#login-notice"), why);
  $("#token").focus();
}

function enter() {
  login.hidden = true;
  office.hidden = false;
  $("#tools").hidden = false;
  entered();
  if (focused?.isConnected) focused.focus();
}

$("form", login).addEventListener("submit", async (event) => {
  event.preventDefault();
  const token = $("#token");
  say($("#login-notice"), "");
  token.removeAttribute("aria-invalid");
  try {
    await call("POST", "/store/login", { body: { token: token.value.trim() } });
    token.value = "";
    enter();
  } catch (problem) {
    token.setAttribute("aria-invalid", "true");
    say($("#login-notice"), problem.code === "unauthorized" ? t("board.wrong_token") : explain(problem));
    token.focus();
  }
});

// begin asks who is signed in, for as long as there is no answer, and for a token when nobody is. then is
// called after every sign-in.
export async function begin(then) {
  entered = then;
  try {
    await call("GET", "/store/session");
    say($("#lost"), "");
    enter();
  } catch (problem) {
    if (problem.code === "unauthorized") return askToSignIn("");
    say($("#lost"), explain(problem));
    setTimeout(() => begin(then), 2000);
  }
}

// Signing in at the store: by a token or by a passkey.

import { $, call, say, t } from "./core.js";
import { passkeysWork, signInByPasskey } from "./passkeys.js";
import { explain } from "./staffproblems.js";

const login = $("#login"),
  notice = $("#login-notice"),
  token = $("#token"),
  passkey = $("#passkey");

// offerSignIn makes the form work: entered is called after every sign-in.
export function offerSignIn(entered) {
  passkey.hidden = !passkeysWork;
  $("#no-passkey").hidden = passkeysWork;
  const attempt = async (signIn, wrong, field) => {
    say(notice, "");
    token.removeAttribute("aria-invalid");
    try {
      await signIn();
      token.value = "";
      await entered();
    } catch (problem) {
      if (field === token) token.setAttribute("aria-invalid", "true");
      say(notice, problem.code === "unauthorized" ? t(wrong) : explain(problem));
      field.focus();
    }
  };
  $("form", login).addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(() => call("POST", "/store/login", { body: { token: token.value.trim() } }), "board.wrong_token", token);
  });
  passkey.addEventListener("click", () => attempt(signInByPasskey, "signin.unknown_passkey", passkey));
}

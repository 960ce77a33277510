// Signing in at the store: by a token or by a passkey, and in which store this device stands.

import { $, call, h, say, t } from "./core.js";
import { passkeysWork, signInByPasskey } from "./passkeys.js";
import { explain } from "./staffproblems.js";
import { storeName, storesOf } from "./staffstores.js";

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

// ---- Where the device stands: only the board asks.

const where = $("#where"),
  choice = $("#where-store"),
  stays = $("#stays");
let chosen = null;

// place asks in which store this device stands, if there are several and it has not been said, and
// resolves to the session then. Where there is one store it asks nothing.
export async function place({ again = false } = {}) {
  const session = await call("GET", "/store/session");
  if (session.stays) return session;
  const stores = await storesOf(session);
  const stay = stays.checked && !again;
  stays.checked = false;
  if (stores.length === 1) return stay ? put(stores[0].store, true) : session;
  if (session.store && !again && !stay) return session;
  return put(await ask(stores, session.store), stay);
}

const put = (store, stay) => call("PUT", "/store/session", { body: { store, stays: stay } });

// ask resolves to the store that is chosen.
function ask(stores, now) {
  choice.replaceChildren(...stores.map((store) => h("option", { value: store.store }, storeName(store))));
  choice.value = now ?? stores[0].store;
  login.hidden = true;
  where.hidden = false;
  choice.focus();
  return new Promise((resolve) => {
    chosen = resolve;
  });
}

if (where)
  $("form", where).addEventListener("submit", (event) => {
    event.preventDefault();
    where.hidden = true;
    chosen?.(choice.value);
  });

// placeName is what the store of the session is called, and nothing where there is only one.
export async function placeName(session) {
  const stores = await storesOf(session);
  if (stores.length === 1 && !session.stays) return "";
  return storeName(stores.find(({ store }) => store === session.store) ?? { store: session.store ?? "main" });
}

// Who is signed in. A session that ends hides the forms and keeps what was typed in them: after the next
// sign-in they are there again.

import { $, call, say, t } from "./core.js";
import { explain } from "./staffproblems.js";
import { offerSignIn } from "./staffsignin.js";

const login = $("#login"),
  office = $("#office");
let entered = () => {},
  focused = null;

// who is signed in, and what they may do.
export let who = null;

// may says whether they may do what is for a role.
const roles = ["barista", "manager", "owner"];
export const may = (role) => roles.indexOf(who.role) >= roles.indexOf(role);

// Tabs that are for a role are only shown to those who have it; at a device that stays in its store there
// are no passkeys.
function showTabs() {
  for (const tab of document.querySelectorAll("#tabs [data-role]")) tab.hidden = !may(tab.dataset.role);
  $('#tabs [href="#passkeys"]').hidden = who.stays;
}

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

function enter(session) {
  who = session;
  showTabs();
  login.hidden = true;
  office.hidden = false;
  $("#tools").hidden = false;
  entered();
  if (focused?.isConnected) focused.focus();
}

offerSignIn(async () => enter(await call("GET", "/store/session")));

// begin asks who is signed in, for as long as there is no answer, and for a token when nobody is. then is
// called after every sign-in.
export async function begin(then) {
  entered = then;
  try {
    const session = await call("GET", "/store/session");
    say($("#lost"), "");
    enter(session);
  } catch (problem) {
    if (problem.code === "unauthorized") return askToSignIn("");
    say($("#lost"), explain(problem));
    setTimeout(() => begin(then), 2000);
  }
}

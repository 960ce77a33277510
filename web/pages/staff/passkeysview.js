// One's own passkeys.

import { call, day, h, say, t } from "./core.js";
import { ask } from "./ask.js";
import { labelled } from "./controls.js";
import { makePasskey, passkeysWork } from "./passkeys.js";
import { explained, who } from "./session.js";

let passkeys = [];

export async function loadPasskeys() {
  if (!who.environment) ({ passkeys } = await call("GET", "/store/passkeys"));
}

export function passkeysView() {
  const heading = h("h1", { tabindex: "-1" }, t("staff.passkeys"));
  const rows = h("ul", { class: "panel items" });
  const said = h("p", { class: "notice", role: "status", hidden: true });
  const view = { heading, dirty: () => false, refresh: show };
  const lead = h("p", { class: "lead" }, t("staff.passkeys_lead"));
  if (who.environment) {
    view.root = h("div", {}, heading, lead, h("p", { class: "notice" }, t("staff.no_account")));
    return view;
  }
  const label = h("input", { maxlength: 80, autocomplete: "off", required: true });
  label.value = t("staff.passkey_label_default");
  const add = h(
    "form",
    { class: "panel", novalidate: true, submit: (event) => event.preventDefault() },
    labelled(t("staff.passkey_label"), label),
    h("p", { class: "choices" }, h("button", { type: "submit", class: "primary" }, t("staff.add_passkey"))),
  );
  add.addEventListener("submit", () => change(() => makePasskey(label.value.trim()), t("staff.passkey_added")));

  async function change(work, done) {
    say(said, "");
    try {
      await work();
      await loadPasskeys();
      show();
      say(said, done);
    } catch (problem) {
      say(said, explained(problem));
    }
  }

  async function remove({ passkey, label: called }) {
    const title = t("staff.remove_passkey_title", { label: called });
    if (!(await ask(title, t("staff.remove_passkey_why"), t("staff.remove")))) return;
    await change(() => call("DELETE", `/store/passkeys/${passkey}`), t("staff.passkey_removed"));
    heading.focus();
  }

  function row(passkey) {
    const used = t("staff.passkey_used", { since: day(passkey.created_at), used: day(passkey.last_used_at) });
    return h(
      "li",
      { class: "item-row" },
      h("span", { class: "what" }, h("strong", {}, passkey.label), h("small", {}, `${passkey.domain} · ${used}`)),
      h(
        "button",
        {
          type: "button",
          class: "quiet",
          "aria-label": t("staff.remove_passkey", { label: passkey.label }),
          click: () => remove(passkey),
        },
        t("staff.remove"),
      ),
    );
  }

  function show() {
    const none = h("li", { class: "small" }, t("staff.no_passkeys"));
    rows.replaceChildren(...(passkeys.length ? passkeys.map(row) : [none]));
  }
  show();
  const here = passkeysWork ? add : h("p", { class: "notice" }, t("signin.no_passkeys_here"));
  view.root = h("div", {}, heading, lead, said, rows, here);
  return view;
}

// Where the staff is signed in, and signing out there.

import { $, call, day, h, say, t } from "./core.js";
import { explained } from "./session.js";

let sessions = [];

export async function loadDevices() {
  ({ sessions } = await call("GET", "/store/sessions"));
}

export function devicesView() {
  const heading = h("h1", { tabindex: "-1" }, t("staff.devices"));
  const rows = h("ul", { class: "panel items" });
  const said = h("p", { class: "notice", role: "status", hidden: true });
  const show = () => rows.replaceChildren(...sessions.map(row));
  const end = async (session, button) => {
    button.disabled = true;
    try {
      await call("DELETE", `/store/sessions/${session}`);
      await loadDevices();
      show();
      say(said, t("staff.signed_out"));
      heading.focus();
    } catch (problem) {
      button.disabled = false;
      say(said, explained(problem));
    }
  };

  function row({ session, name, created_at, expires_at, store, stays, current }) {
    const details = [
      t("staff.since_until", { since: day(created_at), until: day(expires_at) }),
      store && t("staff.in_store", { store }),
      stays && t("staff.stays"),
    ];
    return h(
      "li",
      { class: "item-row" },
      h(
        "span",
        { class: "what" },
        h("strong", {}, name),
        current && h("small", {}, t("staff.this_device")),
        h("small", {}, details.filter(Boolean).join(" · ")),
      ),
      !current &&
        h(
          "button",
          {
            type: "button",
            class: "quiet",
            "aria-label": t("staff.sign_out_of", { name, since: day(created_at) }),
            click: (event) => end(session, event.currentTarget),
          },
          t("staff.sign_out"),
        ),
    );
  }
  show();
  const root = h("div", {}, heading, h("p", { class: "lead" }, t("staff.devices_lead")), said, rows);
  return { root, heading, dirty: () => false, refresh: show, tell: (text) => say($("#notice"), text) };
}

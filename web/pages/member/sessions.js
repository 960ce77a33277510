// Where a member is signed in, and signing out there.

import { $, call, day, explain, h, t } from "./core.js";

export const bearer = ({ token }) => ({ Authorization: `Bearer ${token}` });
export const pathOf = ({ number }) => `/members/${encodeURIComponent(number)}`;

const list = $("#sessions");

export const clearSessions = () => list.replaceChildren();

// showSessions lists the owner's sessions, unless somebody else is there by then. This
// device's ends by the button for that.
export async function showSessions(owner, still) {
  const { sessions } = await call("GET", `${pathOf(owner)}/sessions`, { headers: bearer(owner) });
  if (still()) list.replaceChildren(...sessions.map((session) => row(owner, session, still)));
}

function row(owner, { session, created_at, last_used_at, current }, still) {
  const from = day(created_at);
  const said = h("p", { class: "small", role: "status" });
  const end = async (event) => {
    event.target.disabled = true;
    try {
      await call("DELETE", `${pathOf(owner)}/sessions/${session}`, { headers: bearer(owner) });
    } catch (problem) {
      if (problem.code !== "not_found") {
        // which is as good
        event.target.disabled = false;
        said.textContent = explain(problem);
        return;
      }
    }
    await showSessions(owner, still).catch((problem) => {
      said.textContent = explain(problem);
    });
    if (still()) $("#sessions-title").focus();
  };
  return h(
    "li",
    {},
    h(
      "div",
      {},
      current && h("strong", {}, t("member.this_device")),
      h("p", { class: "small" }, t("member.session", { from, last: day(last_used_at) })),
      said,
    ),
    !current &&
      h(
        "button",
        { type: "button", "aria-label": t("member.end_session", { from }), click: end },
        t("member.sign_out"),
      ),
  );
}

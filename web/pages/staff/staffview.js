// Who works at the stores: listed, made, changed and ended.

import { call, h, say, t } from "./core.js";
import { ask } from "./ask.js";
import { clearFieldErrors, showFieldError } from "./forms.js";
import { explained, may } from "./session.js";
import { knownStores, storeName } from "./staffstores.js";
import { staffForm } from "./staffform.js";

let staff = [],
  stores = [];

export async function loadStaff() {
  [{ staff }, stores] = await Promise.all([call("GET", "/store/staff"), knownStores()]);
}

const pathOf = (name) => `/store/staff/${encodeURIComponent(name)}`;

export function staffView() {
  const heading = h("h1", { tabindex: "-1" }, t("staff.title"));
  const rows = h("ul", { class: "panel items" });
  const said = h("p", { class: "notice", role: "status", hidden: true });
  const shown = h("div", { class: "panel token", hidden: true });
  const view = { heading, refresh: show };
  let editing = "";

  // change does something, shows what there is then, and reports whether it went well.
  async function change(work, done, form) {
    say(said, "");
    if (form) clearFieldErrors(form.root);
    try {
      const made = await work();
      if (made?.token) showToken(made);
      await loadStaff();
      editing = "";
      show();
      say(said, done);
      return true;
    } catch (problem) {
      const field = problem.field && form?.field(problem.field);
      if (field) showFieldError(field, problem.code === "invalid_name" ? t("staff.wrong_name") : explained(problem));
      else say(said, explained(problem));
      return false;
    }
  }

  function hideToken() {
    shown.hidden = true;
    shown.replaceChildren();
    heading.focus();
  }

  function showToken({ name, token }) {
    const text = h("output", { class: "secret", "aria-label": t("staff.token_of", { name }) }, token);
    const copied = h("span", { class: "small", role: "status" });
    const copy = async () => {
      await navigator.clipboard?.writeText(token).then(
        () => say(copied, t("staff.copied")),
        () => {},
      );
      getSelection().selectAllChildren(text);
    };
    shown.hidden = false;
    shown.replaceChildren(
      h("h2", { tabindex: "-1" }, t("staff.token_of", { name })),
      h("p", {}, t("staff.token_once")),
      h("p", {}, text),
      h(
        "p",
        { class: "choices" },
        h("button", { type: "button", click: copy }, t("staff.copy")),
        h("button", { type: "button", class: "quiet", click: hideToken }, t("staff.token_kept")),
        copied,
      ),
    );
    shown.firstChild.focus();
  }

  const add = staffForm({ stores, may, named: true, button: t("staff.add") });
  add.root.addEventListener("submit", async () => {
    const account = add.read();
    const made = () => call("POST", "/store/staff", { body: account });
    if (await change(made, t("staff.added", account), add)) add.reset();
  });

  function editor(member) {
    const form = staffForm({ stores, may, member, button: t("staff.save") });
    form.root.addEventListener("submit", () =>
      change(() => call("PUT", pathOf(member.name), { body: form.read() }), t("staff.saved", member), form),
    );
    return form.root;
  }

  async function renew({ name }) {
    if (await ask(t("staff.renew_title", { name }), t("staff.renew_why"), t("staff.renew")))
      await change(() => call("POST", `${pathOf(name)}/token`), "");
  }

  async function end({ name }) {
    if (!(await ask(t("staff.end_title", { name }), t("staff.end_why"), t("staff.end")))) return;
    if (await change(() => call("DELETE", pathOf(name)), t("staff.ended", { name }))) heading.focus();
  }

  function buttons(member) {
    if (member.environment || (!may("owner") && member.role !== "barista")) return null;
    const button = (key, click) =>
      h("button", { type: "button", class: "quiet", "aria-label": t(`${key}_of`, member), click }, t(key));
    const edit = () => {
      editing = editing === member.name ? "" : member.name;
      show();
    };
    return h(
      "span",
      { class: "choices" },
      button("staff.change", edit),
      button("staff.renew", () => renew(member)),
      button("staff.end", () => end(member)),
    );
  }

  function row(member) {
    const works = member.stores.map((slug) => storeName(stores.find(({ store }) => store === slug) ?? { store: slug }));
    const facts = [
      t(`staff.role.${member.role}`),
      works.join(", ") || (stores.length > 1 && t("staff.all_stores")),
      member.environment && t("staff.environment"),
      member.sessions > 0 && t("staff.signed_in", { count: member.sessions }),
      member.passkeys > 0 && t("staff.passkey_count", { count: member.passkeys }),
    ];
    return h(
      "li",
      { class: "item-row person" },
      h("span", { class: "what" }, h("strong", {}, member.name), h("small", {}, facts.filter(Boolean).join(" · "))),
      buttons(member),
      editing === member.name && editor(member),
    );
  }

  function show() {
    rows.replaceChildren(...staff.map(row));
  }
  show();
  view.dirty = () => add.dirty() || editing !== "";
  view.root = h("div", {}, heading, h("p", { class: "lead" }, t("staff.lead")), said, shown, rows, add.root);
  return view;
}

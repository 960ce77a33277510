// What somebody may do, and where: the form of an account.

import { $, h, t } from "./core.js";
import { checkbox, choice, labelled } from "./controls.js";
import { storeName } from "./staffstores.js";

const roles = ["barista", "manager", "owner"];

// staffForm is the form of a new account, or of a member's. Managers make baristas, owners anybody.
export function staffForm({ stores, may, member, named = false, button }) {
  const name = h("input", { maxlength: 40, autocomplete: "off", required: true });
  const offered = may("owner") ? roles : roles.slice(0, 1);
  const role = choice(
    "role",
    t("staff.role"),
    offered.map((value) => [value, t(`staff.role.${value}`)]),
    member?.role ?? "barista",
  );
  const explained = h("p", { class: "small" });
  const all = checkbox(t("staff.all_stores"), !member || member.stores.length === 0);
  const boxes = stores.map((store) => [
    store.store,
    checkbox(storeName(store), member?.stores.includes(store.store) ?? false),
  ]);
  const places = h(
    "fieldset",
    { "data-field": "stores", id: `stores-of-${member?.name ?? ""}` },
    h("legend", {}, t("staff.stores")),
    all.root,
    ...boxes.map(([, box]) => box.root),
  );
  const root = h(
    "form",
    { class: "panel", novalidate: true, submit: (event) => event.preventDefault() },
    named && h("h2", {}, t("staff.add")),
    named && labelled(t("staff.name"), name, { field: "name", hint: t("staff.name_why") }),
    role.root,
    explained,
    places,
    h("p", { class: "choices" }, h("button", { type: "submit", class: "primary" }, button)),
  );
  const show = () => {
    explained.textContent = t(`staff.role_why.${role.read()}`);
    places.hidden = stores.length < 2 || role.read() === "owner";
    for (const [, box] of boxes) box.input.disabled = all.input.checked;
  };
  root.addEventListener("change", show);
  show();
  const chosen = () => boxes.filter(([, box]) => box.input.checked).map(([store]) => store);
  return {
    root,
    read() {
      const account = { role: role.read(), stores: places.hidden || all.input.checked ? [] : chosen() };
      return named ? { name: name.value.trim(), ...account } : account;
    },
    field: (path) => $(`[data-field="${path.replace(/\[.*/, "")}"]`, root),
    dirty: () => named && name.value !== "",
    reset() {
      name.value = "";
    },
  };
}

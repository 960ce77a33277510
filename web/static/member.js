// Members: signing up and in, the balance, past orders, the same again.

import { $, call, day, explain, h, language, money, saved, say, t } from "./core.js";

const notice = $("#notice"), account = $("#account"), doors = $("#doors");
const names = {};
let member = saved.get("member");

const bearer = () => ({ Authorization: `Bearer ${member.token}` });

// submit has a form's values sent by do, once at a time, and shows what fails.
function submit(form, act) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = $("button[type=submit]", form);
    button.disabled = true;
    say(notice, "");
    try {
      await act(Object.fromEntries(new FormData(form)));
    } catch (problem) {
      say(notice, explain(problem));
      const field = form.elements[problem.field] ?? form.querySelector("input");
      field.focus();
    }
    button.disabled = false;
  });
}

function enter(number, token) {
  member = { number, token };
  saved.set("member", member);
  return show();
}

function leave() {
  saved.remove("member");
  member = null;
  account.hidden = true;
  doors.hidden = false;
}

submit($("#sign-up"), async ({ name, phone }) => {
  const made = await call("POST", "/members", { body: { name, phone } });
  await enter(made.membership_number, made.token);
  say(notice, t("member.welcome", { number: made.membership_number }));
});

let asked = "";
submit($("#ask-code"), async ({ number }) => {
  asked = number.trim();
  await call("POST", `/members/${encodeURIComponent(asked)}/codes?lang=${language}`, { body: {} });
  $("#sign-in").hidden = false;
  say(notice, t("member.code_sent"));
  $("#code").focus();
});
submit($("#sign-in"), async ({ code }) => {
  try {
    const { token } = await call("POST", `/members/${encodeURIComponent(asked)}/sessions`, { body: { code: code.trim() } });
    await enter(asked, token);
  } catch (problem) {
    if (problem.code === "unauthorized") problem.code = "wrong_code";
    throw problem;
  }
});

function again(order) {
  saved.set("cart", Object.fromEntries(order.items.map(({ product, qty }) => [product, qty])));
  location.assign("/#cart");
}

function row(order) {
  const what = order.items.map((i) => `${names[i.product] ?? i.product} × ${i.qty}`).join(", ");
  return h("li", {},
    h("div", {}, h("a", { href: `/o/${order.id}` }, what), h("p", { class: "small" }, `${order.placed_at ? day(order.placed_at) : ""} · ${money(order.total)} · ${t(`status.${order.status}`)}`)),
    h("button", { type: "button", click: () => again(order) }, t("member.again"), h("span", { class: "unseen" }, ` ${what}`)));
}

// pages shows a list page by page, behind its button for more.
function pages(button, list, path, take, row) {
  let token = "";
  const more = async () => {
    button.disabled = true;
    try {
      const page = await call("GET", `${path}?page_size=20&page_token=${encodeURIComponent(token)}`, { headers: bearer() });
      if (!token) list.replaceChildren();
      list.append(...take(page).map(row));
      token = page.next_page_token;
      button.hidden = !token;
    } finally {
      button.disabled = false;
    }
  };
  button.onclick = () => more().catch((problem) => say(notice, explain(problem)));
  return more();
}

async function show() {
  try {
    for (const item of (await call("GET", `/menu?lang=${language}`)).items) names[item.product] = item.name;
    const path = `/members/${encodeURIComponent(member.number)}`;
    await pages($("#more-entries"), $("#entries"), path, (page) => {
      $("#balance").textContent = page.points.toLocaleString(language);
      $("#no-entries").hidden = page.entries.length > 0;
      return page.entries;
    }, (e) => h("li", {}, h("a", { href: `/o/${e.order_id}` }, `${day(e.at)} · ${t(`points.${e.kind}`)}`), h("strong", {}, `${e.points > 0 ? "+" : ""}${e.points.toLocaleString(language)}`)));
    await pages($("#more-orders"), $("#orders"), `${path}/orders`, (page) => {
      $("#no-orders").hidden = page.orders.length > 0;
      return page.orders;
    }, row);
    $("#member-number").textContent = member.number;
    account.hidden = false;
    doors.hidden = true;
  } catch (problem) {
    if (problem.code === "unauthorized") leave();
    say(notice, explain(problem));
  }
}

$("#sign-out").addEventListener("click", () => {
  call("DELETE", `/members/${encodeURIComponent(member.number)}/sessions/current`, { headers: bearer() })
    .catch((problem) => say(notice, explain(problem)));
  leave();
});

if (member) show();
else leave();

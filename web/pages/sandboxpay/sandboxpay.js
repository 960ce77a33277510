// The sandbox's payment page. It does what a provider's page does, well or badly, as its test cards say.

import { $, call, clock, explain, money, pause, say, t } from "./core.js";

const path = `/sandbox/sessions/${location.pathname.split("/").pop()}`;
const form = $("#pay"),
  notice = $("#notice"),
  step = $("#step");
let session = null,
  busy = false,
  stays = false; // its answer is lost: it leads nowhere any more

function show() {
  const open = session.state === "open";
  $("#summary").textContent = session.summary;
  $("#amount").textContent = money(session.amount);
  say($("#until"), open ? t("sandboxpay.until", { time: clock(session.expires_at) }) : "");
  say($("#state"), open || stays ? "" : t(`sandboxpay.${session.state}`));
  form.hidden = !open;
  $("#pay-now").textContent = busy ? t("sandboxpay.busy") : t("sandboxpay.pay", { amount: money(session.amount) });
  $("#pay-now").disabled = busy;
  $("#back").href = session.order_url;
  $("#back").textContent = open ? t("sandboxpay.leave") : t("sandboxpay.back");
  $("#back").hidden = stays;
  $("#main").setAttribute("aria-busy", "false");
}

// load shows how the payment stands, as soon as that can be known.
async function load() {
  for (;;) {
    try {
      session = await call("GET", path);
      return show();
    } catch (problem) {
      say(notice, problem.status === 404 ? t("sandboxpay.missing") : explain(problem));
      if (!problem.passing) return $("#main").setAttribute("aria-busy", "false");
      await pause(2000);
    }
  }
}

// pay tries to pay, and says or does what comes of it.
async function pay(outcome) {
  if (busy) return;
  busy = true;
  say(notice, "");
  show();
  try {
    session = await call("POST", path, { body: { outcome } });
    if (session.state !== "open" && outcome !== "paid_unheard") return location.assign(session.order_url);
    stays = outcome === "paid_unheard";
    say(notice, t(stays ? "sandboxpay.unheard" : "sandboxpay.declined"));
  } catch (problem) {
    if (problem.code === "too_late") await load();
    else say(notice, explain(problem));
  }
  busy = false;
  show();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const { card } = Object.fromEntries(new FormData(form));
  if (card === "step") step.showModal();
  else pay(card);
});
for (const [button, outcome] of [
  ["#confirm", "paid"],
  ["#refuse", "declined"],
])
  $(button).addEventListener("click", () => {
    step.close();
    pay(outcome);
  });
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

load();

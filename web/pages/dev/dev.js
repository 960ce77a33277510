// The developer's page: the sandbox phone beside the workflows of its orders.

import { $, call, clock, connection, h, money, pause, t } from "./core.js";

const page = $("#main"),
  { ui, namespace } = page.dataset;
let texts = -1,
  moves = -1;

function links(id) {
  if (!id) return [];
  const workflow =
    ui &&
    h(
      "a",
      { href: `${ui}/namespaces/${encodeURIComponent(namespace)}/workflows/${id}`, target: "_blank", rel: "noopener" },
      t("dev.workflow"),
    );
  return [h("a", { href: `/o/${id}` }, t("dev.order")), workflow].filter(Boolean);
}

// clickable makes links of a text's addresses, as phones do.
function clickable(text) {
  return text.split(/(https?:\/\/\S+)/).map((part, i) => (i % 2 ? h("a", { href: part }, part) : part));
}

function show(messages, payments) {
  if (messages.length !== texts) {
    texts = messages.length;
    $("#texts").replaceChildren(
      ...messages.slice(-50).map((m) =>
        h(
          "li",
          {},
          h("p", { class: "bubble" }, clickable(m.text)),
          h(
            "p",
            { class: "small" },
            `${clock(m.at)} · ${m.to} `,
            links(m.order_id).flatMap((l) => [" ", l]),
          ),
        ),
      ),
    );
    $("#texts").lastChild?.scrollIntoView({ block: "nearest" });
  }
  if (payments.length !== moves) {
    moves = payments.length;
    $("#payments").replaceChildren(
      ...payments
        .slice(-50)
        .reverse()
        .map((p) =>
          h(
            "li",
            {},
            h("span", {}, `${clock(p.at)} ${t(`dev.${p.kind}`)} `, h("strong", {}, money(p))),
            h(
              "span",
              { class: "links" },
              links(p.order_id).flatMap((l) => [" ", l]),
            ),
          ),
        ),
    );
  }
  $("#no-texts").hidden = messages.length > 0;
  $("#no-payments").hidden = payments.length > 0;
}

// The sandbox pushes nothing: it is asked, as a developer would.
for (;;) {
  try {
    const [{ messages }, { payments }] = await Promise.all([
      call("GET", "/dev/messages"),
      call("GET", "/dev/payments"),
    ]);
    show(messages, payments);
    connection("live");
  } catch {
    connection("lost");
  }
  await pause(document.hidden ? 5000 : 1000);
}

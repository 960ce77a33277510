// The back office: what the store sells, and what it is called. Owners and managers keep it.

import { $, call, say, t } from "./core.js";
import { ask } from "./ask.js";
import { loadCoupons, ofCoupons } from "./couponsview.js";
import { brand, catalog } from "./documents.js";
import { people } from "./people.js";
import { loadOrders, ofOrders } from "./ordersview.js";
import { begin, explained, may } from "./session.js";
import { loadAvailability } from "./soldout.js";
import { loadStores, nameTab, ofStores } from "./storesview.js";
import { showTitle } from "./title.js";
import { tabOf, viewAt } from "./views.js";

const place = $("#view"),
  notice = $("#notice");
let view = null,
  shown = "",
  over = false;

// address is that of a view. The link that skips to the content leads to none.
const skip = "#main";
const first = () => (may("manager") ? "#menu" : "#devices");
const address = () => (location.hash && location.hash !== skip ? location.hash : first());

// load reads what the views show. The brand is read where it is edited.
async function load(wanted) {
  if (wanted in people) return people[wanted].load();
  if (ofStores(wanted)) return loadStores(wanted);
  if (ofOrders(wanted)) return loadOrders(wanted);
  if (ofCoupons(wanted)) return loadCoupons(wanted);
  await Promise.all([catalog.load(), loadAvailability(), ...(wanted === "#brand" ? [brand.load()] : [])]);
}

// open shows the view at an address, and says something there.
async function open(wanted, text = "", { focus = true } = {}) {
  shown = wanted;
  place.setAttribute("aria-busy", "true");
  try {
    await load(wanted);
  } catch (problem) {
    if (shown !== wanted) return;
    view = null;
    place.replaceChildren();
    say(notice, explained(problem));
    $("#again").hidden = false;
    place.setAttribute("aria-busy", "false");
    return;
  }
  if (shown !== wanted) return; // somebody was in a hurry
  $("#again").hidden = true;
  view = wanted in people ? people[wanted].view() : viewAt(wanted, go);
  if (!view) return go(first(), t("manage.gone"));
  place.replaceChildren(view.root);
  place.setAttribute("aria-busy", "false");
  showTitle(view.heading.textContent, t("manage.title"));
  showTab(wanted);
  if (focus) {
    scrollTo(0, 0);
    view.heading.focus();
  }
  if (text && view.tell) view.tell(text);
  else say(notice, text);
}

function showTab(wanted) {
  for (const link of document.querySelectorAll("#tabs a"))
    if (link.hash === tabOf(wanted)) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  const other = $("nav a[hreflang]");
  other.href = `?lang=${other.hreflang}${wanted}`;
}

// go leads on from a view whose work is done.
function go(wanted, text) {
  history.replaceState(null, "", wanted);
  open(wanted, text);
}

const dirty = () => !over && Boolean(view?.dirty());

// leave asks about what is not saved, and reports whether it may be dropped.
async function leave() {
  await view?.settle?.();
  return !dirty() || ask(t("manage.leave"), t("manage.leave_why"), t("manage.leave_now"));
}

addEventListener("hashchange", async () => {
  if (location.hash === skip) return history.replaceState(null, "", shown);
  const wanted = address();
  if (wanted === shown) return;
  if (dirty()) {
    history.pushState(null, "", shown);
    if (!(await leave())) return;
    history.replaceState(null, "", wanted);
  }
  view?.drop?.();
  open(wanted);
});
addEventListener("beforeunload", (event) => {
  if (dirty()) event.preventDefault();
});

// Who comes back to the page finds what others have done meanwhile, where nothing is being typed.
document.addEventListener("visibilitychange", async () => {
  if (document.hidden || !view?.refresh || dirty()) return;
  const before = view;
  await load(shown).then(
    () => view === before && !dirty() && before.refresh(),
    (problem) => say(notice, explained(problem)),
  );
});

$("#again").addEventListener("click", () => open(shown));
$("#log-out").addEventListener("click", async () => {
  if (!(await leave())) return;
  try {
    await call("POST", "/store/logout");
  } catch (problem) {
    return say(notice, explained(problem));
  }
  over = true;
  location.reload();
});

begin(() => {
  if (may("manager")) nameTab().catch(() => {}); // it keeps its name
  if (!view) open(address(), "", { focus: false });
});

// What every page uses: the texts, elements, the API and its event streams.

import { hear } from "./clock.js";
import decimals from "./currencies.js";

export { clock, day, when } from "./clock.js";

export const language = document.documentElement.lang;
const { default: texts } = await import(`./text.${document.body.dataset.page}.${language}.js`);
const plural = new Intl.PluralRules(language);

// t returns the sentence of that key, with its {values} filled in. One that is another for a count, such as
// "1 item", has that count's category in its key: "manage.items.one".
export function t(key, values = {}) {
  return (texts[`${key}.${plural.select(values.count)}`] ?? texts[key] ?? key).replace(
    /\{(\w+)\}/g,
    (_, name) => values[name] ?? "",
  );
}

export const has = (key) => key in texts;

// later returns what loads a module when it is wanted, and once. Browsers keep that a module could not be loaded: it
// is asked for under another name then.
export function later(name) {
  let loading = null,
    tries = 0;
  return () =>
    (loading ??= import(`./${name}.js${tries++ ? `?${tries}` : ""}`).catch((problem) => {
      loading = null;
      throw problem;
    }));
}

const parts = {};

// learn adds the texts of a part of the page that is loaded later.
export async function learn(part) {
  parts[part] ??= later(`text.${part}.${language}`);
  Object.assign(texts, (await parts[part]()).default);
}

export const $ = (selector, root = document) => root.querySelector(selector);

// h makes an element. Properties that are functions listen, the others are
// attributes; true is an attribute without a value, false and null are none.
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== false && value != null) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child != null && child !== false));
  return element;
}

// say puts a text into an element, once: screen readers read changes out.
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
  element.hidden = text === "";
}

// arrange has an element hold these children, in their order. Those that are where they belong stay: with
// the focus, and under a finger.
export function arrange(parent, children) {
  const kept = new Set(children);
  for (const child of [...parent.children]) if (!kept.has(child)) child.remove();
  children.forEach((child, i) => {
    if (parent.children[i] !== child) parent.insertBefore(child, parent.children[i] ?? null);
  });
}

const formats = {};

// money writes an amount of minor units as people do. The decimals are the
// server's: a browser's own are those in use, which for some currencies are fewer
// than the minor unit has. Won are written in Korean as they are said: 4,500원.
export function money({ amount, currency }) {
  if (currency === "KRW" && language === "ko") return `${amount.toLocaleString(language)}원`;
  const digits = decimals[currency] ?? 2;
  formats[currency] ??= new Intl.NumberFormat(language, {
    style: "currency",
    currency,
    currencyDisplay: "narrowSymbol",
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return formats[currency].format(amount / 10 ** digits);
}

// keeper keeps values in a storage of this browser. A browser that keeps nothing
// keeps them for as long as the page is open.
function keeper(storage) {
  const kept = new Map();
  return {
    get(name) {
      if (kept.has(name)) return kept.get(name);
      try {
        return JSON.parse(globalThis[storage].getItem(`cafeforme.${name}`));
      } catch {
        return null;
      }
    },
    set(name, value) {
      try {
        globalThis[storage].setItem(`cafeforme.${name}`, JSON.stringify(value));
        kept.delete(name);
      } catch {
        kept.set(name, value);
      }
    },
    remove(name) {
      kept.delete(name);
      try {
        globalThis[storage].removeItem(`cafeforme.${name}`);
      } catch {
        /* there is nothing to remove */
      }
    },
  };
}

// saved is for good and for all tabs; passing is for one tab, until it is closed:
// a tablet in a store is many people's.
export const saved = keeper("localStorage");
export const passing = keeper("sessionStorage");

// forget drops one of the details of an order that was not placed yet.
export function forget(name) {
  const { [name]: _, ...details } = passing.get("details") ?? {};
  passing.set("details", details);
}

// Problem is an answer that is no success. Status 0 means that there was none.
export class Problem extends Error {
  constructor(status, body = {}, { retryAfter = 0, etag = "" } = {}) {
    super(body.code ?? "offline");
    Object.assign(this, {
      status,
      code: body.code ?? (status ? "internal" : "offline"),
      field: body.field,
      orderStatus: body.order_status,
      orderID: body.order_id,
      body,
      retryAfter,
      etag,
    });
  }
  // passing: trying the same again can help.
  get passing() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

// explain says in the reader's language what went wrong.
export function explain(problem) {
  if (!(problem instanceof Problem)) return t("problem.internal");
  if (has(`problem.${problem.code}`)) return t(`problem.${problem.code}`);
  return t(problem.code.startsWith("invalid_") ? "problem.invalid" : "problem.internal");
}

// call calls the API, and returns the answer's JSON or throws a Problem.
export const call = async (method, path, options) => (await send(method, path, options)).data;

// send is call for those who need the answer's ETag too: it returns {data, etag}.
export async function send(method, path, { body, headers = {} } = {}) {
  const asked = deadline(25_000);
  let response, text;
  try {
    response = await fetch(path, {
      method,
      signal: asked.signal,
      cache: "no-store",
      headers: body ? { "Content-Type": "application/json", ...headers } : headers,
      body: body && JSON.stringify(body),
    });
    hear(response);
    text = await response.text();
  } catch {
    throw new Problem(0);
  } finally {
    asked.end();
  }
  let data = null;
  try {
    data = text && JSON.parse(text);
  } catch {
    /* not ours: a proxy's */
  }
  const etag = response.headers.get("ETag") ?? "";
  const retryAfter = Number(response.headers.get("Retry-After"));
  if (!response.ok) throw new Problem(response.status, data ?? {}, { retryAfter, etag });
  return { data, etag };
}

// deadline returns a signal that aborts after so many milliseconds, or as soon as the browser has lost its network;
// end forgets it. (AbortSignal.timeout is not there in browsers of 2021.)
function deadline(ms) {
  const over = new AbortController(),
    abort = () => over.abort(),
    timer = setTimeout(abort, ms);
  addEventListener("offline", abort);
  return {
    signal: over.signal,
    end() {
      clearTimeout(timer);
      removeEventListener("offline", abort);
    },
  };
}

// newKey returns 128 random bits in hex, for a request that is to be done once. (crypto.randomUUID is not there at an
// address without TLS.)
export const newKey = () =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// wake resolves after a while, or as soon as it makes sense to try again.
export function wake(ms) {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done() {
      clearTimeout(timer);
      removeEventListener("online", done);
      document.removeEventListener("visibilitychange", done);
      resolve();
    }
    addEventListener("online", done);
    document.addEventListener("visibilitychange", done);
  });
}

// connection shows in the page's header whether it is live.
export function connection(state) {
  const sign = $("#connection");
  sign.dataset.state = state;
  say(sign, state && t(`connection.${state}`));
}

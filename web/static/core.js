// What every page uses: the texts, elements, the API and its event streams.

export const language = document.documentElement.lang;
const { default: texts } = await import(`./text.${language}.js`);

// t returns the sentence of that key, with its {values} filled in.
export function t(key, values = {}) {
  return (texts[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

export const has = (key) => key in texts;

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

const digits = {};

// money writes an amount of minor units as people do.
export function money({ amount, currency }) {
  const format = new Intl.NumberFormat(language, { style: "currency", currency, currencyDisplay: "narrowSymbol" });
  digits[currency] ??= 10 ** format.resolvedOptions().maximumFractionDigits;
  return format.format(amount / digits[currency]);
}

export const clock = (at) => new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" }).format(new Date(at));
export const day = (at) => new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(new Date(at));

// saved keeps values in this browser. A browser that keeps nothing keeps them
// for as long as the page is open.
const kept = new Map();
export const saved = {
  get(name) {
    try {
      return JSON.parse(localStorage.getItem(`cafeforme.${name}`)) ?? kept.get(name) ?? null;
    } catch {
      return kept.get(name) ?? null;
    }
  },
  set(name, value) {
    kept.set(name, value);
    try {
      localStorage.setItem(`cafeforme.${name}`, JSON.stringify(value));
    } catch { /* kept in memory */ }
  },
  remove(name) {
    kept.delete(name);
    try {
      localStorage.removeItem(`cafeforme.${name}`);
    } catch { /* there is nothing to remove */ }
  },
};

// Problem is an answer that is no success. Status 0 means that there was none.
export class Problem extends Error {
  constructor(status, body = {}, retryAfter = 0) {
    super(body.code ?? "offline");
    Object.assign(this, { status, code: body.code ?? (status ? "internal" : "offline"), field: body.field, orderStatus: body.order_status, orderID: body.order_id, retryAfter });
  }
  // passing: trying the same again can help.
  get passing() { return this.status === 0 || this.status === 429 || this.status >= 500; }
}

// explain says in the reader's language what went wrong.
export function explain(problem) {
  if (!(problem instanceof Problem)) return t("problem.internal");
  if (has(`problem.${problem.code}`)) return t(`problem.${problem.code}`);
  return t(problem.code.startsWith("invalid_") ? "problem.invalid" : "problem.internal");
}

// call calls the API, and returns the answer's JSON or throws a Problem.
export async function call(method, path, { body, headers = {} } = {}) {
  let response, text;
  try {
    response = await fetch(path, {
      method, signal: AbortSignal.timeout(25_000), cache: "no-store",
      headers: body ? { "Content-Type": "application/json", ...headers } : headers,
      body: body && JSON.stringify(body),
    });
    text = await response.text();
  } catch {
    throw new Problem(0);
  }
  let data = null;
  try {
    data = text && JSON.parse(text);
  } catch { /* not ours: a proxy's */ }
  if (!response.ok) throw new Problem(response.status, data ?? {}, Number(response.headers.get("Retry-After")));
  return data;
}

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// wake resolves after a while, or as soon as it makes sense to try again.
function wake(ms) {
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

// silence is how long a stream may say nothing at all before it counts as lost:
// the server sends a comment every 15 seconds.
const silence = 35_000;

// follow reads an event stream for as long as there is one, and comes back where
// it left off. EventSource would hide the comments, by which alone a dead
// connection is told from a quiet one, and the status, by which a stream that
// will never come is told from one that is late.
//
// on has a function per event name; state is told "live", "lost" and whether the
// server is there but refuses, or why it is over: "ended", or the status that
// refused it for good.
export function follow(path, on, state) {
  let last = "", over = false, reading = null;
  (async () => {
    for (let failures = 0; !over; failures++) {
      const began = Date.now();
      const { status, retryAfter } = await read();
      if (over) return;
      if (status === 204 || status === 401 || status === 404) {
        over = true;
        return state(status === 204 ? "ended" : status);
      }
      state("lost", status >= 400);
      if (Date.now() - began > 5000) failures = 0;
      await (retryAfter ? pause(1000 * retryAfter) : wake(Math.min(500 * 2 ** failures, 8000)));
    }
  })();
  return () => { over = true; reading?.abort(); };

  async function read() {
    reading = new AbortController();
    const abort = reading;
    let timer;
    const alive = () => { clearTimeout(timer); timer = setTimeout(() => abort.abort(), silence); };
    try {
      alive();
      const response = await fetch(path, { signal: abort.signal, cache: "no-store", headers: last ? { "Last-Event-ID": last } : {} });
      if (response.status !== 200) {
        await response.body?.cancel();
        return { status: response.status, retryAfter: Number(response.headers.get("Retry-After")) };
      }
      state("live");
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let rest = ""; ;) {
        const { value, done } = await reader.read();
        if (done) return { status: 200 };
        alive();
        const blocks = (rest + value).split("\n\n");
        rest = blocks.pop();
        blocks.forEach(dispatch);
      }
    } catch (error) {
      if (error instanceof TypeError || error.name === "AbortError") return { status: 0 };
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  function dispatch(block) {
    const event = {};
    for (const line of block.split("\n")) {
      const [, name, value] = /^(\w+): ?(.*)$/.exec(line) ?? [];
      if (name) event[name] = value;
    }
    if (event.data && !over) {
      if (event.event === "end") over = true;
      on[event.event]?.(JSON.parse(event.data));
      if (over) state("ended");
    }
    if (event.id) last = event.id;
  }
}

// connection shows in the page's header whether it is live.
export function connection(state) {
  const sign = $("#connection");
  sign.dataset.state = state;
  say(sign, t(`connection.${state}`));
}

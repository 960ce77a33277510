// What time it is, by the server's clock, and how people read it on the store's: those of a browser may be wrong, and
// in another zone.

const language = document.documentElement.lang;

let ahead = 0, // of the browser's clock, in milliseconds
  zone; // the browser's own until a store's is known

// In step: the browser's clock and the one that nobody sets have gone on alike since the server's time was heard last.
let apart = Date.now() - performance.now();
const inStep = () => Math.abs(Date.now() - performance.now() - apart) < 5000;

// hear takes the time that an answer bears. It is cut to seconds, and older by the way: less than that is no news.
export function hear(answer) {
  const off = Date.parse(answer.headers.get("Date")) + 500 - ahead - Date.now();
  if (Math.abs(off) > 1500) ahead += off;
  apart = Date.now() - performance.now();
}

// now returns the server's time, in milliseconds. When somebody has set the browser's clock meanwhile, or it has slept,
// the server is asked again.
export function now() {
  if (!inStep()) {
    apart = Date.now() - performance.now();
    fetch("/healthz", { method: "HEAD", cache: "no-store" }).then(hear, () => {});
  }
  return Date.now() + ahead;
}

// setZone has times read as on the clocks of that zone. One that this browser does not know changes nothing.
export function setZone(name) {
  try {
    if (name) zone = new Intl.DateTimeFormat(language, { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    /* an old browser, and a new zone */
  }
}
setZone(document.body.dataset.zone);

const formats = new Map();

// format writes a time as the store's clocks show it, or those of another zone.
export function format(at, options, timeZone = zone, locale = language) {
  const key = JSON.stringify([timeZone, options, locale]);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(locale, { timeZone, ...options }));
  return formats.get(key).format(new Date(at));
}

export const clock = (at, timeZone) =>
  format(at, { hour: "numeric", minute: "2-digit" }, timeZone).replaceAll(" ", "\u00a0");
export const day = (at, timeZone) => format(at, { dateStyle: "medium", timeStyle: "short" }, timeZone);

// daysAway counts the days of the calendar there from today to that time's.
export function daysAway(at, timeZone) {
  const date = (time) => Date.parse(format(time, {}, timeZone, "sv")); // "2026-11-30", which is read as UTC
  return (date(at) - date(now())) / 86_400_000;
}

// when is the time alone for what is today, and says the day of everything else.
export const when = (at, timeZone) => (daysAway(at, timeZone) === 0 ? clock : day)(at, timeZone);

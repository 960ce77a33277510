// The words of a store's hours: as its clocks show them, and told from its today. One of several stores says its
// time_zone; without, it is the store that the page is about.

import { clock, daysAway, day, format, now } from "./clock.js";
import { t } from "./core.js";

const soon = 30 * 60_000; // a store that closes by then says so

// closesSoon reports whether a store closes in a short while: {open, closes_at}.
export const closesSoon = ({ open, closes_at: at }) => open && Boolean(at) && new Date(at) - now() < soon;

const weekday = (at, zone) => format(at, { weekday: "long" }, zone);

// dayAndClock is a time as people say it: today's alone, and of the next days by their names.
export function dayAndClock(at) {
  const away = daysAway(at);
  if (away === 0) return clock(at);
  if (away === 1) return t("hours.tomorrow", { time: clock(at) });
  return away > 1 && away < 7 ? t("hours.weekday", { day: weekday(at), time: clock(at) }) : day(at);
}

// opensText says when a store that is closed opens, or only that it is closed when nobody knows.
export function opensText({ opens_at: at, time_zone: zone }) {
  if (!at) return t("hours.closed");
  const away = daysAway(at, zone),
    time = clock(at, zone);
  if (away === 0) return t("hours.opens", { time });
  if (away === 1) return t("hours.opens_tomorrow", { time });
  return away < 7
    ? t("hours.opens_weekday", { day: weekday(at, zone), time })
    : t("hours.opens_date", { day: format(at, { dateStyle: "medium" }, zone), time });
}

export const closesText = ({ closes_at: at, time_zone: zone }) => t("hours.closes", { time: clock(at, zone) });

// hoursNotice is the sentence of a store that soon takes no more orders, or takes none now and opens at a known time.
export function hoursNotice(store) {
  return store.open
    ? t("hours.closing_notice", { closes: closesText(store) })
    : t("hours.closed_notice", { opens: opensText(store) });
}

// What the staff's menu says of an item or an option: whether it is to be had, and if not, why.

import { clock, day, t } from "./core.js";

// isOn reports whether the staff has it on sale. It may not be to be had all the same: see whyNot.
export const isOn = ({ available, unavailable }) =>
  available || (unavailable !== undefined && unavailable.reason !== "sold_out");

// whyNot says why what is on sale is not to be had; nothing when it is. groupName returns what a group of
// options is called.
export function whyNot(entry, groupName) {
  if (entry.available || !isOn(entry)) return "";
  const { reason, group, until } = entry.unavailable;
  const values = { group: group && groupName(group), time: until && dayAndClock(until) };
  return t(`board.not_now.${reason}${until ? "_until" : ""}`, values);
}

// dayAndClock is a time as people say it of today and tomorrow.
export function dayAndClock(time) {
  const at = new Date(time),
    other = new Date();
  if (at.toDateString() === other.toDateString()) return clock(at);
  other.setDate(other.getDate() + 1);
  return at.toDateString() === other.toDateString() ? t("board.tomorrow", { time: clock(at) }) : day(at);
}

// What the staff's menu says of an item or an option: whether it is to be had, and if not, why.

import { t } from "./core.js";
import { dayAndClock } from "./hours.js";

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

// Where in a form it is wrong, by the path that the server has of the whole catalog, and the words
// of it.

import { idOf } from "./catalogmerge.js";

// within returns the path inside the entry: of "items[3].name.ko" it is "name.ko" when the fourth
// item is the entry, and null for what is wrong elsewhere.
export function within(path, document, entryPath) {
  const [, list, index, rest] = /^(\w+)\[(\d+)\]\.?(.*)$/.exec(path) ?? [];
  const entry = list && document[list]?.[index];
  return entry && `${list}/${idOf(list, entry)}` === entryPath ? rest : null;
}

// entryOf returns the entry that the path leads to, such as "items/CafeLatte", or null.
export function entryOf(path, document) {
  const [, list, index] = /^(\w+)\[(\d+)\]/.exec(path) ?? [];
  const entry = list && document[list]?.[index];
  return entry ? `${list}/${idOf(list, entry)}` : null;
}

const sentences = [
  [/^(?:must not be empty|is required)$/, "empty"],
  [/^must have at most (\d+) characters$/, "too_long", "most"],
  [/^must have at most (\d+) (?:entries|periods)$/, "too_many", "most"],
  [/^must have a visible character$/, "empty"],
  [/^must not have control characters/, "spaces"],
  [/^must be between 0 and max$/, "min_above_max"],
  [/^must be between 1 and the group's max$/, "above_group_max"],
  [/^must be between (-?\d\S*(?: [A-Z]{3})?) and (-?\d\S*(?: [A-Z]{3})?)$/, "between", "least", "most"],
  [/^must have as many defaults as every piece has to have/, "defaults"],
  [/^must not be more than the options have together$/, "min_above_options"],
  [/^must be one of the (?:categories|groups|stores|catalog's items)$/, "gone"],
  [/^must not require more than (\d+) options together$/, "requires_many", "most"],
  [/ is no period$/, "no_period"],
  [/ is not a time such as /, "no_period"],
  [/^must not have defaults that make it cheaper than nothing$/, "below_zero"],
  [/^is ".*", which is there twice$/, "twice"],
  [/^must be given anew: it is what was (.+), and the prices are in ([A-Z]{3}) now/, "anew", "was", "currency"],
  [/^must be the hash of an uploaded picture$/, "picture_gone"],
  [/^must be a colour such as /, "colour"],
  [/^is there already$/, "taken"],
  [/^is another coupon's$/, "coupon_taken"],
  [/^must be 3 to 40 capital letters/, "coupon_code"],
  [/^must be there, or percent$/, "empty"],
  [/^must be 1 at least, or left out$/, "at_least_one"],
  [/^must not be before from$/, "until_before"],
  [/^must be 2 to 40 lower-case letters/, "slug"],
  [/^must be a phone number with its country's code/, "phone"],
  [/^must be between (-?\d+) and (-?\d+) degrees$/, "between", "least", "most"],
  [/^must be the name of a time zone/, "time_zone"],
  [/^must be a date of this century/, "date"],
  [/^overlaps another period of the day$/, "overlaps"],
  [/^begins before the period of the day before ends$/, "overlaps_night"],
  [/^must be (.+) at most: .+ charges no more$/, "charges_most", "most"],
  [/^must be a multiple of (.+): .+ charges /, "charges_steps", "step"],
  [/^is too large for /, "charges_less"],
];

// sentence returns what a message of the server means: {key, values}, or null for one that only the
// server has words for.
export function sentence(message) {
  for (const [pattern, key, ...names] of sentences) {
    const match = pattern.exec(message);
    if (match) return { key, values: Object.fromEntries(names.map((name, i) => [name, match[i + 1]])) };
  }
  return null;
}

// Times that people enter, as on the store's clocks.

import { format } from "./clock.js";

// toWall returns the time that the store's clocks show, as inputs have it: "2026-11-30T08:00".
export const toWall = (at) => format(at, { dateStyle: "short", timeStyle: "short" }, undefined, "sv").replace(" ", "T");

// fromWall returns when the store's clocks show that. Of a time that they show twice it is the first, and one that
// they skip is as much later as they are set on.
export function fromWall(wall) {
  const wanted = Date.parse(`${wall}Z`),
    off = (at) => Date.parse(`${toWall(at)}Z`) - Math.floor(at / 60_000) * 60_000;
  const before = wanted - off(wanted - 86_400_000),
    after = wanted - off(wanted + 86_400_000);
  return toWall(before) === wall ? before : toWall(after) === wall ? after : Math.max(before, after);
}

const morning = "06:00";

// nextMorning returns when the store has been supplied again.
export function nextMorning(now) {
  const today = toWall(now).slice(0, 10);
  const at = (date) => fromWall(`${date}T${morning}`);
  const tomorrow = new Date(Date.parse(today) + 86_400_000).toISOString().slice(0, 10);
  return at(today) > now ? at(today) : at(tomorrow);
}

// Changes of a catalog, and what becomes of them when somebody else was faster. Nothing here
// knows of pages or requests.
//
// A change is {path, before, after}. Its path names an entry, such as "items/CafeLatte", which is
// null before it was there and after it was deleted; or a list, such as "items", and then before
// and after are the identifiers in their order.

import { unused } from "./identifiers.js";

const identifier = { categories: "category", groups: "group", items: "product" };

const split = (path) => path.split("/");
export const idOf = (list, entry) => entry[identifier[list]];
export const idsOf = (document, list) => (document[list] ?? []).map((entry) => idOf(list, entry));

// find returns the entry, or the identifiers of a list, and null when there is no such entry.
export function find(document, path) {
  const [list, id] = split(path);
  if (id === undefined) return idsOf(document, list);
  return (document[list] ?? []).find((entry) => idOf(list, entry) === id) ?? null;
}

// plain is a value without the fields that say nothing: a document may have them or not.
function plain(value) {
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object") return value;
  const fields = Object.entries(value)
    .map(([name, field]) => [name, plain(field)])
    .filter(([, field]) => !empty(field));
  return Object.fromEntries(fields.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function empty(value) {
  return value == null || value === "" || (typeof value === "object" && Object.keys(value).length === 0);
}

// same reports whether two values say the same.
export const same = (one, other) => JSON.stringify(plain(one ?? null)) === JSON.stringify(plain(other ?? null));

// apply returns the document with the change made.
export function apply(document, { path, after }) {
  const [list, id] = split(path);
  const entries = document[list] ?? [];
  if (id === undefined) return { ...document, [list]: arrange(entries, list, after) };
  if (after === null) {
    const rest = entries.filter((entry) => idOf(list, entry) !== id);
    return withoutReferences({ ...document, [list]: rest }, list, id);
  }
  const known = entries.some((entry) => idOf(list, entry) === id);
  const next = known ? entries.map((entry) => (idOf(list, entry) === id ? after : entry)) : [...entries, after];
  return { ...document, [list]: next };
}

function arrange(entries, list, ids) {
  return ids.map((id) => entries.find((entry) => idOf(list, entry) === id));
}

// withoutReferences takes a category or a group that is gone out of the items that had it.
function withoutReferences(document, list, id) {
  if (list === "items") return document;
  const items = (document.items ?? []).map((item) => {
    if (list === "categories") return item.category === id ? { ...item, category: undefined } : item;
    return item.groups?.includes(id) ? { ...item, groups: item.groups.filter((group) => group !== id) } : item;
  });
  return { ...document, items };
}

// rebase makes a change of the document as it is now. It returns {document, path}, where path is
// another one for a new entry whose identifier somebody else has taken meanwhile; or {conflict},
// the change with theirs, when the same entry has been changed by somebody else.
export function rebase(current, change) {
  const [list, id] = split(change.path);
  const theirs = find(current, change.path);
  if (id === undefined) return rebaseOrder(current, change, theirs);
  if (same(theirs, change.after)) return { document: current, path: change.path };
  if (same(theirs, change.before)) return { document: apply(current, change), path: change.path };
  if (change.before !== null) return { conflict: { ...change, theirs } };
  const fresh = unused(id, idsOf(current, list));
  const renamed = { path: `${list}/${fresh}`, after: { ...change.after, [identifier[list]]: fresh } };
  return { document: apply(current, renamed), path: renamed.path };
}

function rebaseOrder(current, change, theirs) {
  const { path, before, after } = change;
  const stays = (ids) => ids.filter((id) => before.includes(id) && theirs.includes(id));
  const merged = mergeIDs(before, after, theirs);
  if (same(merged, theirs)) return { document: current, path };
  if (!same(stays(before), stays(theirs))) return { conflict: { ...change, theirs } };
  return { document: apply(current, { path, after: merged }), path };
}

// mergeIDs returns identifiers in the order of yours: without those that they have removed, and
// with those that they have added, each after the one that it follows in theirs.
export function mergeIDs(before, yours, theirs) {
  const merged = yours.filter((id) => theirs.includes(id) || !before.includes(id));
  theirs.forEach((id, i) => {
    if (before.includes(id) || merged.includes(id)) return;
    const previous = theirs.slice(0, i).findLast((other) => merged.includes(other));
    merged.splice(previous === undefined ? 0 : merged.indexOf(previous) + 1, 0, id);
  });
  return merged;
}

const translated = new Set(["name", "description"]);
const lists = new Set(["groups", "allergens", "options"]);

// flatten returns what an entry says, by fields such as "name.ko", "price" and "options/oat/price".
// What can be added to by two people, such as the options of a group, is a list of identifiers.
export function flatten(entry) {
  const flat = {};
  for (const [field, value] of Object.entries(plain(entry ?? {}))) {
    if (translated.has(field))
      for (const [language, text] of Object.entries(value)) flat[`${field}.${language}`] = text;
    else if (field !== "options") flat[field] = value;
    else {
      flat.options = value.map(({ option }) => option);
      for (const option of value)
        for (const [name, said] of Object.entries(flatten(option))) flat[`options/${option.option}/${name}`] = said;
    }
  }
  return flat;
}

// unflatten is the entry of what flatten has returned.
export function unflatten(flat) {
  const entry = {};
  for (const [field, value] of Object.entries(flat)) {
    const [name, language] = field.split(".");
    if (value === undefined || field.includes("/")) continue;
    if (language) entry[name] = { ...entry[name], [language]: value };
    else if (field === "options") entry.options = value.map((option) => unflatten(within(flat, `options/${option}/`)));
    else entry[field] = value;
  }
  return entry;
}

function within(flat, prefix) {
  const inside = Object.entries(flat).filter(([field]) => field.startsWith(prefix));
  return Object.fromEntries(inside.map(([field, value]) => [field.slice(prefix.length), value]));
}

// settled returns what both began with, without the options that one has removed and the other has
// changed: those are there for whoever has changed them, as if they were new.
function settled(before, yours, theirs) {
  if (!before?.options) return before;
  const option = (entry, id) => entry?.options?.find((other) => other.option === id);
  const options = before.options.filter((was) => {
    const [mine, other] = [option(yours, was.option), option(theirs, was.option)];
    return Boolean(mine) === Boolean(other) || same(mine ?? other, was);
  });
  return { ...before, options };
}

// compare returns the fields in which two versions of an entry differ: {field, yours, theirs, by,
// result}. by says who has changed it since before, "you", "them" or "both", and result is what
// it is when what only they have changed stays theirs.
export function compare(before, yours, theirs) {
  const [was, mine, other] = [settled(before, yours, theirs), yours, theirs].map(flatten);
  const fields = [...new Set([...Object.keys(mine), ...Object.keys(other), ...Object.keys(was)])];
  return fields
    .filter((field) => !same(mine[field], other[field]))
    .map((field) => {
      const row = { field, yours: mine[field], theirs: other[field] };
      if (same(was[field], mine[field])) return { ...row, by: "them", result: row.theirs };
      if (same(was[field], other[field])) return { ...row, by: "you", result: row.yours };
      const merges = lists.has(field);
      const result = merges ? mergeIDs(was[field] ?? [], row.yours ?? [], row.theirs ?? []) : row.yours;
      return { ...row, by: "both", result };
    });
}

// combine returns an entry with both people's changes, and yours where both have changed the same.
export function combine(before, yours, theirs) {
  if (!yours || !theirs) return yours;
  const flat = flatten(theirs);
  for (const { field, result } of compare(before, yours, theirs)) flat[field] = result;
  return unflatten(flat);
}

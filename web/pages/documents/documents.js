// What the back office edits: the catalog and the brand.

import rules from "./catalogrules.js";
import { language } from "./core.js";
import { rebase, same } from "./catalogmerge.js";
import { versioned } from "./versioned.js";

export { rules };

export const catalog = versioned("/store/catalog", rebase);

// wholeDocument is a document that is one entry.
export const wholeDocument = (path) =>
  versioned(path, (current, change) => {
    if (same(current, change.after)) return { document: current, path: change.path };
    if (!same(current, change.before)) return { conflict: { ...change, theirs: current } };
    return { document: change.after, path: change.path };
  });

export const brand = wholeDocument("/store/brand");

// called returns what an entry is called in the reader's language.
export const called = (entry) =>
  entry.name?.[language] || entry.name?.ko || entry.name?.en || entry.product || entry.category || entry.group || "";

// currency is the one that all items have; that of the server's default while there are none.
export const currency = () => catalog.document?.items[0]?.price.currency ?? rules.currency;

export const usersOf = (group) => catalog.document.items.filter((item) => item.groups?.includes(group));

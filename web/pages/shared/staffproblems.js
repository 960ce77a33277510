// What goes wrong for the staff alone, in words.

import { explain as explainAll, has, t } from "./core.js";

// explain says in the reader's language what went wrong.
export function explain(problem) {
  const key = `signin.problem.${problem.code}`;
  return has(key) ? t(key) : explainAll(problem);
}

// Documents that several people keep: each is loaded with its ETag, and put back under it.

import { Problem, send } from "./core.js";

// Conflict is a change that cannot be made, because somebody else has changed the same meanwhile.
export class Conflict extends Error {
  constructor(change) {
    super("conflict");
    Object.assign(this, change);
  }
}

const mostTries = 8;

// versioned returns the document at a path of the API. rebase makes a change of the document as it
// is now: see catalogmerge.js.
export function versioned(path, rebase) {
  let kept = null,
    last = Promise.resolve();

  async function load() {
    const { data, etag } = await send("GET", path);
    kept = { document: data, etag };
    return data;
  }

  // takeTheirs goes on with the document of whoever was faster.
  async function takeTheirs(problem) {
    const { current } = problem.body;
    if (!current || !problem.etag) return load();
    kept = { document: current, etag: problem.etag };
  }

  async function make(change) {
    let others = false;
    for (let tries = 0; tries < mostTries; tries++) {
      const { document, path: entry, conflict } = rebase(kept.document, change);
      if (conflict) throw new Conflict(conflict);
      if (document === kept.document) return { path: entry, others };
      try {
        const { data, etag } = await send("PUT", path, { body: document, headers: { "If-Match": kept.etag } });
        kept = { document: data, etag };
        return { path: entry, others };
      } catch (problem) {
        if (problem.status !== 412) throw Object.assign(problem, { sent: document });
        others = true;
        await takeTheirs(problem);
      }
    }
    throw new Problem(503, { code: "unavailable" });
  }

  return {
    load,
    // document is the document as the server had it last; null before it was loaded.
    get document() {
      return kept?.document ?? null;
    },
    // save makes a change, after those that are being made. It returns {path, others}: the path of
    // the entry that was changed, and whether the change of somebody else came before. It throws a
    // Conflict, or a Problem, whose sent is the document that was refused.
    save(change) {
      const saving = last.then(
        () => make(change),
        () => make(change),
      );
      last = saving.catch(() => {});
      return saving;
    },
  };
}

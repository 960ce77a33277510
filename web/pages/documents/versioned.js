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

class Versioned {
  // rebase makes a change of the document as it is now: see catalogmerge.js.
  constructor(path, rebase) {
    Object.assign(this, { path, rebase });
    this.kept = null;
    this.last = Promise.resolve();
  }

  // document is the document as the server had it last; null before it was loaded.
  get document() {
    return this.kept?.document ?? null;
  }

  async load() {
    const { data, etag } = await send("GET", this.path);
    this.kept = { document: data, etag };
  }

  // save makes a change, after those that are being made. It returns {path, others}: the path of the entry
  // that was changed, and whether the change of somebody else came before. It throws a Conflict, or a Problem,
  // whose sent is the document that was refused.
  save(change) {
    const make = () => this.make(change);
    const saving = this.last.then(make, make);
    this.last = saving.catch(() => {}); // whoever has asked for it is told
    return saving;
  }

  async make(change) {
    let others = false;
    for (let tries = 0; tries < mostTries; tries++) {
      const { document, path, conflict } = this.rebase(this.kept.document, change);
      if (conflict) throw new Conflict(conflict);
      if (document === this.kept.document || (await this.put(document))) return { path, others };
      others = true;
    }
    throw new Problem(503, { code: "unavailable" });
  }

  // put reports false when somebody else was faster, whose document is the one to go on with then.
  async put(document) {
    try {
      const { data, etag } = await send("PUT", this.path, { body: document, headers: { "If-Match": this.kept.etag } });
      this.kept = { document: data, etag };
      return true;
    } catch (problem) {
      if (problem.status !== 412) throw Object.assign(problem, { sent: document });
      const { current } = problem.body;
      if (current && problem.etag) this.kept = { document: current, etag: problem.etag };
      else await this.load();
      return false;
    }
  }
}

// versioned is the document at a path of the API.
export const versioned = (path, rebase) => new Versioned(path, rebase);

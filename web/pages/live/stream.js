// Event streams: what happens is shown as it happens.

import { hear } from "./clock.js";
import { pause, wake } from "./core.js";

// silence is how long a stream may say nothing at all before it counts as lost:
// the server sends a comment every 15 seconds.
const silence = 35_000;

// hiddenFor is how long a page may be hidden before it gives its stream back: browsers
// open six connections to one site over HTTP/1.1, and tabs add up.
const hiddenFor = 5_000;

// follow reads an event stream for as long as there is one, and comes back where
// it left off. EventSource would hide the comments, by which alone a dead
// connection is told from a quiet one, and the status, by which a stream that
// will never come is told from one that is late.
//
// on has a function per event name; state is told "live", "lost" and whether the
// server is there but refuses, or why it is over: "ended", or the status that
// refused it for good. Every stream is let go while its page is in the back/forward cache,
// or frozen, where no timer runs; one that rests, also while the page is hidden: it is "resting"
// until the page is looked at again.
export function follow(path, on, state, { rests = false } = {}) {
  const ending = new AbortController(), // of what is listened to
    listen = (target, names, heard) =>
      names.forEach((name) => target.addEventListener(name, heard, { signal: ending.signal }));
  let last = "",
    over = false,
    reading = null,
    asleep = false,
    away = false,
    hidden;
  const rest = () => {
    asleep = true;
    reading?.abort();
  };
  const leave = () => {
    away = true;
    rest();
  };
  const comeBack = () => {
    away = false;
  };
  const look = () => {
    clearTimeout(hidden);
    if (document.hidden) hidden = setTimeout(rest, hiddenFor);
  };
  listen(globalThis, ["pagehide"], leave);
  listen(document, ["freeze"], leave);
  listen(globalThis, ["pageshow"], comeBack);
  listen(document, ["resume"], comeBack);
  listen(globalThis, ["offline"], () => reading?.abort());
  if (rests) {
    listen(document, ["visibilitychange"], look);
    look();
  }
  (async () => {
    for (let failures = 0; !over; failures++) {
      if (asleep) {
        state("resting");
        await shown();
        asleep = false;
      }
      const began = performance.now();
      const answer = await read();
      if (over) return;
      if (asleep) continue;
      if (answer.status === 204 || answer.status === 401 || answer.status === 404) {
        over = true;
        return state(answer.status === 204 ? "ended" : answer.status);
      }
      state("lost", answer.status >= 400);
      if (performance.now() - began > 5000) failures = 0;
      await (answer.retryAfter ? pause(1000 * answer.retryAfter) : wake(Math.min(500 * 2 ** failures, 8000)));
    }
  })();
  return () => {
    over = true;
    ending.abort();
    reading?.abort();
  };

  // shown resolves once somebody looks at the page.
  async function shown() {
    while (away || (rests && document.hidden))
      await new Promise((resolve) => {
        const looked = new AbortController(),
          see = () => {
            looked.abort();
            resolve();
          };
        addEventListener("pageshow", see, { signal: looked.signal });
        for (const name of ["resume", "visibilitychange"])
          document.addEventListener(name, see, { signal: looked.signal });
      });
  }

  async function read() {
    reading = new AbortController();
    const abort = reading;
    let timer;
    const alive = () => {
      clearTimeout(timer);
      timer = setTimeout(() => abort.abort(), silence);
    };
    try {
      alive();
      const response = await fetch(path, {
        signal: abort.signal,
        cache: "no-store",
        headers: last ? { "Last-Event-ID": last } : {},
      });
      hear(response);
      if (response.status !== 200) {
        await response.body?.cancel();
        return { status: response.status, retryAfter: Number(response.headers.get("Retry-After")) };
      }
      let fresh = true;
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let begun = ""; ;) {
        const { value, done } = await reader.read();
        if (done) return { status: 200 };
        alive();
        const blocks = (begun + value).split("\n\n");
        begun = blocks.pop();
        blocks.forEach(dispatch);
        if (fresh && !over) state("live"); // once what is new has come with it
        fresh = false;
      }
    } catch (error) {
      if (error instanceof TypeError || error.name === "AbortError") return { status: 0 };
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  function dispatch(block) {
    const event = {};
    for (const line of block.split("\n")) {
      const [, name, value] = /^(\w+): ?(.*)$/.exec(line) ?? [];
      if (name) event[name] = value;
    }
    if (event.data && !over) {
      if (event.event === "end") over = true;
      on[event.event]?.(JSON.parse(event.data));
      if (over) state("ended");
    }
    if (event.id) last = event.id;
  }
}

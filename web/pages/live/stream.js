// One connection to an event stream. EventSource would hide the comments, by which alone a dead connection is told
// from a quiet one, and the status, by which a stream that will never come is told from one that is late.

import { hear } from "./clock.js";

// silence is how long a stream may say nothing at all before it counts as lost: the server sends a comment every 15
// seconds.
export const silence = 35_000;

// read reads the stream at that path, after the event with that ID, until it ends, is silent for too long, the
// browser loses its network, or the signal aborts it. told hears each {event, data, id}, and {alive} whenever
// anything has come. What came of it is returned: {status}, 0 without an answer, and {retryAfter} in seconds.
export async function read(path, after, signal, told) {
  const reading = new AbortController(),
    abort = () => reading.abort();
  let timer;
  const alive = () => {
    clearTimeout(timer);
    timer = setTimeout(abort, silence);
  };
  signal.addEventListener("abort", abort);
  addEventListener("offline", abort);
  if (signal.aborted) abort();
  try {
    alive();
    const response = await fetch(path, {
      signal: reading.signal,
      cache: "no-store",
      headers: after ? { "Last-Event-ID": after } : {},
    });
    hear(response);
    if (response.status !== 200) {
      await response.body?.cancel();
      return { status: response.status, retryAfter: Number(response.headers.get("Retry-After")) };
    }
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let begun = ""; ;) {
      const { value, done } = await reader.read();
      if (done) return { status: 200 };
      alive();
      const blocks = (begun + value).split("\n\n");
      begun = blocks.pop();
      for (const block of blocks) {
        const event = parse(block);
        if (event.event || event.id) told(event);
      }
      told({ alive: true });
    }
  } catch (error) {
    if (error instanceof TypeError || error.name === "AbortError") return { status: 0 };
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
    removeEventListener("offline", abort);
  }
}

function parse(block) {
  const event = {};
  for (const line of block.split("\n")) {
    const [, name, value] = /^(\w+): ?(.*)$/.exec(line) ?? [];
    if (name) event[name] = value;
  }
  return { event: event.data && event.event, data: event.data && JSON.parse(event.data), id: event.id };
}

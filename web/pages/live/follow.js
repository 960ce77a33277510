// What happens is shown as it happens: event streams, one for all tabs of a browser that follow the same.

import { pause, wake } from "./core.js";
import { presence } from "./presence.js";
import { read, silence } from "./stream.js";

// follow follows an event stream for as long as there is one, and comes back where it left off.
//
// on has a function per event name; state is told "live", "lost" and whether the server is there but refuses, or why it
// is over: "ended", or the status that refused it for good. The stream is let go while the page is left (see presence);
// one that rests, also while the page is hidden: it is "resting" until the page is looked at again.
//
// Of several tabs one reads the stream, who holds its Web Lock, and tells the others on a BroadcastChannel. Where there
// are no locks, as at an address without TLS, each reads for itself.
export function follow(path, on, state, { rests = false } = {}) {
  const page = presence(rests);
  let together = navigator.locks && globalThis.BroadcastChannel,
    last = "",
    over = false;
  (async () => {
    while (!over) {
      await (together ? takeTurns() : lead(() => {}, page.left));
      if (over || !page.left.aborted) continue;
      state("resting");
      await page.looked();
    }
  })();
  return end;

  function end() {
    over = true;
    page.end();
  }

  // take hears what is said of the stream: an event, or how it stands.
  function take(message) {
    if (over) return;
    if (message.event) {
      if (message.event === "end") finish("ended");
      else on[message.event]?.(message.data);
    }
    if (message.id) last = message.id;
    if (message.state) state(message.state, message.refused);
    if (message.over) finish(message.over);
  }

  function finish(why) {
    end();
    state(why);
  }

  // lead reads the stream until the signal ends it, and tells the other tabs.
  async function lead(tell, signal) {
    const say = (message) => {
      tell(message);
      take(message);
    };
    for (let failures = 0; !signal.aborted && !over; failures++) {
      const began = performance.now();
      let live = false;
      const answer = await read(path, last, signal, (heard) => {
        say(heard);
        if (!heard.alive || live) return;
        live = true; // once what is new has come with it
        say({ state: "live" });
      });
      if (signal.aborted || over) break;
      if (answer.status === 204 || answer.status === 401 || answer.status === 404) {
        say({ over: answer.status === 204 ? "ended" : answer.status });
        break;
      }
      say({ state: "lost", refused: answer.status >= 400 });
      if (performance.now() - began > 5000) failures = 0;
      await Promise.race([
        answer.retryAfter ? pause(1000 * answer.retryAfter) : wake(Math.min(500 * 2 ** failures, 8000)),
        new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true })),
      ]);
    }
  }

  // takeTurns listens to the tab that reads the stream, and reads it when that is gone, until the page is left.
  async function takeTurns() {
    const left = page.left,
      ending = new AbortController(),
      name = `stream ${path}`,
      channel = new BroadcastChannel(name),
      me = Math.random(),
      latest = new Map(); // the last event of each name, for who joins
    let standing = null, // what was said of the stream last
      leading = false,
      timer;
    const remember = (message) => {
      if (message.event && message.event !== "reset") latest.set(message.event, message);
      if (message.state) standing = message;
    };
    const hear = (message) => {
      remember(message);
      take(message);
    };
    const tell = (message) => {
      remember(message);
      channel.postMessage(message);
    };
    const turn = (options) =>
      navigator.locks
        .request(name, options, async () => {
          clearTimeout(timer);
          leading = true;
          await lead(tell, ending.signal);
        })
        .catch((problem) => {
          if (problem.name !== "AbortError") together = null; // this browser has none to give
          if (leading) ending.abort(); // another tab has taken the turn over
        });
    // A tab that says nothing for too long is stuck: its turn is over.
    const listenOn = () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        take({ state: "lost", refused: false });
        turn({ steal: true });
      }, silence);
    };
    channel.onmessage = ({ data: message }) => {
      if (left.aborted) return;
      if (leading && message.hello) {
        channel.postMessage({ to: message.hello, latest: [...latest.values()], standing, last });
        return;
      }
      if (leading || message.hello || (message.to && message.to !== me)) return;
      listenOn();
      if (!message.to) return hear(message);
      const missed = last !== "" && last !== message.last;
      message.latest.forEach(hear);
      if (missed) take({ event: "reset" });
      hear({ ...message.standing, id: message.last });
    };
    channel.postMessage({ hello: me });
    listenOn();
    left.addEventListener("abort", () => ending.abort());
    await Promise.race([
      turn({ signal: left }),
      new Promise((resolve) => ending.signal.addEventListener("abort", resolve)),
    ]);
    leading = false;
    clearTimeout(timer);
    channel.close();
  }
}

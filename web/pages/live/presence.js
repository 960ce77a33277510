// Whether somebody looks at the page.

// hiddenFor is how long a page may be hidden before it counts as left, where that matters: browsers open six
// connections to one site over HTTP/1.1, and tabs add up.
const hiddenFor = 5_000;

// presence tells when the page is left: when it is in the back/forward cache, or frozen, where no timer runs;
// and, if it rests, when it is hidden. left is the signal of the time being; looked resolves once somebody is
// there again.
export function presence(rests) {
  const ending = new AbortController(), // of what is listened to
    listen = (target, name, heard) => target.addEventListener(name, heard, { signal: ending.signal });
  const waiting = []; // who is to be told
  let leaving = new AbortController(),
    away = false,
    hidden;
  const there = () => !away && !(rests && document.hidden);
  const leave = () => leaving.abort();
  const look = () => {
    clearTimeout(hidden);
    if (rests && document.hidden) hidden = setTimeout(leave, hiddenFor);
    if (there()) waiting.splice(0).forEach((resolve) => resolve());
  };
  const turn = (gone) => () => {
    away = gone;
    if (gone) leave();
    look();
  };
  listen(globalThis, "pagehide", turn(true));
  listen(document, "freeze", turn(true));
  listen(globalThis, "pageshow", turn(false));
  listen(document, "resume", turn(false));
  listen(document, "visibilitychange", look);
  look();
  return {
    get left() {
      return leaving.signal;
    },
    async looked() {
      if (!leaving.signal.aborted) return;
      if (!there()) await new Promise((resolve) => waiting.push(resolve));
      leaving = new AbortController();
      look();
    },
    end() {
      ending.abort();
      clearTimeout(hidden);
      leave();
      waiting.splice(0).forEach((resolve) => resolve());
    },
  };
}

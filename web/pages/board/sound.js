// The sound of a new order, and its switch.

import { $, saved, say, t } from "./core.js";

let sound = saved.get("sound") ?? true,
  audio = null;

// A browser plays nothing before somebody has touched the page.
function wakeAudio() {
  if (!sound) return;
  if (!audio) {
    audio = new AudioContext();
    audio.addEventListener("statechange", showSound);
  }
  if (audio.state !== "running") audio.resume().then(showSound, showSound);
}
for (const touch of ["pointerup", "keyup"]) addEventListener(touch, wakeAudio);

// ring says that there is a new order, aloud where it may.
export function ring() {
  say($("#announce"), t("board.announce"));
  setTimeout(() => say($("#announce"), ""), 3000);
  if (!sound || audio?.state !== "running") return;
  [880, 1174.7].forEach((frequency, i) => {
    const tone = audio.createOscillator(),
      loud = audio.createGain(),
      at = audio.currentTime + i * 0.18;
    tone.frequency.value = frequency;
    loud.gain.setValueAtTime(0.0001, at);
    loud.gain.exponentialRampToValueAtTime(0.3, at + 0.02);
    loud.gain.exponentialRampToValueAtTime(0.0001, at + 0.5);
    tone.connect(loud).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.55);
  });
  document.body.dataset.rang = Number(document.body.dataset.rang ?? 0) + 1;
}

export function showSound() {
  $("#sound").setAttribute("aria-pressed", sound);
  const waits = sound && audio?.state !== "running";
  $("#sound").textContent = t(!sound ? "board.sound_off" : waits ? "board.sound_waits" : "board.sound_on");
  $("#silent").hidden = !waits || $("#board").hidden;
}
$("#sound").addEventListener("click", () => {
  if (sound && audio?.state !== "running") return wakeAudio(); // it was on, and waits for this touch
  sound = !sound;
  saved.set("sound", sound);
  wakeAudio();
  showSound();
});

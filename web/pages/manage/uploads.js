// Pictures, which are uploaded as soon as they are chosen, and are used once the form is saved.

import { Problem, h, say, t } from "./core.js";
import { explained } from "./session.js";

const patience = 120_000;

// pictureURL is where the picture of that hash is.
export const pictureURL = (hash) => `/images/${hash}`;

const drawings = new URL("./drinks/", import.meta.url).href;

// pictureOf is where customers have an item's picture from: its own, or else a drawing.
export const pictureOf = ({ image, product }) => (image ? pictureURL(image) : `${drawings}${product || "cup"}.svg`);

// refusal says why a picture was not taken.
function refusal(problem) {
  if (problem.status === 413) return t("manage.picture_too_large");
  if (problem.status === 415 || problem.status === 422) return t("manage.picture_unusable");
  return explained(problem);
}

// upload sends a picture, and resolves to {image, url}. progress is told the share that has arrived.
function upload(file, progress) {
  const request = new XMLHttpRequest();
  const done = new Promise((resolve, reject) => {
    request.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
    request.onload = () => {
      let body = {};
      try {
        body = JSON.parse(request.responseText);
      } catch {
        /* not ours: a proxy's */
      }
      if (request.status === 201 || request.status === 200) resolve(body);
      else reject(new Problem(request.status, body));
    };
    request.onerror = request.ontimeout = request.onabort = () => reject(new Problem(0));
  });
  request.open("POST", "/store/images");
  request.timeout = patience;
  request.setRequestHeader("Content-Type", file.type);
  request.send(file);
  return { done, stop: () => request.abort() };
}

// picture is the field of a picture's hash. changed is called when there is another one.
export function picture(field, label, hash, changed) {
  let image = hash || "",
    under = null;
  const input = h("input", {
    type: "file",
    accept: "image/png,image/jpeg,image/webp",
    id: `file-${field}`,
    "data-field": field,
  });
  const shown = h("img", { class: "uploaded", alt: "", width: 96, height: 96 });
  const progress = h("progress", { max: 1, value: 0, "aria-label": t("manage.uploading"), hidden: true });
  const state = h("p", { class: "small", role: "status" });
  const note = h("p", { class: "problem", role: "alert", hidden: true });
  const stop = h("button", { type: "button", hidden: true, click: () => under?.stop() }, t("manage.stop_upload"));
  const remove = h(
    "button",
    { type: "button", click: () => set("", t("manage.picture_removed")) },
    t("manage.remove_picture"),
  );

  function set(value, text) {
    image = value;
    show();
    say(state, text);
    input.value = "";
    changed();
  }
  function show() {
    shown.hidden = image === "";
    if (image) shown.src = pictureURL(image);
    remove.hidden = image === "" || under !== null;
    stop.hidden = progress.hidden = under === null;
    input.disabled = under !== null;
  }
  input.addEventListener("change", async () => {
    const [file] = input.files;
    if (!file) return;
    let stopped = false;
    progress.value = 0;
    const sending = upload(file, (share) => {
      progress.value = share;
    });
    under = {
      stop() {
        stopped = true;
        sending.stop();
      },
    };
    say(note, "");
    say(state, t("manage.uploading"));
    show();
    try {
      const { image: uploaded } = await sending.done;
      under = null;
      set(uploaded, t("manage.uploaded"));
      remove.focus();
    } catch (problem) {
      under = null;
      say(state, stopped ? t("manage.upload_stopped") : "");
      if (!stopped) say(note, refusal(problem));
      input.value = "";
      show();
      input.focus();
    }
  });
  show();
  const root = h(
    "div",
    { class: "field picture-field" },
    h("label", { for: input.id }, label, h("small", {}, t("manage.picture_kinds"))),
    h("div", { class: "choices" }, shown, remove, stop),
    input,
    progress,
    state,
    note,
  );
  const read = (wrong) => {
    if (under) wrong.push({ path: field, key: "uploading" });
    return image;
  };
  return { root, read };
}

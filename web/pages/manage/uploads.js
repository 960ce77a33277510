// Pictures, which are uploaded as soon as they are chosen, and are used once the form is saved.

import { Problem, h, say, t } from "./core.js";
import { showPicture } from "./itempicture.js";
import { explained } from "./session.js";

const patience = 120_000;

// pictureURL is where the picture of that hash is.
export const pictureURL = (hash) => `/images/${hash}`;

// itemPicture is the picture that customers see of an item.
export function itemPicture({ image, product }, properties) {
  const shown = h("img", { alt: "", ...properties });
  showPicture(shown, { image: image && pictureURL(image), product });
  return shown;
}

// refusal says why a picture was not taken.
function refusal(problem) {
  if (problem.status === 413) return t("manage.picture_too_large");
  if (problem.status === 415 || problem.status === 422) return t("manage.picture_unusable");
  return explained(problem);
}

// upload sends a picture: done resolves to {image, url}. stop breaks it off, and stopped reports whether
// somebody did. progress is told the share that has arrived.
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
  let stopped = false;
  const stop = () => {
    stopped = true;
    request.abort();
  };
  return { done, stop, stopped: () => stopped };
}

class PictureField {
  constructor(field, label, hash, changed) {
    Object.assign(this, { field, changed, image: hash || "", sending: null });
    this.input = h("input", {
      type: "file",
      accept: "image/png,image/jpeg,image/webp",
      id: `file-${field}`,
      "data-field": field,
      change: () => this.chosen(),
    });
    this.shown = h("img", { class: "uploaded", alt: "", width: 96, height: 96 });
    this.progress = h("progress", { max: 1, value: 0, "aria-label": t("manage.uploading"), hidden: true });
    this.state = h("p", { class: "small", role: "status" });
    this.note = h("p", { class: "problem", role: "alert", hidden: true });
    const button = (text, click) => h("button", { type: "button", click }, text);
    this.stop = button(t("manage.stop_upload"), () => this.sending?.stop());
    this.remove = button(t("manage.remove_picture"), () => this.set("", t("manage.picture_removed")));
    this.root = h(
      "div",
      { class: "field picture-field" },
      h("label", { for: this.input.id }, label, h("small", {}, t("manage.picture_kinds"))),
      h("div", { class: "choices" }, this.shown, this.remove, this.stop),
      this.input,
      this.progress,
      this.state,
      this.note,
    );
    this.show();
  }

  // read returns the hash of the picture; empty for none.
  read(wrong) {
    if (this.sending) wrong.push({ path: this.field, key: "uploading" });
    return this.image;
  }

  set(image, text) {
    this.image = image;
    this.show();
    say(this.state, text);
    this.changed();
  }

  show() {
    const { shown, image, sending } = this;
    shown.hidden = image === "";
    if (image) shown.src = pictureURL(image);
    this.remove.hidden = image === "" || sending !== null;
    this.stop.hidden = this.progress.hidden = sending === null;
    this.input.disabled = sending !== null;
    if (!sending) this.input.value = "";
  }

  async chosen() {
    const [file] = this.input.files;
    if (!file) return;
    this.progress.value = 0;
    this.sending = upload(file, (share) => {
      this.progress.value = share;
    });
    say(this.note, "");
    say(this.state, t("manage.uploading"));
    this.show();
    const { done, stopped } = this.sending;
    try {
      const { image } = await done;
      this.sending = null;
      this.set(image, t("manage.uploaded"));
      this.remove.focus();
    } catch (problem) {
      this.sending = null;
      say(this.state, stopped() ? t("manage.upload_stopped") : "");
      if (!stopped()) say(this.note, refusal(problem));
      this.show();
      this.input.focus();
    }
  }
}

// picture is the field of a picture's hash. changed is called when there is another one.
export const picture = (field, label, hash, changed) => new PictureField(field, label, hash, changed);

// The form of one entry, from opening it to its being saved, whatever others do meanwhile.

import { h, say, t } from "./core.js";
import { clearFieldErrors } from "./forms.js";
import { ask } from "./ask.js";
import { combine, find } from "./catalogmerge.js";
import { bothVersions, conflictView } from "./conflictview.js";
import { showErrors } from "./controls.js";
import { entryOf, within } from "./paths.js";
import { refusedText } from "./refusals.js";
import { explained } from "./session.js";
import { Conflict } from "./versioned.js";

// wrongText says what is wrong with a field, as a form found out by itself.
const wrongText = ({ key, values }) => t(`manage.wrong.${key}`, values);

// errorsOf returns what the server has refused, by the fields of the entry: {path, text}, with the path null
// of what is wrong elsewhere.
function errorsOf(problem, path) {
  const { field = "", body } = problem;
  const errors = body.errors ?? [{ path: field, message: (body.detail ?? "").replace(`${field} `, "") }];
  return errors.map((error) => {
    const inside = path === null ? error.path : within(error.path, problem.sent, path);
    const where = inside === null ? (entryOf(error.path, problem.sent) ?? error.path) : "";
    return { path: inside || null, text: [where, refusedText(error.message)].filter(Boolean).join(": ") };
  });
}

const never = () => {};

// EntryEditor is the view of an entry.
class EntryEditor {
  constructor(options) {
    this.options = options;
    this.base = options.entry; // what the server had when the form was filled; null for a new entry
    this.saving = this.ended = false;
    this.heading = h("h1", { tabindex: "-1" }, options.title);
    this.top = h("p", { class: "notice", "data-kind": "warn", role: "alert", hidden: true });
    this.state = h("p", { class: "small", role: "status" });
    this.save = h("button", { type: "submit", class: "primary" }, t("manage.save"));
    this.fields = h("div", { class: "fields" });
    this.conflict = h("div", {});
    this.beside = h("div", {});
    this.body = h(
      "form",
      { novalidate: true, class: "editor", submit: (event) => this.submit(event), input: () => this.showState() },
      this.fields,
      h("div", { class: "savebar" }, this.state, this.save, options.remove && this.removeButton()),
    );
    const back = options.back && h("p", {}, h("a", { href: options.back[0], class: "back" }, options.back[1]));
    this.root = h("div", {}, back, this.heading, this.top, this.conflict, this.beside, this.body);
    this.fill(options.entry ?? options.start ?? {});
  }

  removeButton() {
    return h("button", { type: "button", class: "danger", click: () => this.askAndRemove() }, t("manage.delete"));
  }

  // said is what the form says, to be compared.
  said() {
    return JSON.stringify(this.form.read([]));
  }

  // saidOf is what the form of an entry says that nobody has touched.
  saidOf(entry) {
    return JSON.stringify(this.options.make(entry, never).read([]));
  }

  dirty() {
    const wrong = [];
    this.form.read(wrong);
    const uploading = wrong.some((error) => error.key === "uploading");
    return !this.ended && (this.saving || uploading || this.said() !== this.clean);
  }

  // fill shows an entry; saved is what of it the server has.
  fill(shown, saved = shown) {
    this.form = this.options.make(shown, () => this.showState());
    this.fields.replaceChildren(this.form.root);
    this.clean = shown === saved ? this.said() : this.saidOf(saved);
    this.showState();
  }

  showState() {
    const { saving, state } = this;
    const waiting = saving || this.said() !== this.clean;
    if (waiting && !saving) this.told = "";
    this.save.disabled = saving;
    this.fields.inert = saving; // what would be typed now would be written over
    say(state, saving ? t("manage.saving") : waiting ? t("manage.unsaved") : (this.told ?? ""));
  }

  // tell says something until the form is changed again.
  tell(text) {
    this.told = text;
    this.showState();
  }

  submit(event) {
    event.preventDefault();
    if (this.saving) return;
    const { path, identify } = this.options;
    const wrong = [],
      after = this.form.read(wrong);
    this.clearErrors();
    if (wrong.length > 0) return this.showWrong(wrong.map((error) => ({ path: error.path, text: wrongText(error) })));
    this.attempt({ before: this.base, ...(path ? { path, after } : identify(after)) });
  }

  clearErrors() {
    clearFieldErrors(this.body);
    say(this.top, "");
  }

  showWrong(errors) {
    const rest = showErrors(this.fields, errors);
    say(this.top, rest.join(" ") || t("manage.check_fields"));
  }

  async attempt(change) {
    const focused = document.activeElement;
    this.saving = true;
    this.clearErrors();
    this.showState();
    try {
      const saved = await this.options.document.save(change);
      this.rest(focused);
      this.saved(saved, change);
    } catch (problem) {
      this.rest(focused);
      if (problem instanceof Conflict) this.showConflict(problem);
      else this.refused(problem, change);
    }
    this.showState();
  }

  // rest lets people type again, where they were.
  rest(focused) {
    this.saving = false;
    this.showState();
    if (this.fields.contains(focused)) focused.focus({ preventScroll: true });
  }

  // saved goes on with what the server has now.
  saved({ path, others }, { after }) {
    const { document: kept, whole, opened } = this.options;
    this.conflict.replaceChildren();
    this.beside.replaceChildren();
    this.body.hidden = false;
    if (after === null) return this.close(t("manage.deleted"));
    const text = t(others ? "manage.saved_with_others" : "manage.saved");
    if (opened) {
      this.ended = true;
      return opened(path, text);
    }
    this.base = whole ? kept.document : find(kept.document, path);
    const clean = this.saidOf(this.base);
    if (this.said() === clean) this.clean = clean;
    else this.fill(this.base);
    this.tell(text);
  }

  close(text) {
    this.ended = true;
    this.options.closed(text);
  }

  refused(problem, change) {
    this.body.hidden = false;
    if (problem.status === 422) return this.showWrong(errorsOf(problem, this.options.whole ? null : change.path));
    say(this.top, explained(problem));
    this.top.scrollIntoView({ block: "nearest" });
  }

  // showConflict asks what is to become of a change that met somebody else's.
  showConflict(conflict) {
    const { path, before, after, theirs } = conflict;
    this.body.hidden = true;
    this.beside.replaceChildren();
    const view = conflictView(conflict, {
      theirs: () => this.keepTheirs(theirs),
      mine: () => this.attempt({ path, before: theirs, after: combine(before, after, theirs) }),
      edit: after !== null && (() => this.editOn(conflict)),
    });
    this.conflict.replaceChildren(view.root);
    view.title.focus();
  }

  keepTheirs(theirs) {
    if (theirs === null) return this.close(t("manage.kept_theirs"));
    this.goOn(theirs, theirs);
    this.tell(t("manage.kept_theirs"));
  }

  editOn(conflict) {
    const { before, after, theirs } = conflict;
    this.goOn(combine(before, after, theirs), theirs);
    const versions = h("summary", {}, t("manage.both_versions"));
    this.beside.replaceChildren(h("details", { class: "panel", open: true }, versions, bothVersions(conflict)));
  }

  // goOn shows an entry on top of theirs.
  goOn(shown, theirs) {
    this.conflict.replaceChildren();
    this.body.hidden = false;
    this.base = theirs;
    this.fill(shown, theirs ?? {});
    this.heading.focus();
  }

  async askAndRemove() {
    const { path, remove } = this.options;
    if (this.saving || !(await ask(remove.title, remove.why(), t("manage.delete_now"), t("manage.delete_not")))) return;
    this.attempt({ path, before: this.base, after: null });
  }
}

// editor makes the view of an entry: of the one at path in its document, or of a new one, whose path and
// identifier identify gives it, and which begins with start. make returns a form, {root, read}, filled with an
// entry. whole: the document is the one entry. opened is told the path that a new entry was saved under, and
// closed that there is nothing to edit any more; both are told what to say.
export const editor = (options) => new EntryEditor(options);

// The form of the brand: what every page shows of the company.

import { h, language, say, t } from "./core.js";
import { labelled, names } from "./controls.js";
import { contrast, luminance } from "./contrast.js";
import { rules } from "./documents.js";
import { picture, pictureURL } from "./uploads.js";

const icon = new URL("./icon.svg", import.meta.url).href;
// papers are the backgrounds of the pages, by what they are called.
const papers = { light: "#fbf8f3", dark: "#16120e" };
// readable is the contrast that text has to have (WCAG 2.2).
const readable = 4.5;

// shadesOf returns what pages make of an accent, {accent, on} in the light and in the dark: from the style sheet
// that they would have.
async function shadesOf(accent) {
  const sheet = await fetch(new URL(`./accent-${accent.slice(1)}.css`, import.meta.url));
  if (!sheet.ok) throw new Error(`no style sheet of ${accent}`);
  const pairs = [...(await sheet.text()).matchAll(/--accent:(#\w+)[^}]*--on-accent:(#\w+)/g)];
  const [light, dark] = pairs.map(([, shade, on]) => ({ accent: shade, on }));
  return { light, dark };
}

export function brandForm(brand, changed) {
  const name = names("name", t("manage.field.brand_name"), brand.name, { limit: rules.brand_name });
  const logo = picture("logo", t("manage.field.logo"), brand.logo, update);
  const accent = accentField(brand.accent, show);
  const heads = brandPreview();
  const read = (wrong) => ({
    ...brand,
    name: name.read(wrong),
    logo: logo.read(wrong) || null,
    accent: accent.read(wrong),
  });

  function update() {
    show();
    changed();
  }
  function show() {
    heads.show(read([]), accent.shades);
  }
  const form = h("div", { class: "panel", input: show }, name.root, logo.root, accent.root);
  const root = h("div", { class: "two" }, form, h("div", { class: "aside" }, heads.root));
  show();
  return { root, read };
}

class AccentField {
  constructor(value, changed) {
    this.changed = changed;
    this.shades = null; // what pages make of the colour, once that is known
    this.text = h("input", { maxlength: 7, autocomplete: "off", spellcheck: "false", class: "short" });
    this.chooser = h("input", { type: "color", "aria-label": t("manage.choose_colour") });
    this.says = h("ul", { class: "plain small" });
    this.text.value = value;
    this.text.addEventListener("input", () => this.look());
    this.chooser.addEventListener("input", () => {
      this.text.value = this.chooser.value;
      this.look();
    });
    const field = labelled(t("manage.field.accent"), this.text, { hint: t("manage.accent_why"), field: "accent" });
    this.root = h(
      "div",
      { class: "accent" },
      field,
      this.chooser,
      h("div", { class: "says", role: "status" }, this.says),
    );
    this.look();
  }

  get colour() {
    return this.text.value.trim().toLowerCase();
  }

  read(wrong) {
    if (luminance(this.colour) === null) wrong.push({ path: "accent", key: "colour" });
    return this.colour;
  }

  // look says how well the colour can be read, and what pages make of it where it cannot.
  async look() {
    const { colour } = this;
    this.shades = null;
    this.show();
    if (luminance(colour) === null) return;
    this.chooser.value = colour;
    try {
      const shades = await shadesOf(colour);
      if (this.colour !== colour) return; // another one was chosen meanwhile
      this.shades = shades;
      this.show();
      this.changed();
    } catch {
      /* without a connection the contrast is shown all the same */
    }
  }

  show() {
    const known = luminance(this.colour) !== null;
    const lines = known ? Object.keys(papers).map((paper) => contrastLine(this.colour, paper, this.shades)) : [];
    this.says.replaceChildren(...lines);
  }
}

// accentField has the accent colour, to be chosen or typed. changed is called when its shades are known.
function accentField(value, changed) {
  return new AccentField(value, changed);
}

function contrastLine(colour, paper, shades) {
  const ratio = contrast(colour, papers[paper]),
    good = ratio >= readable;
  const where = t(`manage.paper_${paper}`),
    shade = shades?.[paper].accent;
  const text = t(good ? "manage.contrast_good" : "manage.contrast_low", { where, ratio: ratio.toFixed(1) });
  const instead = shade && shade !== colour ? t("manage.contrast_shade", { shade }) : "";
  return h("li", { "data-good": String(good) }, [text, instead].filter(Boolean).join(" "));
}

// brandPreview shows the head of a page, on a light and on a dark one.
function brandPreview() {
  const heads = Object.keys(papers).map((paper) => {
    const logo = h("img", { alt: "", height: 32 }),
      name = h("strong", {}),
      button = h("span", { class: "button" }, t("menu.add"));
    return {
      paper,
      logo,
      name,
      button,
      root: h("div", { class: "brand-head", "data-paper": paper }, logo, name, button),
    };
  });
  const root = h(
    "section",
    { class: "panel preview", "aria-labelledby": "preview-title" },
    h("h2", { id: "preview-title" }, t("manage.preview")),
    ...heads.map((head) => head.root),
  );
  const show = (brand, shades) => {
    for (const { paper, logo, name, button } of heads) {
      logo.src = brand.logo ? pictureURL(brand.logo) : icon;
      say(name, brand.name[language] || brand.name.ko || brand.name.en || t("manage.unnamed"));
      if (!shades) continue;
      const { accent, on } = shades[paper];
      for (const property of ["background", "border-color"]) button.style.setProperty(property, accent);
      button.style.setProperty("color", on);
    }
  };
  return { root, show };
}

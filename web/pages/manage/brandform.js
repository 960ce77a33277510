// The form of the brand: what every page shows of the company.

import { h, language, say, t } from "./core.js";
import { labelled, names } from "./controls.js";
import { contrast, luminance, readableOn } from "./contrast.js";
import { rules } from "./documents.js";
import { picture, pictureURL } from "./uploads.js";

const icon = new URL("./icon.svg", import.meta.url).href;
// papers are the backgrounds of the pages, by what they are called.
const papers = { light: "#fbf8f3", dark: "#16120e" };
// readable is the contrast that text has to have (WCAG 2.2).
const readable = 4.5;

export function brandForm(brand, changed) {
  const name = names("name", t("manage.field.brand_name"), brand.name, { limit: rules.name });
  const logo = picture("logo", t("manage.field.logo"), brand.logo, update);
  const accent = accentField(brand.accent ?? "#1f5c4a");
  const shown = brandPreview();
  const read = (wrong) => ({
    ...brand,
    name: name.read(wrong),
    logo: logo.read(wrong) || null,
    accent: accent.read(wrong),
  });

  function update() {
    shown(read([]));
    changed();
  }
  const form = h("div", { class: "panel", input: () => shown(read([])) }, name.root, logo.root, accent.root);
  const root = h("div", { class: "two" }, form, h("div", { class: "aside" }, shown.root));
  shown(read([]));
  return { root, read };
}

// accentField has the accent colour, to be chosen or typed, and says how well it can be read.
function accentField(value) {
  const text = h("input", { maxlength: 7, autocomplete: "off", spellcheck: "false", class: "short" });
  const chooser = h("input", { type: "color", "aria-label": t("manage.choose_colour") });
  const says = h("ul", { class: "plain small" });
  text.value = value;
  const colour = () => text.value.trim().toLowerCase();
  const show = () => {
    const known = luminance(colour()) !== null;
    if (known) chooser.value = colour();
    says.replaceChildren(...(known ? Object.keys(papers).map((paper) => contrastLine(colour(), paper)) : []));
  };
  text.addEventListener("input", show);
  chooser.addEventListener("input", () => {
    text.value = chooser.value;
    show();
  });
  show();
  const read = (wrong) => {
    if (luminance(colour()) === null) wrong.push({ path: "accent", key: "colour" });
    return colour();
  };
  const field = labelled(t("manage.field.accent"), text, { hint: t("manage.accent_why"), field: "accent" });
  return {
    root: h("div", { class: "accent" }, field, chooser, h("div", { class: "says", role: "status" }, says)),
    read,
  };
}

function contrastLine(colour, paper) {
  const ratio = contrast(colour, papers[paper]);
  const good = ratio >= readable;
  const text = t(good ? "manage.contrast_good" : "manage.contrast_low", {
    where: t(`manage.paper_${paper}`),
    ratio: ratio.toFixed(1),
  });
  return h("li", { "data-good": String(good) }, text);
}

// brandPreview shows the head of a page, on a light and on a dark one.
function brandPreview() {
  const heads = Object.keys(papers).map((paper) => {
    const logo = h("img", { alt: "", width: 32, height: 32 }),
      name = h("strong", {}),
      button = h("span", { class: "button" }, t("menu.add"));
    const root = h("div", { class: "brand-head", "data-paper": paper }, logo, name, button);
    return { root, logo, name, button };
  });
  const show = (brand) => {
    for (const { logo, name, button } of heads) {
      logo.src = brand.logo ? pictureURL(brand.logo) : icon;
      say(name, brand.name[language] || brand.name.ko || brand.name.en || t("manage.unnamed"));
      if (luminance(brand.accent) === null) continue;
      button.style.setProperty("background", brand.accent);
      button.style.setProperty("border-color", brand.accent);
      button.style.setProperty("color", readableOn(brand.accent));
    }
  };
  show.root = h(
    "section",
    { class: "panel preview", "aria-labelledby": "preview-title" },
    h("h2", { id: "preview-title" }, t("manage.preview")),
    ...heads.map(({ root }) => root),
  );
  return show;
}

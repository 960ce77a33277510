// The chips that lead to the categories of the menu, and mark the one that is looked at.

import { $, arrange, h } from "./core.js";

const bar = $("#categories");
const chips = new Map(); // by the section that each leads to
let wanted = null;

// showCategories shows a chip for each section, in their order; none where there is one section.
export function showCategories(sections) {
  for (const section of chips.keys()) if (!sections.includes(section)) chips.delete(section);
  const shown = sections.map((section) => {
    if (!chips.has(section)) {
      const go = () => (wanted = section);
      chips.set(section, h("a", { class: "chip", href: `#${section.id}`, click: go }));
    }
    const chip = chips.get(section);
    chip.textContent = $("h2", section).textContent;
    return chip;
  });
  arrange(bar, shown);
  bar.hidden = sections.length < 2;
  mark();
}

// mark marks the category that is looked at: the last one that has come up to the chips. At the
// end of the page that is the one that was asked for, though it cannot come up so far.
function mark() {
  if (bar.hidden) return;
  const sections = [...bar.children].map((chip) => [...chips.keys()].find((section) => chips.get(section) === chip));
  const edge = bar.getBoundingClientRect().bottom + 24;
  const top = (section) => section.getBoundingClientRect().top;
  const atEnd = Math.ceil(innerHeight + scrollY) >= document.documentElement.scrollHeight;
  const current =
    (atEnd && wanted && top(wanted) < innerHeight && wanted) ||
    sections.filter((section) => top(section) <= edge).pop() ||
    sections[0];
  for (const [section, chip] of chips) {
    if (section !== current) chip.removeAttribute("aria-current");
    else if (!chip.hasAttribute("aria-current")) {
      chip.setAttribute("aria-current", "true");
      bar.scrollTo({ left: chip.offsetLeft - 24 });
    }
  }
}

let looking = false;
const look = () => {
  if (looking) return;
  looking = true;
  requestAnimationFrame(() => {
    looking = false;
    mark();
  });
};
addEventListener("scroll", look, { passive: true });
addEventListener("resize", look);
for (const moves of ["wheel", "touchmove", "keydown"])
  addEventListener(moves, () => (wanted = null), { passive: true });

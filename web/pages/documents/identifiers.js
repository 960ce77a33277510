// Identifiers of new entries, made of what people call them in English.

const letters = (name) => name.normalize("NFD").replace(/\p{M}/gu, "");
const longest = 40;

// unused returns the identifier, with a number behind it when it is taken.
export function unused(id, taken) {
  for (let n = 1; ; n++) {
    const number = n === 1 ? "" : String(n);
    const candidate = id.slice(0, longest - number.length) + number;
    if (!taken.includes(candidate)) return candidate;
  }
}

// productID returns the identifier of a new item: "Iced Café Latte" is IcedCafeLatte.
export function productID(name, taken) {
  const words = letters(name).match(/[A-Za-z0-9]+/g) ?? [];
  const id = words.map((word) => word[0].toUpperCase() + word.slice(1)).join("");
  return unused((/^[A-Za-z]/.test(id) ? id : `Item${id}`).slice(0, longest), taken);
}

// slug returns the identifier of a new category, group or option: "Oat milk" is oat-milk. other is
// what begins it when the name has nothing to begin with.
export function slug(name, taken, other) {
  const words =
    letters(name)
      .toLowerCase()
      .match(/[a-z0-9]+/g) ?? [];
  const id = words.join("-");
  return unused((/^[a-z]/.test(id) ? id : [other, ...words].join("-")).slice(0, longest), taken);
}

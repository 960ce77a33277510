// What keeps a finger, an eye and the focus where they are while orders come and go.

// moving makes a change. A finger that comes down right after it meant what was
// there before, so what has moved is not pressed for a moment.
export function moving(change) {
  const where = (root) => {
    const { x, y } = root.getBoundingClientRect();
    return `${Math.round(x)} ${Math.round(y)}`;
  };
  const before = new Map([...document.querySelectorAll(".ticket")].map((root) => [root, where(root)]));
  change();
  hold([...before].filter(([root, there]) => root.isConnected && where(root) !== there).map(([root]) => root));
}

let moves = 0;
// hold has nothing of the elements be pressed until they have been there for a moment.
export function hold(elements) {
  const move = String(++moves);
  for (const element of elements) element.dataset.moved = move;
  setTimeout(() => {
    for (const element of elements) if (element.dataset.moved === move) delete element.dataset.moved;
  }, 400);
}

// place remembers where on the board an element is, and refocus goes back to it:
// to the next order, when this one has gone elsewhere.
export function place(element) {
  const root = element?.closest?.(".ticket"),
    column = root?.parentElement;
  return column && { element, root, column, index: [...column.children].indexOf(root) };
}

export function refocus(before) {
  if (!before || document.activeElement === before.element) return;
  const { element, root, column, index } = before;
  const stayed = root.parentElement === column && (column.contains(element) ? element : root);
  (stayed || column.children[Math.min(index, column.children.length - 1)] || column).focus({ preventScroll: true });
}

// arrowKeys has the arrows move between the orders of the board, up and down within a
// column, unless something else has the keys.
export function arrowKeys(board, columns, taken) {
  board.addEventListener("keydown", (event) => {
    const card = event.target.closest(".ticket"),
      list = event.target.closest(".tickets");
    if (!list || taken() || event.altKey || event.ctrlKey || event.metaKey) return;
    const lists = columns,
      i = lists.indexOf(list),
      j = card ? [...list.children].indexOf(card) : -1;
    const beside = (step) => {
      for (let k = i + step; lists[k]; k += step)
        if (lists[k].children.length) return lists[k].children[Math.min(Math.max(j, 0), lists[k].children.length - 1)];
    };
    const next = {
      ArrowDown: () => list.children[j + 1],
      ArrowUp: () => list.children[j - 1],
      ArrowRight: () => beside(1),
      ArrowLeft: () => beside(-1),
    }[event.key]?.();
    if (!next) return;
    event.preventDefault();
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  });
}

// Cards that are dragged from one column of a board to another.

export const CARD = ".board__card";
export const COLUMN = ".board__column";

/** The column a card stands in. */
export const columnOf = (element) => element.closest(COLUMN);

/** Let the cards of a board be dragged; `allows(card, column)` says where to, `drop(card, column)` moves. */
export function listenForDragging(board, allows, drop) {
  let dragged = null;
  for (const card of board.querySelectorAll(CARD)) card.draggable = true;
  const clear = () => board.querySelectorAll(".is-target").forEach((column) => column.classList.remove("is-target"));
  board.addEventListener("dragstart", (event) => {
    dragged = event.target.closest(CARD);
    event.dataTransfer.effectAllowed = "move";
  });
  board.addEventListener("dragover", (event) => {
    const column = event.target.closest(COLUMN);
    if (!dragged || !column || !allows(dragged, column)) return;
    event.preventDefault();
    clear();
    column.classList.add("is-target");
  });
  board.addEventListener("drop", (event) => {
    event.preventDefault();
    const column = event.target.closest(COLUMN);
    if (dragged && column) drop(dragged, column);
  });
  board.addEventListener("dragend", () => {
    clear();
    dragged = null;
  });
}

// Moves the cards of the board: dragged, with Shift and an arrow, or by the dialog that "m" opens.
// The card moves at once and comes back with a word when the server refuses; counts are the server's.
import { CARD, COLUMN, columnOf, listenForDragging } from "outreach/board-drag";
import { attachAll } from "outreach/registry";
import { showToast } from "outreach/toast";

const ASKING = new Set(["lost", "declined"]);

const dialog = () => document.getElementById("move-card");
const allows = (card, column) => columnOf(card).dataset.moves.split(" ").includes(column.dataset.stage);
const asks = (card, stage) => ASKING.has(stage) || columnOf(card).dataset.stage === "won";

function put(card, list, before) {
  list.insertBefore(card, before);
  list.closest(COLUMN).classList.remove("board__column--empty");
  card.querySelector("[data-row-link]").focus();
}

async function send(card, stage, reason) {
  const form = dialog().querySelector("[data-board-form]");
  const body = new FormData(form);
  body.set("stage", stage);
  body.set("reason", reason);
  const answer = await fetch(`${card.querySelector("[data-row-link]").pathname}/stage`, { method: "POST", body, headers: { "X-Board": "1" } });
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(said.said ?? `The server refused this (${answer.status}). Reload the page.`);
  return said;
}

function show(card, said) {
  const age = card.querySelector(".board__age");
  age.textContent = said.age;
  age.classList.remove("is-stale");
  for (const [name, words] of Object.entries(said.totals)) {
    for (const place of document.querySelectorAll(`[data-total="${name}"]`)) place.textContent = words;
  }
  document.querySelectorAll("#toasts form").forEach((form) => form.closest(".toast").remove()); // "u" takes back the last
  const toasts = document.getElementById("toasts");
  toasts.insertAdjacentHTML("beforeend", said.toast);
  attachAll(toasts);
}

async function move(card, column, reason = "") {
  const list = card.parentElement;
  const next = card.nextElementSibling;
  const target = column.querySelector(".board__cards");
  put(card, target, target.firstElementChild);
  card.classList.add("is-moving");
  try {
    show(card, await send(card, column.dataset.stage, reason));
  } catch (error) {
    put(card, list, next);
    showToast(`Not moved. ${error.message}`, "error");
  }
  card.classList.remove("is-moving");
}

function ask(card, stage = "") {
  const box = dialog();
  const form = box.querySelector("form[data-board-form]");
  const moves = columnOf(card).dataset.moves.split(" ");
  for (const option of form.elements.stage.options) option.hidden = option.disabled = !moves.includes(option.value);
  form.elements.stage.value = stage || moves.find((name) => !ASKING.has(name));
  form.elements.reason.value = "";
  box.querySelector("h2").textContent = `Move ${card.querySelector("[data-row-link]").textContent}`;
  form.onsubmit = (event) => {
    event.preventDefault();
    box.close();
    const column = columnOf(card).parentElement.querySelector(`[data-stage="${form.elements.stage.value}"]`);
    move(card, column, form.elements.reason.value);
  };
  box.showModal();
  form.elements[stage ? "reason" : "stage"].focus();
}

function moveOrAsk(card, column) {
  if (!column || column === columnOf(card)) return;
  if (allows(card, column) && asks(card, column.dataset.stage)) ask(card, column.dataset.stage);
  else move(card, column); // where it may not go, the server says which rule refuses it
}

/** Let people move the cards of one board, if they may move any. */
export function connectBoard(board) {
  if (!dialog()) return;
  listenForDragging(board, allows, moveOrAsk);
  board.addEventListener("click", (event) => {
    if (!event.target.matches(".board__move") || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    ask(event.target.closest(CARD));
  });
  board.addEventListener("keydown", (event) => {
    const step = { ArrowRight: "nextElementSibling", ArrowLeft: "previousElementSibling" }[event.key];
    const card = event.target.closest(CARD);
    if (!step || !card || !event.shiftKey) return;
    event.preventDefault();
    moveOrAsk(card, columnOf(card)[step]);
  });
}

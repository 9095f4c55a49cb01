// A list of rows: j and k move the focus, x ticks, Enter opens (the focus sits on the row's own link),
// a click anywhere on a row opens it, and the selection bar counts.

const LISTS = '[data-controller~="list"]';
const ROWS = "tbody tr, [data-row]";
const LINK = ".table__link, [data-row-link]";
const CONTROLS = "a, button, input, label, select, summary, textarea";

function currentList() {
  return document.activeElement?.closest(LISTS) ?? document.querySelector(LISTS);
}

function move(list, step) {
  const rows = [...list.querySelectorAll(ROWS)].filter((row) => row.querySelector(LINK));
  const here = rows.indexOf(document.activeElement?.closest(ROWS));
  const next = here < 0 ? 0 : Math.min(Math.max(here + step, 0), rows.length - 1);
  rows[next]?.querySelector(LINK).focus();
  rows[next]?.scrollIntoView({ block: "nearest" });
}

function tick(list) {
  const row = document.activeElement?.closest(ROWS);
  const box = list.contains(row) ? row.querySelector(".table__pick") : null;
  box?.click();
}

const ACTIONS = { j: (list) => move(list, 1), k: (list) => move(list, -1), x: tick };

/** Answer the row keys that keys.js did not find on an element. */
export function listenForRowKeys() {
  document.addEventListener("outreach:key", (event) => {
    const list = currentList();
    const action = ACTIONS[event.detail.key];
    if (!list || !action) return;
    event.preventDefault();
    action(list);
  });
}

function count(list) {
  const boxes = [...list.querySelectorAll(`:is(${ROWS}) .table__pick`)];
  const picked = boxes.filter((box) => box.checked).length;
  const all = list.querySelector("[data-pick-all]");
  if (all) {
    all.checked = picked > 0 && picked === boxes.length;
    all.indeterminate = picked > 0 && picked < boxes.length;
  }
  const place = list.closest("form")?.querySelector("[data-selection-count]");
  if (place) place.textContent = `${picked} selected`;
}

function openRow(event) {
  if (event.target.closest(CONTROLS) || String(getSelection())) return;
  const link = event.target.closest(ROWS)?.querySelector(LINK);
  if (link && (event.ctrlKey || event.metaKey)) open(link.href, "_blank", "noopener");
  else link?.click();
}

/** Make the rows of one list clickable and keep its selection counted. */
export function connectList(list) {
  list.addEventListener("click", openRow);
  list.addEventListener("change", (event) => {
    if (event.target.matches("[data-pick-all]")) {
      for (const box of list.querySelectorAll(".table__pick")) box.checked = event.target.checked;
    }
    count(list);
  });
  count(list);
}

// Opens a row of a list beside it: a click or "o" asks for the panel, j and k go on to the next row while
// it is open, Escape closes it and gives the focus back. Enter on the row's link opens the full page.
// The address names the open row, so that Back, reload and a copied link all show it.

const LIST = '[data-controller~="panel"]';
const LINK = ".table__link";
const CONTROLS = "a, button, input, label, select, summary, textarea";
const isWide = matchMedia("(min-width: 721px)");

const place = () => document.querySelector("#panel");
const openId = () => new URL(location.href).searchParams.get("open");
const idOf = (link) => link.pathname.split("/").pop();
const links = () => [...document.querySelectorAll(`${LIST} tbody ${LINK}`)];
const linkOf = (id) => links().find((link) => idOf(link) === id);

function mark(id) {
  document.querySelectorAll(`${LIST} tr.is-open`).forEach((row) => row.classList.remove("is-open"));
  linkOf(id)?.closest("tr").classList.add("is-open");
}

function draw(id) {
  mark(id);
  if (id) return htmx.ajax("GET", `/prospects/${id}/panel`, { target: "#panel", swap: "innerHTML" });
  const closed = place().querySelector("[data-panel-of]")?.dataset.panelOf;
  place().replaceChildren();
  if (closed) linkOf(closed)?.focus();
}

function go(id) {
  const url = new URL(location.href);
  if (id) url.searchParams.set("open", id);
  else url.searchParams.delete("open");
  history.pushState({ panel: id }, "", url);
  draw(id);
}

function onRow(event) {
  const link = event.target.closest("tr")?.querySelector(LINK);
  const control = event.target.closest(CONTROLS);
  const byKey = control === link && event.detail === 0;
  if (!link || !isWide.matches || event.ctrlKey || event.metaKey || event.shiftKey || byKey) return;
  if ((control && control !== link) || (!control && String(getSelection()))) return;
  event.preventDefault();
  event.stopPropagation();
  go(idOf(link));
}

function onKey(event) {
  const { key } = event.detail;
  const step = { j: 1, k: -1 }[key];
  const focused = document.activeElement?.closest(`${LIST} tr`)?.querySelector(LINK);
  if (key === "o" && focused) {
    event.preventDefault();
    go(idOf(focused));
  } else if (step && openId() && place().childElementCount) {
    const all = links();
    const next = all[all.indexOf(linkOf(openId())) + step];
    event.preventDefault();
    event.stopImmediatePropagation();
    if (next) go(idOf(next));
    next?.scrollIntoView({ block: "nearest" });
  }
}

function onClose(event) {
  if (!event.target.closest('[data-key="Escape"]')) return;
  event.preventDefault();
  go(null);
}

/** Let the rows of one list open beside it. */
export function connectPanel(list) {
  list.addEventListener("click", onRow, { capture: true });
  document.addEventListener("outreach:key", onKey, { capture: true });
  place().addEventListener("click", onClose);
  addEventListener("popstate", () => draw(openId()));
  mark(openId());
}

// What the palette offers: entries of this page, of this tab's past, and how one is drawn.
import { keyedElements } from "outreach/keys";

const MOST_RECENT = 8;

/** What was opened last from the palette in this tab. */
export function recentOnes(name) {
  try {
    return JSON.parse(sessionStorage.getItem(name)) ?? [];
  } catch {
    return []; // storage refused by the browser, or written by an older version
  }
}

/** Keep what was opened. */
export function remember(name, entry) {
  const others = recentOnes(name).filter((other) => other.url !== entry.url);
  try {
    sessionStorage.setItem(name, JSON.stringify([{ ...entry, kind: "recent" }, ...others].slice(0, MOST_RECENT)));
  } catch {
    // storage refused by the browser
  }
}

/** What this page offers by a key, named by what it does. */
export function actionsOfPage(text) {
  const wanted = text.toLowerCase();
  return keyedElements()
    .filter((element) => !element.dataset.key.startsWith("g ") && !element.closest("dialog"))
    .map((element) => ({ element, kind: "here", detail: element.dataset.key, title: (element.dataset.keyLabel ?? element.textContent).trim() }))
    .filter((entry) => entry.title.toLowerCase().includes(wanted));
}

function part(name, text) {
  const span = document.createElement("span");
  span.className = `palette__${name}`;
  span.textContent = text;
  return span;
}

/** Draw one entry. */
export function optionOf(entry, at) {
  const option = document.createElement("div");
  option.id = `palette-${at}`;
  option.className = "palette__option";
  option.setAttribute("role", "option");
  option.append(part("title", entry.title), part("detail", entry.detail), part("kind", entry.kind));
  return option;
}

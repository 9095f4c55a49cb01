// The sheet behind "?": lists the keys that work on this page, and switches single keys off and on.
import { keyedElements } from "outreach/keys";
import { keep } from "outreach/registry";

function keyCaps(sequence) {
  return sequence.split(" ").map((key) => {
    const cap = document.createElement("kbd");
    cap.className = "kbd";
    cap.textContent = key === "Escape" ? "Esc" : key;
    return cap;
  });
}

function line(element) {
  const term = document.createElement("dt");
  term.className = "shortcuts__keys";
  term.append(...keyCaps(element.dataset.key));
  const meaning = document.createElement("dd");
  meaning.textContent = element.dataset.keyLabel ?? element.textContent.trim();
  term.dataset.found = meaning.dataset.found = "";
  return [term, meaning];
}

/** Fill the sheet each time it opens, and obey its switch. */
export function connectShortcuts(sheet) {
  const root = document.documentElement;
  const list = sheet.querySelector('[data-shortcuts="list"]');
  const isOn = sheet.querySelector('[data-shortcuts="switch"]');
  isOn.checked = root.dataset.keys !== "off";
  isOn.addEventListener("change", () => {
    root.dataset.keys = isOn.checked ? "on" : "off";
    keep("keys", root.dataset.keys);
  });
  sheet.closest("dialog").addEventListener("outreach:open", () => {
    list.querySelectorAll("[data-found]").forEach((old) => old.remove());
    const first = new Map(keyedElements().map((element) => [element.dataset.key, element]));
    list.append(...[...first.values()].flatMap(line));
  });
}

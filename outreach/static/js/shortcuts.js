// The sheet behind "?": lists the keys that work on this page, and switches single keys off and on.
import { keyedElements } from "outreach/keys";
import { showToast } from "outreach/toast";

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

// Where a key belongs: to the frame around every page, to a row of a list, or to this page alone.
function groupOf(element) {
  if (element.closest(".rail, .topbar, .bottombar")) return "everywhere";
  return element.closest("tr, [data-row]") ? "list" : "page";
}

// The same setting as in the profile: it follows the person to every browser.
async function save(url, isOn) {
  const headers = { "X-CSRFToken": document.querySelector('meta[name="csrf-token"]')?.content ?? "" };
  const body = new URLSearchParams({ on: isOn ? "yes" : "no" });
  const answer = await fetch(url, { method: "POST", headers, body }).catch(() => null);
  if (!answer?.ok) showToast("This could not be saved; it holds for this page only.", "error");
}

/** Fill the sheet each time it opens, and obey its switch. */
export function connectShortcuts(sheet) {
  const root = document.documentElement;
  const lists = sheet.querySelectorAll("dl[data-shortcuts]");
  const isOn = sheet.querySelector('[data-shortcuts="switch"]');
  isOn.checked = root.dataset.keys !== "off";
  isOn.addEventListener("change", () => {
    root.dataset.keys = isOn.checked ? "on" : "off";
    save(sheet.dataset.shortcutsUrl, isOn.checked);
  });
  sheet.closest("dialog").addEventListener("outreach:open", () => {
    sheet.querySelectorAll("[data-found]").forEach((old) => old.remove());
    const first = new Map(keyedElements().map((element) => [element.dataset.key, element]));
    for (const list of lists) {
      const mine = [...first.values()].filter((element) => groupOf(element) === list.dataset.shortcuts);
      list.append(...mine.flatMap(line));
      list.previousElementSibling.hidden = !list.children.length;
    }
  });
}

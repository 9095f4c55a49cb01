// Single keys and sequences. An element names its key with data-key="e" or data-key="g t"; pressing it
// clicks the element, or puts the cursor into it. A row with the focus is asked before the page.
// Quiet while a person types, while a dialog is open, and when switched off.

const PATIENCE_MS = 1500;
const TYPING = "input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable]";

let begun = "";
let timer = 0;

// What nobody sees, no key presses; but what a narrow window leaves out for want of room still answers.
const isShown = (element) => element.checkVisibility() || element.closest(".wide-only") !== null;

/** Every element on the page that can be reached by a key now. */
export function keyedElements(root = document) {
  return [...root.querySelectorAll("[data-key]")].filter(
    (element) => !element.disabled && isShown(element),
  );
}

function find(sequence) {
  const row = document.activeElement?.closest("tr, [data-row]");
  const panel = document.querySelector("#panel");
  for (const place of [row, panel, document]) {
    const match = place && keyedElements(place).find((element) => element.dataset.key === sequence);
    if (match) return match;
  }
  return null;
}

function press(element) {
  if (element.matches(TYPING)) {
    element.focus();
    element.select?.();
  } else {
    element.click();
  }
}

function isResting(event) {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return true;
  if (event.target.closest?.(TYPING) || document.querySelector("dialog:modal")) return true;
  return event.key !== "Escape" && document.documentElement.dataset.keys === "off";
}

function begin(key) {
  begun = key;
  clearTimeout(timer);
  timer = setTimeout(() => (begun = ""), PATIENCE_MS);
}

function onKey(event) {
  if (isResting(event) || event.key === "Shift") return;
  const sequence = begun ? `${begun} ${event.key}` : event.key;
  begun = "";
  const element = find(sequence);
  if (element) {
    event.preventDefault();
    press(element);
  } else if (keyedElements().some((other) => other.dataset.key.startsWith(`${sequence} `))) {
    begin(sequence);
  } else {
    const asked = new CustomEvent("outreach:key", { detail: { key: sequence }, cancelable: true });
    if (!document.dispatchEvent(asked)) event.preventDefault();
  }
}

/** Listen for keys for as long as the page lives. */
export function listenForKeys() {
  document.addEventListener("keydown", onKey);
}

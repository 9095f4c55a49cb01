// The palette behind Ctrl-K: this page's actions, every other action and every record, as one types.
// Works with single keys switched off: it is opened by a key with Ctrl or by its button.
import { actionsOfPage, optionOf, recentOnes, remember } from "outreach/palette-entries";

/** Fill the list as one types, move in it by arrows, and do what was chosen. */
export function connectPalette(dialog) {
  const input = dialog.querySelector("input");
  const list = dialog.querySelector("[role=listbox]");
  const { paletteUrl, paletteRecent } = dialog.dataset;
  let entries = [];
  let at = 0;
  let asked = 0;
  let isAnswered = Promise.resolve();

  function point(to) {
    at = Math.max(0, Math.min(to, entries.length - 1));
    [...list.children].forEach((option, place) => option.setAttribute("aria-selected", String(place === at)));
    list.children[at]?.scrollIntoView({ block: "nearest" });
    if (entries.length) input.setAttribute("aria-activedescendant", `palette-${at}`);
    else input.removeAttribute("aria-activedescendant");
  }

  function show(found) {
    entries = found;
    list.replaceChildren(...entries.map(optionOf));
    dialog.querySelector("[data-palette-count]").textContent = entries.length ? "" : "Nothing matches.";
    point(0);
  }

  async function ask() {
    const number = ++asked;
    const text = input.value.trim();
    const answer = await fetch(`${paletteUrl}?q=${encodeURIComponent(text)}`).catch(() => null);
    const found = answer?.ok ? await answer.json() : [];
    if (number !== asked) return; // a later letter has been typed
    const known = text ? [] : recentOnes(paletteRecent);
    show([...known, ...actionsOfPage(text), ...found]);
  }

  function choose(entry) {
    if (!entry) return;
    dialog.close();
    if (entry.element) return void (entry.element.matches("input, textarea, select") ? entry.element.focus() : entry.element.click());
    const { title, detail, url } = entry;
    remember(paletteRecent, { title, detail, url });
    location.assign(url);
  }

  function open() {
    if (document.querySelector("dialog:modal")) return;
    input.value = "";
    dialog.showModal();
    isAnswered = ask();
  }

  async function onKey(event) {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (step) point(at + step);
    else if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    if (step) return;
    await isAnswered;
    choose(entries[at]);
  }

  input.addEventListener("input", () => (isAnswered = ask()));
  input.addEventListener("keydown", onKey);
  list.addEventListener("click", (event) => choose(entries[[...list.children].indexOf(event.target.closest("[role=option]"))]));
  document.querySelector("[data-palette-opener]")?.addEventListener("click", open);
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    open();
  });
}

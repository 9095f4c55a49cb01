// A toast leaves after ten seconds, but not while it is pointed at or holds the focus.
import { attachAll } from "outreach/registry";

const READING_MS = 10_000;
const LEAVING_MS = 150;

/** Let one toast leave by itself, or by its cross. */
export function connectToast(toast) {
  let timer = 0;
  const leave = () => {
    toast.classList.add("toast--leaving");
    setTimeout(() => toast.remove(), LEAVING_MS);
  };
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(leave, READING_MS);
  };
  const hold = () => clearTimeout(timer);
  toast.addEventListener("pointerenter", hold);
  toast.addEventListener("focusin", hold);
  toast.addEventListener("pointerleave", wait);
  toast.addEventListener("focusout", wait);
  toast.querySelector('[data-toast="close"]')?.addEventListener("click", leave);
  wait();
}

/** Show a toast that did not come from the server. */
export function showToast(text, kind) {
  const toast = document.createElement("div");
  toast.className = `toast toast--${kind}`;
  toast.dataset.controller = "toast";
  const words = document.createElement("p");
  words.className = "toast__text";
  words.textContent = text;
  const close = document.createElement("button");
  close.className = "button button--quiet";
  close.type = "button";
  close.dataset.toast = "close";
  close.textContent = "Close";
  toast.append(words, close);
  document.querySelector("#toasts")?.append(toast);
  attachAll(toast);
}

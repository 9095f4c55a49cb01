// What htmx needs from us: the CSRF token on every request, and a word when an answer does not come.
import { showToast } from "outreach/toast";

const SAFE = new Set(["get", "head", "options"]);

function addToken(event) {
  if (SAFE.has(event.detail.verb)) return;
  const meta = document.querySelector('meta[name="csrf-token"]');
  if (meta) event.detail.headers["X-CSRFToken"] = meta.content;
}

function explain(event) {
  const status = event.detail.xhr?.status ?? 0;
  if (status === 401) return location.reload(); // signed out elsewhere: the server shows the sign-in page
  if (status === 0) return showToast("The server cannot be reached. Nothing was changed.", "error");
  if (status === 404) return showToast("This is no longer there. Reload the page.", "error");
  return showToast(`The server refused this (${status}). Reload the page and try once more.`, "error");
}

/** Listen to htmx for as long as the page lives. */
export function listenToServer() {
  document.addEventListener("htmx:configRequest", addToken);
  document.addEventListener("htmx:responseError", explain);
  document.addEventListener("htmx:sendError", explain);
  document.addEventListener("htmx:timeout", explain);
}

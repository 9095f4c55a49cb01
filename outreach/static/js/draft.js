// Keeps what is typed in a form's text box until it is sent, for as long as this tab is open.

const nameOf = (form) => `outreach.draft.${form.dataset.draft}`;

function store(name, text) {
  try {
    if (text) sessionStorage.setItem(name, text);
    else sessionStorage.removeItem(name);
  } catch {
    // storage refused by the browser: only the draft is lost
  }
}

function stored(name) {
  try {
    return sessionStorage.getItem(name) ?? "";
  } catch {
    return "";
  }
}

/** Keep and bring back the draft of one form. */
export function connectDraft(form) {
  const box = form.querySelector("textarea");
  const name = nameOf(form);
  if (!box.value) box.value = stored(name);
  box.addEventListener("input", () => store(name, box.value.trim() && box.value));
  form.addEventListener("submit", () => store(name, ""));
}

// Sends a form as soon as one of its controls changes, and hides the button that is then needless.

/** Send one form by itself; the button stays for people without JavaScript. */
export function connectAutosubmit(form) {
  for (const button of form.querySelectorAll('[data-autosubmit="button"]')) button.hidden = true;
  form.addEventListener("change", () => form.requestSubmit());
}

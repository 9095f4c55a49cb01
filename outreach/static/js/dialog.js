// Opens <dialog> elements. Escape and giving the focus back are the browser's own work.

/** Close a dialog by a click beside it. */
export function connectDialog(dialog) {
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
}

function open(event) {
  const opener = event.target.closest?.("[data-opens]");
  const dialog = opener && document.getElementById(opener.dataset.opens);
  if (!dialog || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  dialog.dispatchEvent(new CustomEvent("outreach:open"));
  dialog.showModal();
}

/** Let every element with data-opens="id" open that dialog. */
export function listenForOpeners() {
  document.addEventListener("click", open);
}

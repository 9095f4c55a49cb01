// Takes files dropped anywhere on the page, and what is pasted outside of fields, into one form.

const isField = (element) => element?.closest("input, textarea, select, [contenteditable]") != null;
const hasFiles = (transfer) => transfer != null && [...transfer.types].includes("Files");

/** Let the whole page feed a form that has a file field, and perhaps a field for text. */
export function connectDropPage(form) {
  const input = form.querySelector('input[type="file"]');
  const text = form.querySelector("textarea");
  const veil = form.querySelector('[data-drop-page="veil"]');
  const show = (isOver) => {
    veil.hidden = !isOver;
  };
  const take = (files) => {
    input.files = files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
    if (!input.closest("[data-submits]")) form.requestSubmit();
  };

  document.addEventListener("dragover", (event) => {
    if (!hasFiles(event.dataTransfer)) return;
    event.preventDefault();
    show(true);
  });
  document.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) show(false);
  });
  document.addEventListener("drop", (event) => {
    show(false);
    if (event.defaultPrevented || !event.dataTransfer?.files.length) return;
    event.preventDefault();
    take(event.dataTransfer.files);
  });
  if (!text) return;
  document.addEventListener("paste", (event) => {
    if (isField(event.target)) return;
    const { files } = event.clipboardData;
    const words = event.clipboardData.getData("text/plain");
    if (files.length > 0) take(files);
    else if (words.trim()) {
      text.value = words;
      form.requestSubmit();
    }
  });
}

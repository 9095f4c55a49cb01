// Takes a dropped file into the file field it stands around. Without it the field works as ever.

const NUMBER = new Intl.NumberFormat(document.documentElement.lang);

function describe(file) {
  return `${file.name}, ${NUMBER.format(Math.max(1, Math.round(file.size / 1024)))} kB`;
}

/** Let one area take files by drag and drop. */
export function connectDropZone(zone) {
  const input = zone.querySelector('input[type="file"]');
  const name = zone.querySelector('[data-drop-zone="name"]');
  const mark = (isOver) => zone.classList.toggle("drop-zone--over", isOver);
  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    mark(true);
  });
  zone.addEventListener("dragleave", (event) => mark(zone.contains(event.relatedTarget)));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    mark(false);
    if (event.dataTransfer.files.length === 0) return;
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
  input.addEventListener("change", () => {
    name.textContent = [...input.files].map(describe).join(" · ");
    if ("submits" in zone.dataset && input.files.length > 0) input.form?.requestSubmit();
  });
}

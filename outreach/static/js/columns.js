// The columns of a list: the arrows move a line here instead of asking the server.

function move(button) {
  const line = button.closest("li");
  const other = button.name === "up" ? line.previousElementSibling : line.nextElementSibling;
  if (!other) return;
  if (button.name === "up") other.before(line);
  else other.after(line);
  button.focus();
}

/** Let the arrows of one form move its lines. */
export function connectColumns(form) {
  form.addEventListener("click", (event) => {
    const button = event.target.closest("button[name=up], button[name=down]");
    if (!button) return;
    event.preventDefault();
    move(button);
  });
}

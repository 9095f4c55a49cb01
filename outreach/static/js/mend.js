// Counts the rows of a table of cells that were changed, and says so on the button that sends them.

/** Let a form's button tell how many of its rows would be sent. */
export function connectMend(form) {
  const button = form.querySelector('[data-mend="button"] > span') ?? form.querySelector('[data-mend="button"]');
  const isChanged = (row) =>
    [...row.querySelectorAll("input")].some((input) => input.value !== input.defaultValue);
  const tell = () => {
    const rows = [...form.querySelectorAll("[data-mend-row]")];
    const count = rows.filter(isChanged).length;
    for (const row of rows) row.classList.toggle("mend--changed", isChanged(row));
    if (count > 0) button.textContent = count === 1 ? "Retry 1 mended row" : `Retry ${count} mended rows`;
    else button.textContent = "Retry mended rows";
  };
  form.addEventListener("input", tell);
  tell();
}

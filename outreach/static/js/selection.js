// A selection of rows: Shift ticks everything between two rows, and once all that is shown is ticked,
// the bar offers all that match the filter.

const PICKS = "tbody .table__pick";

function tickBetween(form, first, last) {
  const boxes = [...form.querySelectorAll(PICKS)];
  const [from, to] = [boxes.indexOf(first), boxes.indexOf(last)].sort((a, b) => a - b);
  if (from < 0) return;
  for (const box of boxes.slice(from, to + 1)) box.checked = last.checked;
}

/** Follow the ticks of one form. */
export function connectSelection(form) {
  let latest = null;
  form.addEventListener("click", (event) => {
    if (!event.target.matches(PICKS)) return;
    if (event.shiftKey && latest) {
      tickBetween(form, latest, event.target);
      event.target.dispatchEvent(new Event("change", { bubbles: true }));
    }
    latest = event.target;
  });
  const offer = form.querySelector("[data-selection-all]");
  form.addEventListener("change", () => {
    if (!offer) return;
    offer.hidden = !form.querySelector("[data-pick-all]").matches(":checked:not(:indeterminate)");
    if (offer.hidden) offer.querySelector("input").checked = false;
  });
}

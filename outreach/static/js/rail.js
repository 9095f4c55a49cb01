// Folds the left rail to its icons, and remembers.
import { keep } from "outreach/registry";

/** Let one button fold and unfold the rail. */
export function connectRail(button) {
  const root = document.documentElement;
  const show = () => {
    const folded = root.dataset.rail === "folded";
    button.setAttribute("aria-expanded", String(!folded));
    button.title = folded ? "Unfold the rail" : "Fold the rail";
  };
  button.addEventListener("click", () => {
    if (root.dataset.rail === "folded") delete root.dataset.rail;
    else root.dataset.rail = "folded";
    keep("rail", root.dataset.rail ?? "open");
    show();
  });
  show();
}

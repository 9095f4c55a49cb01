// Switches between light and dark in this browser. boot.js applies the choice before the next paint.
import { keep } from "outreach/registry";

/** Let one button switch the theme. */
export function connectTheme(button) {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  button.addEventListener("click", () => {
    root.dataset.themeBase ??= root.dataset.theme ?? "system";
    const isDark = root.dataset.theme ? root.dataset.theme === "dark" : system.matches;
    root.dataset.theme = isDark ? "light" : "dark";
    keep("theme", `${root.dataset.theme}|${root.dataset.themeBase}`);
  });
}

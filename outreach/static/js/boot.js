// Runs before the first paint, so that nothing jumps: theme and folded rail as they were left.
// A theme chosen here holds until the one in the profile changes; it is kept as "dark|system".
(() => {
  const root = document.documentElement;
  const kept = (name) => {
    try {
      return localStorage.getItem(`outreach.${name}`) ?? "";
    } catch {
      return ""; // storage refused by the browser: the defaults serve
    }
  };
  const [theme, base] = kept("theme").split("|");
  if (theme && base === (root.dataset.theme ?? "system")) {
    root.dataset.themeBase = base;
    root.dataset.theme = theme;
  }
  if (kept("rail") === "folded") root.dataset.rail = "folded";
})();

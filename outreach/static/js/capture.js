// The small window of the bookmarklet: sends what came behind the # and shows the answer.

function show(root, { sentence, details, url }) {
  root.querySelector('[data-capture="sentence"]').textContent = sentence;
  const lines = details.filter(Boolean).map((text) => Object.assign(document.createElement("li"), { textContent: text }));
  root.querySelector('[data-capture="details"]').replaceChildren(...lines);
  const link = root.querySelector('[data-capture="link"]');
  link.hidden = !url;
  if (url) link.href = url;
}

/** Send the page once; the token leaves the address bar before anything else happens. */
export async function connectCapture(root) {
  const given = new URLSearchParams(location.hash.slice(1));
  history.replaceState(null, "", location.pathname);
  if (!given.has("token")) return void show(root, { sentence: "Open this window with the bookmark, on the page you want to add.", details: [], url: "" });
  const failed = { sentence: "The server cannot be reached. Nothing was added.", details: [], url: "" };
  const body = new URLSearchParams();
  for (const [name, most] of [["url", 4000], ["title", 300], ["text", 2000]]) body.set(name, (given.get(name) ?? "").slice(0, most));
  const headers = { Authorization: `Bearer ${given.get("token") ?? ""}` };
  const answer = await fetch(root.dataset.captureUrl, { method: "POST", body, headers, credentials: "omit" }).catch(() => null);
  show(root, answer ? await answer.json().catch(() => failed) : failed);
}

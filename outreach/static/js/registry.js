// Attaches behaviour to elements that ask for it with data-controller, once each, also after a swap.

const controllers = new Map();
const attached = new WeakMap();

/** Name a behaviour; `connect` gets each element that asks for it. */
export function register(name, connect) {
  controllers.set(name, connect);
}

function attach(element) {
  const done = attached.get(element) ?? new Set();
  attached.set(element, done);
  for (const name of element.dataset.controller.split(/\s+/)) {
    if (done.has(name) || !controllers.has(name)) continue;
    done.add(name);
    controllers.get(name)(element);
  }
}

/** Attach everything that asks for it at and below `root`. */
export function attachAll(root) {
  if (root.matches?.("[data-controller]")) attach(root);
  root.querySelectorAll("[data-controller]").forEach(attach);
}

/** Keep a small preference in this browser; losing it is no loss. */
export function keep(name, value) {
  try {
    localStorage.setItem(`outreach.${name}`, value);
  } catch {
    // storage refused by the browser
  }
}

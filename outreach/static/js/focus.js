// Puts the focus where a person expects it after a change: on the error summary, on an opened panel.

/** Move the focus to an element as it appears. */
export function connectFocus(element) {
  element.focus({ preventScroll: element.matches(".panel") });
}

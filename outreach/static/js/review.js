// The review without waiting: the next prospect is fetched while one is read, and shown the moment a
// decision is sent. A refusal brings back what was shown before, with a word about it.
import { attachAll } from "outreach/registry";
import { showToast } from "outreach/toast";

function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

async function send(form, body) {
  const headers = { "HX-Request": "true" };
  const answer = await fetch(form.action, { method: "POST", body, headers, keepalive: true });
  if (answer.status === 401) location.reload(); // signed out elsewhere: the server shows the sign-in page
  if (!answer.ok) throw new Error(`the server refused it (${answer.status})`);
  return parse(await answer.text());
}

/** Show prospects one after the other in one place. */
export function connectReview(place) {
  let ahead = null; // the next card, ready to be shown
  let sent = null; // the decision that is under way

  const card = () => place.querySelector("#review");

  function show(next) {
    card().replaceWith(next);
    htmx.process(next);
    attachAll(next);
    next.querySelector(".review__site")?.focus();
  }

  async function look() {
    const shown = card();
    const url = shown.dataset.following;
    ahead = null;
    if (!url) return;
    const answer = await fetch(url, { headers: { "HX-Request": "true" } }).catch(() => null);
    if (answer?.status !== 200) return; // it is fetched with the decision, then
    const found = parse(await answer.text()).querySelector("#review");
    if (card() === shown) ahead = found;
  }

  function take(answer, shown) {
    const other = answer.querySelector("#review");
    if (other) {
      show(other); // somebody else has the one that was shown, or the decision was not possible
      return look();
    }
    const word = (name) => answer.querySelector(`[data-ahead="${name}"]`)?.textContent.trim() ?? "";
    for (const name of ["said", "next"]) shown.querySelector(`.review__${name}`).textContent = word(name);
    ahead = answer.querySelector("template")?.content.querySelector("#review") ?? null;
  }

  async function decide(form, body) {
    const [before, next] = [card(), ahead];
    ahead = null;
    body.set("shown", next.dataset.prospect);
    show(next);
    try {
      await take(await send(form, body), next);
      htmx.trigger(document.body, "decided");
    } catch (error) {
      show(before);
      ahead = next;
      const why = error instanceof TypeError ? "the server cannot be reached" : error.message;
      before.querySelector(".review__said").textContent = `Nothing was decided: ${why}.`;
      showToast(`Nothing was decided: ${why}.`, "error");
    }
  }

  async function onSubmit(event) {
    const { target: form, submitter } = event;
    const isAhead = form.matches("[data-decides]") && ahead !== null;
    if (!sent && !isAhead) return; // htmx sends it, and shows what is answered
    event.preventDefault();
    event.stopPropagation();
    if (sent) {
      await sent;
      if (form.isConnected) form.requestSubmit(submitter);
      return;
    }
    sent = decide(form, new URLSearchParams(new FormData(form, submitter)));
    await sent;
    sent = null;
  }

  place.addEventListener("submit", onSubmit, { capture: true });
  place.addEventListener("htmx:load", (event) => event.detail.elt.id === "review" && look());
  look();
}

// Sends a form with files and shows how far it is. Without it the browser sends the form itself.

const NUMBER = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 });
const megabytes = (bytes) => NUMBER.format(bytes / 1e6);

function pace(event, began) {
  if (event.loaded >= event.total) return "All here. Looking at it.";
  const rate = event.loaded / Math.max(0.1, (performance.now() - began) / 1000);
  const left = NUMBER.format(Math.ceil((event.total - event.loaded) / Math.max(1, rate)));
  const so = `${megabytes(event.loaded)} of ${megabytes(event.total)} MB`;
  return `${so}, ${megabytes(rate)} MB a second, about ${left} s left.`;
}

/** What an answer says: where to go, or what is wrong. */
function read(request) {
  try {
    return JSON.parse(request.responseText);
  } catch {
    if (request.status === 413) return { problem: "This is too large: a file may have 2 GB." };
    if (request.status === 403) return { problem: "Your role in this workspace does not allow this." };
    return { problem: `The server refused this (${request.status}). Reload the page and try once more.` };
  }
}

/** Let one form send its files in the background of its page. */
export function connectUpload(form) {
  const part = (name) => form.querySelector(`[data-upload="${name}"]`);
  const [box, bar, sentence, problem] = ["box", "bar", "sentence", "problem"].map(part);
  const input = form.querySelector('input[type="file"]');
  let request = null;

  const rest = (said = "") => {
    request = null;
    box.hidden = true;
    input.value = "";
    input.dispatchEvent(new Event("change", { bubbles: true }));
    problem.textContent = said;
    problem.hidden = said === "";
  };
  const send = () => {
    const began = performance.now();
    request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => {
      bar.max = event.total;
      bar.value = event.loaded;
      sentence.textContent = pace(event, began);
    });
    request.addEventListener("load", () => {
      const answer = read(request);
      if (answer.location) location.assign(answer.location);
      else rest(answer.problem);
    });
    request.addEventListener("error", () =>
      rest("The server broke the upload off: it cannot be reached, or the file is too large."));
    request.send(new FormData(form));
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (request) return;
    const size = [...input.files].reduce((sum, file) => sum + file.size, 0);
    if (size > Number(form.dataset.mostBytes)) {
      rest(`These are ${megabytes(size)} MB: files may have ${megabytes(form.dataset.mostBytes)} MB at once.`);
      return;
    }
    problem.hidden = true;
    box.hidden = false;
    sentence.textContent = "Sending.";
    send();
  });
  part("stop").addEventListener("click", () => {
    request?.abort();
    rest("Stopped; nothing was kept.");
  });
  addEventListener("pageshow", (event) => event.persisted && rest());
}

// After an @ in a text box, a list of colleagues: arrows move in it, Enter or Tab takes one, Escape closes it.

const CALL = /(?:^|[^\w@./+-])@([\p{L}\p{N}_.-]*)$/u;
const MOST = 8;
let serial = 0;

const found = (people, asked) =>
  people
    .filter(({ name, handle }) => `${handle}\n${name.replaceAll(" ", "\n")}`.toLowerCase().split("\n").some((word) => word.startsWith(asked)))
    .slice(0, MOST);

class Mention {
  constructor(box) {
    this.box = box;
    this.people = null;
    this.list = document.createElement("ul");
    this.list.className = "mentions";
    this.list.id = `mentions-${++serial}`;
    this.list.hidden = true;
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", "Colleagues");
    box.after(this.list);
    box.setAttribute("aria-autocomplete", "list");
    box.setAttribute("aria-haspopup", "listbox");
  }

  async look() {
    const call = CALL.exec(this.box.value.slice(0, this.box.selectionStart));
    if (!call) return this.close();
    this.asked = call[1];
    this.people ??= fetch(this.box.dataset.people)
      .then((answer) => (answer.ok ? answer.json() : []))
      .catch(() => []);
    this.show(found(await this.people, call[1].toLowerCase()));
  }

  show(people) {
    this.list.replaceChildren(
      ...people.map(({ name, handle }, at) => {
        const option = document.createElement("li");
        option.id = `${this.list.id}-${at}`;
        option.className = "mentions__one";
        option.dataset.handle = handle;
        option.setAttribute("role", "option");
        option.textContent = `${name} @${handle}`;
        return option;
      }),
    );
    this.list.hidden = people.length === 0;
    if (people.length) this.mark(0);
    else this.box.removeAttribute("aria-activedescendant");
  }

  mark(at) {
    const options = [...this.list.children];
    this.at = (at + options.length) % options.length;
    options.forEach((option, each) => option.setAttribute("aria-selected", String(each === this.at)));
    this.box.setAttribute("aria-activedescendant", options[this.at].id);
  }

  take(option) {
    const end = this.box.selectionStart;
    this.box.setRangeText(`${option.dataset.handle} `, end - this.asked.length, end, "end");
    this.box.dispatchEvent(new Event("input", { bubbles: true }));
    this.close();
  }

  close() {
    this.list.hidden = true;
    this.box.removeAttribute("aria-activedescendant");
  }

  press(event) {
    if (this.list.hidden) return;
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps) this.mark(this.at + steps[event.key]);
    else if (event.key === "Enter" || event.key === "Tab") this.take(this.list.children[this.at]);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
  }
}

/** Offer colleagues in one text box. */
export function connectMention(box) {
  const mention = new Mention(box);
  box.addEventListener("input", () => mention.look());
  box.addEventListener("keydown", (event) => mention.press(event));
  box.addEventListener("blur", () => mention.close());
  mention.list.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    const option = event.target.closest("[data-handle]");
    if (option) mention.take(option);
  });
}

/** One message on the screen, in its latest state; its author can edit and delete it there. */
export class MessageBubble {
  item = document.createElement("li");
  #message;
  #own;
  #page;

  /**
   * @param {object} message without a seq while it is being sent
   * @param {boolean} own whether the reader wrote it
   * @param {{ edit(message: object, text: string): Promise<object>, remove(message: object): void }} page `edit`
   *     resolves with what has changed, or undefined if it did not succeed
   */
  constructor(message, own, page) {
    this.#message = message;
    this.#own = own;
    this.#page = page;
    if (own) this.item.className = "own";
    this.#draw();
  }

  /** Shows another state of the message, if it is a later one. What is being typed stays, unless it is deleted. */
  show(message) {
    if ((message.rev ?? 0) <= (this.#message.rev ?? 0)) return;
    this.#message = message;
    if (message.deleted || !this.item.querySelector("form")) this.#draw();
  }

  #draw() {
    const { from, text, created_at, edited_at, deleted, seq } = this.#message;
    const time = created_at
      ? new Date(created_at).toLocaleString([], { dateStyle: "short", timeStyle: "short" })
      : "sending ...";
    const head = element("small", `${from}, ${time}`);
    if (edited_at && !deleted) head.append(", ", element("span", "edited", "edited"));
    if (this.#own && seq && !deleted) head.append(this.#actions());
    this.item.replaceChildren(head, deleted ? element("em", "deleted") : text);
  }

  #actions() {
    const actions = element("span", "", "actions");
    const edit = element("button", "Edit");
    const remove = element("button", "Delete");
    edit.onclick = () => this.#edit();
    remove.onclick = () => {
      if (remove.dataset.asked) this.#page.remove(this.#message);
      remove.dataset.asked = "yes";
      remove.textContent = "Really delete?";
    };
    remove.onblur = () => {
      delete remove.dataset.asked;
      remove.textContent = "Delete";
    };
    for (const button of [edit, remove]) button.type = "button";
    actions.append(edit, remove);
    return actions;
  }

  #edit() {
    const form = document.createElement("form");
    const field = document.createElement("textarea");
    const cancel = element("button", "Cancel");
    cancel.type = "button";
    field.value = this.#message.text;
    field.setAttribute("aria-label", "Edit the message");
    form.append(field, element("button", "Save"), cancel);
    const close = () => {
      this.#draw();
      this.item.querySelector("button")?.focus();
    };
    cancel.onclick = close;
    field.onkeydown = (event) => {
      if (event.isComposing) return;
      if (event.key === "Escape") close();
      if (event.key !== "Enter" || event.shiftKey) return;
      event.preventDefault();
      form.requestSubmit();
    };
    form.onsubmit = async (event) => {
      event.preventDefault();
      const text = field.value;
      const change = text.trim() && (await this.#page.edit(this.#message, text));
      if (!change || !form.isConnected) return;
      this.show({ ...this.#message, text, ...change });
      close();
    };
    this.item.replaceChildren(form);
    field.focus();
    form.scrollIntoView({ block: "nearest" });
  }
}

function element(tag, text, className = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  made.className = className;
  return made;
}

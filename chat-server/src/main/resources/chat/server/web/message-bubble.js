import { withOwnReactions, withPreviewOf, withReaction } from "./chat-client.js";

const COMMON = ["👍", "❤️", "😂", "🎉", "😮", "😢", "🙏", "👎"];

/** One message on the screen, in its latest state; all can answer it and react to it there, and its author edit and delete it. */
export class MessageBubble {
  item = document.createElement("li");
  #message;
  #own;
  #page;
  #picking = false; // whether the common emoji are offered

  get message() {
    return this.#message;
  }

  /**
   * @param {object} message without a seq while it is being sent
   * @param {boolean} own whether the reader wrote it
   * @param {{
   *   username(): string,
   *   edit(message: object, text: string): Promise<object>,
   *   remove(message: object): void,
   *   answer(message: object): void,
   *   goTo(seq: number): void,
   *   react(message: object, emoji: string, on: boolean): void,
   *   whoReacts(message: object, emoji: string): Promise<object>,
   * }} page `edit` and `whoReacts` resolve with what has changed, or with a page of users; with undefined if they did
   *     not succeed
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
    const shown = this.#message.reply_preview;
    const isNewer = (message.reply_preview?.rev ?? 0) > (shown?.rev ?? 0);
    const reply_preview = isNewer ? message.reply_preview : shown;
    this.#message = withOwnReactions({ ...message, reply_preview }, this.#message);
    if (message.deleted || !this.item.querySelector("form")) this.#draw();
  }

  /** Shows that somebody reacted, or took that back. */
  react(reaction) {
    this.#message = withReaction(this.#message, reaction);
    if (reaction.me) this.#picking = false;
    this.#drawReactions();
  }

  /** The reader stays where they were with the keyboard. */
  #drawReactions() {
    const before = this.item.querySelector(".reactions");
    if (!before) return;
    const focused = before.contains(document.activeElement) ? document.activeElement.dataset.emoji : null;
    const after = this.#reactions();
    before.replaceWith(after);
    if (focused === null) return;
    const same = [...after.querySelectorAll("button")].find(({ dataset }) => dataset.emoji === focused);
    (same ?? after.querySelector(".more")).focus();
  }

  /** The message that this one answers may have changed. */
  showAnswered(changed) {
    const message = withPreviewOf(this.#message, changed);
    if (message === this.#message) return;
    this.#message = message;
    if (!this.item.querySelector("form")) this.#draw();
  }

  #draw() {
    const { from, text, created_at, edited_at, deleted, seq, reply_preview, mentions = [] } = this.#message;
    const time = created_at
      ? new Date(created_at).toLocaleString([], { dateStyle: "short", timeStyle: "short" })
      : "sending ...";
    const head = element("small", `${from}, ${time}`);
    if (edited_at && !deleted) head.append(", ", element("span", "edited", "edited"));
    if (this.#own && seq && !deleted) head.append(this.#actions());
    if (seq && !deleted) head.append(this.#reply());
    const quote = reply_preview && !deleted ? [this.#quote(reply_preview)] : [];
    this.item.classList.toggle("mentioned", !this.#own && mentions.includes(this.#page.username()));
    this.item.replaceChildren(head, ...quote, deleted ? element("em", "deleted") : text);
    if (seq && !deleted) this.item.append(this.#reactions());
  }

  #quote({ seq, from, text, deleted }) {
    const quote = element("button", "", "quote");
    quote.type = "button";
    quote.append(element("b", from), deleted ? element("em", "deleted") : element("span", text));
    quote.onclick = () => this.#page.goTo(seq);
    return quote;
  }

  #reply() {
    const reply = element("button", "Reply", "reply");
    reply.type = "button";
    reply.onclick = () => this.#page.answer(this.#message);
    return reply;
  }

  /** The reactions with their counts, and a button that offers the common ones. */
  #reactions() {
    const all = element("div", "", "reactions");
    for (const { emoji, count, me } of this.#message.reactions ?? []) {
      const button = this.#reaction(emoji, `${emoji} ${count}`, !me);
      button.setAttribute("aria-pressed", String(!!me));
      button.onpointerenter = button.onfocus = () => this.#tellWho(button, emoji, count);
      all.append(button);
    }
    const more = element("button", "☺+", "more");
    more.type = "button";
    more.title = "React";
    more.setAttribute("aria-label", "React");
    more.setAttribute("aria-expanded", String(this.#picking));
    more.onclick = () => {
      this.#picking = !this.#picking;
      this.#drawReactions();
      this.item.scrollIntoView({ block: "nearest" });
    };
    all.append(more);
    if (this.#picking) all.append(this.#picker());
    return all;
  }

  #picker() {
    const picker = element("span", "", "picker");
    const own = (this.#message.reactions ?? []).filter(({ me }) => me).map(({ emoji }) => emoji);
    picker.append(...COMMON.map((emoji) => this.#reaction(emoji, emoji, !own.includes(emoji))));
    return picker;
  }

  #reaction(emoji, text, on) {
    const button = element("button", text);
    button.type = "button";
    button.dataset.emoji = emoji;
    button.onclick = () => this.#page.react(this.#message, emoji, on);
    return button;
  }

  /** Names of those who react, once for each count. */
  async #tellWho(button, emoji, count) {
    if (button.title) return;
    button.title = emoji;
    const page = await this.#page.whoReacts(this.#message, emoji);
    if (!page) return;
    const names = page.reactions.map(({ username }) => username).join(", ");
    button.title = page.has_more ? `${names} and ${count - page.reactions.length} more` : names;
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
      this.item.querySelector(".actions button")?.focus();
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

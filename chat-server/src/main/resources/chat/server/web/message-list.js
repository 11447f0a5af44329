import { previewOf, withPreviewOf } from "./chat-client.js";
import { MessageBubble } from "./message-bubble.js";

const NEAR_PX = 40; // a reader so close to the bottom reads along

/**
 * The messages on the screen, by seq; those that are still being sent stay below all others. It follows the newest
 * message while the reader is at the bottom. While they read further up it stays where it is, and a button tells
 * that there is something new.
 */
export class MessageList {
  #list;
  #news;
  #page;
  #bubbles = new Map(); // by seq
  #unseen = 0;
  #following = true;

  /**
   * @param {HTMLElement} list scrolls
   * @param {HTMLButtonElement} news goes to the bottom
   * @param {{ username(): string, seen(): void }} page what MessageBubble needs, too; `seen` is called when the
   *     reader reaches the bottom
   */
  constructor(list, news, page) {
    this.#list = list;
    this.#news = news;
    this.#page = page;
    news.onclick = () => this.toBottom();
    list.onscroll = () => {
      this.#following = this.atBottom;
      if (!this.#following) return;
      this.#tellNews(0);
      page.seen();
    };
    new ResizeObserver(() => this.#following && this.toBottom()).observe(list);
  }

  get atBottom() {
    const { scrollHeight, scrollTop, clientHeight } = this.#list;
    return scrollHeight - scrollTop - clientHeight < NEAR_PX;
  }

  /** The seqs on the screen; undefined if there is no message. */
  get oldest() {
    return this.#seqs()[0];
  }

  get newest() {
    return this.#seqs().at(-1);
  }

  clear() {
    this.#list.replaceChildren();
    this.#bubbles.clear();
    this.#tellNews(0);
    this.#following = true;
  }

  toBottom() {
    this.#list.scrollTop = this.#list.scrollHeight;
    this.#following = true;
    this.#tellNews(0);
  }

  /** A message in its place; what was shown as being sent, or was there already, is not shown twice. */
  add(message) {
    const follows = this.atBottom;
    this.remove(message.client_message_id);
    if (this.#bubbles.has(message.seq)) {
      this.change(message);
      return;
    }
    const bubble = this.#bubble(message);
    this.#bubbles.set(message.seq, bubble);
    bubble.item.dataset.seq = message.seq;
    this.#insert(bubble.item, message.seq);
    if (follows) this.toBottom();
    else if (message.seq === this.newest && message.from !== this.#page.username()) this.#tellNews(this.#unseen + 1);
  }

  /** What a message is now, if it is on the screen and this is news. */
  change(message) {
    const follows = this.atBottom;
    this.#bubbles.get(message.seq)?.show(message);
    for (const bubble of this.#bubbles.values()) bubble.showAnswered(message);
    if (follows) this.toBottom();
  }

  /** Somebody reacted to a message, or took that back. */
  react(reaction) {
    const follows = this.atBottom;
    this.#bubbles.get(reaction.seq)?.react(reaction);
    if (follows) this.toBottom();
  }

  /** Shows a message that is on the screen, and marks it for a moment. */
  goTo(seq) {
    const item = this.#bubbles.get(seq)?.item;
    item?.scrollIntoView({ block: "center" });
    item?.animate?.([{ outline: "2px solid" }, { outline: "2px solid transparent" }], 1_500);
  }

  /** A message that is being sent. */
  addPending(message) {
    const { item } = this.#bubble({ ...message, from: this.#page.username() });
    item.classList.add("pending");
    item.dataset.clientMessageId = message.client_message_id;
    this.#list.append(item);
    this.toBottom();
  }

  /** What was being sent is not any more. */
  remove(clientMessageId) {
    [...this.#list.children].find((item) => item.dataset.clientMessageId === clientMessageId)?.remove();
  }

  /** A page of history, in place; the messages on the screen stay where they are. */
  addPage(messages, hasMore, loadEarlier) {
    const { scrollHeight, scrollTop } = this.#list;
    const follows = this.atBottom;
    const isEarlier = messages.at(-1)?.seq < this.oldest;
    messages.forEach((message) => this.add(message));
    if (!messages.length || messages[0].seq === this.oldest) {
      this.#list.querySelector("li.note")?.remove();
      if (hasMore) this.#list.prepend(this.#earlier(loadEarlier));
    }
    if (follows) this.toBottom();
    else if (isEarlier) this.#list.scrollTop = scrollTop + this.#list.scrollHeight - scrollHeight;
  }

  #seqs() {
    return [...this.#list.querySelectorAll("li[data-seq]")].map(({ dataset }) => Number(dataset.seq));
  }

  #insert(item, seq) {
    const later = [...this.#list.children].find(({ dataset, className }) =>
      className !== "note" && Number(dataset.seq ?? Infinity) > seq);
    this.#list.insertBefore(item, later ?? null);
  }

  #bubble(message) {
    return new MessageBubble(this.#withPreview(message), message.from === this.#page.username(), this.#page);
  }

  /** The preview of what is on the screen, if there is none yet or that one has changed. */
  #withPreview(message) {
    const answered = this.#bubbles.get(message.reply_to)?.message;
    if (!answered || message.deleted) return message;
    return message.reply_preview ? withPreviewOf(message, answered) : { ...message, reply_preview: previewOf(answered) };
  }

  #earlier(loadEarlier) {
    const item = document.createElement("li");
    item.className = "note";
    const button = document.createElement("button");
    button.textContent = "Earlier messages";
    button.onclick = loadEarlier;
    item.append(button);
    return item;
  }

  #tellNews(count) {
    this.#unseen = count;
    this.#news.hidden = count === 0;
    this.#news.textContent = count === 1 ? "1 new message ↓" : `${count} new messages ↓`;
  }
}

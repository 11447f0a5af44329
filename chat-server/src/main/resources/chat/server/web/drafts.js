/**
 * What a user has typed and not sent, for each conversation. It outlives a reload. Conversations are named
 * by their id, or by "@" and the other user while there is none.
 */
export class Drafts {
  #storage;
  #folder;

  constructor(storage, user) {
    this.#storage = storage;
    this.#folder = `chat-draft/${encodeURIComponent(user)}/`;
  }

  get(conversation) {
    return this.#storage.getItem(this.#folder + conversation) ?? "";
  }

  set(conversation, text) {
    try {
      if (text) this.#storage.setItem(this.#folder + conversation, text);
      else this.#storage.removeItem(this.#folder + conversation);
    } catch {
      // the storage is full: this draft lasts as long as it is on the screen
    }
  }

  /** Puts a text that was not sent before what is there. */
  giveBack(conversation, text) {
    const draft = this.get(conversation);
    this.set(conversation, draft ? `${text}\n${draft}` : text);
  }

  /** The conversation has got its id. */
  move(from, to) {
    const text = this.get(from);
    this.set(from, "");
    if (text) this.giveBack(to, text);
  }

  clear() {
    for (let i = this.#storage.length - 1; i >= 0; i--) {
      const key = this.#storage.key(i);
      if (key.startsWith(this.#folder)) this.#storage.removeItem(key);
    }
  }
}

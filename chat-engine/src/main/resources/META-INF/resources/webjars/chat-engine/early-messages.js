import { isLater } from "./changes.js";
import { withOwnReactions } from "./reactions.js";

/** Messages that came before their turn. Of two states of a message the later one stays. */
export class EarlyMessages {
  #held = new Map(); // conversation id -> Map of seq -> message

  get isEmpty() {
    return this.#held.size === 0;
  }

  /** The ids of the conversations of which there are some. */
  get conversations() {
    return [...this.#held.keys()];
  }

  /** Those of the messages of a conversation. @param {string} id */
  seqs(id) {
    return [...(this.#held.get(id)?.keys() ?? [])];
  }

  /** Whether there is a message of a seq, or any. @param {string} id @param {number} [seq] */
  has(id, seq) {
    const messages = this.#held.get(id);
    return !!messages && (seq === undefined || messages.has(seq));
  }

  hold(message) {
    const { conversation_id: id, seq } = message;
    if (!this.#held.has(id)) this.#held.set(id, new Map());
    const messages = this.#held.get(id);
    const held = messages.get(seq) ?? message;
    messages.set(seq, isLater(held, message) ? withOwnReactions(held, message) : withOwnReactions(message, held));
  }

  /**
   * Puts another state in the place of each message.
   *
   * @param {string} id
   * @param {(message: any) => any} next
   */
  update(id, next) {
    const messages = this.#held.get(id) ?? new Map();
    for (const [seq, message] of messages) messages.set(seq, next(message));
  }

  /**
   * The same for the message of one seq.
   *
   * @param {string} id
   * @param {number} seq
   * @param {(message: any) => any} next
   */
  updateOne(id, seq, next) {
    const messages = this.#held.get(id);
    if (messages?.has(seq)) messages.set(seq, next(messages.get(seq)));
  }

  /**
   * Takes out the messages that follow a seq without a gap, one by one; those up to it are forgotten.
   *
   * @param {string} id
   * @param {number} seq
   */
  *takeAfter(id, seq) {
    const messages = this.#held.get(id);
    if (!messages) return;
    for (const old of messages.keys()) if (old <= seq) messages.delete(old);
    for (let next = seq + 1; messages.has(next); next++) {
      const message = messages.get(next);
      messages.delete(next);
      yield message;
    }
    if (!messages.size) this.#held.delete(id);
  }

  /** @param {string} id */
  drop(id) {
    this.#held.delete(id);
  }

  clear() {
    this.#held.clear();
  }
}

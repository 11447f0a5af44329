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

  /** @param {string} id */
  seqs(id) {
    return [...(this.#held.get(id)?.keys() ?? [])];
  }

  /** @param {string} id @param {number} seq */
  has(id, seq) {
    return !!this.#held.get(id)?.has(seq);
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
   * Takes the message of a seq; those before it are forgotten.
   *
   * @param {string} id
   * @param {number} seq
   * @returns {any} undefined if it has not come
   */
  take(id, seq) {
    const messages = this.#held.get(id);
    if (!messages) return undefined;
    const message = messages.get(seq);
    for (const old of [...messages.keys()]) if (old < seq || (message && old === seq)) messages.delete(old);
    if (!messages.size) this.#held.delete(id);
    return message;
  }

  /** @param {string} id */
  drop(id) {
    this.#held.delete(id);
  }

  clear() {
    this.#held.clear();
  }
}

import { withOwnReactions } from "./reactions.js";

/** The rev of a conversation of which nothing is known. */
export const NOTHING_KNOWN = -1;

/**
 * Which changes of a conversation and of its messages are known, and which messages are to be given again.
 *
 * The changes of a conversation are numbered 1, 2, 3, ..., and a message has the number of its last change as `rev`.
 * Events and the pages of a sync may overtake one another, so the changes beyond a gap are kept apart; and no
 * message is given in a state that is older than the one that was given before.
 */
export class Changes {
  /** All changes up to this one were given, or wait here. */
  rev;
  #taken; // the rev when nothing waited the last time
  #early = new Set(); // revs beyond the next one
  #known = new Map(); // seq -> rev of a message, where it is beyond this.rev
  #waiting = new Map(); // seq -> message
  #reactions = new Map(); // rev -> the event, until all changes before it have come

  /** @param {number} rev */
  constructor(rev) {
    this.rev = this.#taken = rev;
  }

  /** Up to this one all changes were given: what waits would be lost with the page. */
  get givenRev() {
    const waits = this.#waiting.size > 0 || [...this.#reactions.keys()].some((rev) => rev <= this.rev);
    return waits ? Math.max(this.#taken, 0) : this.rev;
  }

  /** Whether a change is missing. */
  get gap() {
    return this.#early.size > 0;
  }

  get highest() {
    return Math.max(this.rev, ...this.#early);
  }

  /** A change has come. */
  came(rev) {
    this.#early.add(rev);
    this.#moveOn();
  }

  /**
   * All changes after one, up to another, have come with the messages that they changed. A reaction that came
   * before still waits: those messages need not contain it.
   */
  caughtUp(rev, after = NOTHING_KNOWN) {
    this.rev = Math.max(this.rev, rev);
    for (const old of this.#reactions.keys()) if (old > after && old <= rev) this.#reactions.delete(old);
    this.#moveOn();
  }

  /** All changes up to this one are void: everything is read anew. Those that have come since one was known last still count. */
  startFrom(rev, since) {
    for (let came = Math.max(rev, since) + 1; came <= this.rev; came++) this.#early.add(came);
    this.rev = this.#taken = rev;
    for (const waiting of [this.#waiting, this.#reactions]) {
      for (const [key, one] of waiting) if (one.rev <= rev) waiting.delete(key);
    }
    this.#moveOn();
  }

  /** A message from the answer to a sync, which takes the place of the reactions that it contains. */
  addRead(message) {
    const contained = [...this.#reactions.values()].filter(({ seq, rev }) => seq === message.seq && rev <= message.rev);
    for (const { rev } of contained) this.#reactions.delete(rev);
    this.add(message, contained.length > 0);
  }

  /** Lets a changed message wait, unless it is known in this state or a newer one. */
  add(message, isNews = false) {
    const { seq, rev } = message;
    const waiting = this.#waiting.get(seq);
    if (waiting && !isLater(message, waiting)) this.#waiting.set(seq, withOwnReactions(waiting, message));
    if ((rev <= this.rev && !isNews) || rev <= this.#known.get(seq)) return;
    this.#known.set(seq, rev);
    this.#waiting.set(seq, waiting ? withOwnReactions(message, waiting) : message);
  }

  /** Lets a reaction wait, unless it is known. */
  addReaction(reaction) {
    if (reaction.rev > this.rev) this.#reactions.set(reaction.rev, reaction);
  }

  /**
   * The reactions whose turn it is, in the order of the changes.
   *
   * @param {(seq: number) => boolean} isThere whether a message is; else the reaction to it waits
   */
  takeReactions(isThere) {
    const due = [...this.#reactions.values()].filter(({ seq, rev }) => rev <= this.rev && isThere(seq)).sort((a, b) => a.rev - b.rev);
    for (const { rev } of due) this.#reactions.delete(rev);
    return due;
  }

  /** A message is given in this state. */
  given({ seq, rev }) {
    if (rev > this.rev) this.#known.set(seq, Math.max(rev, this.#known.get(seq) ?? 0));
  }

  /** What has waited, in the order of the changes. */
  take() {
    const messages = [...this.#waiting.values()].sort((a, b) => a.rev - b.rev);
    this.#waiting.clear();
    this.#taken = this.rev;
    return messages;
  }

  #moveOn() {
    while (this.#early.has(this.rev + 1)) this.rev++;
    for (const rev of this.#early) if (rev <= this.rev) this.#early.delete(rev);
    for (const [seq, rev] of this.#known) if (rev <= this.rev) this.#known.delete(seq);
  }
}

/** Whether a message comes after another one, or is a later state of the same. */
export function isLater(message, other) {
  return message.seq > other.seq || (message.seq === other.seq && (message.rev ?? 0) > (other.rev ?? 0));
}

/** The message itself, of the frame that tells it or its change. */
export function asMessage({ type, change, ...message }) {
  return message;
}

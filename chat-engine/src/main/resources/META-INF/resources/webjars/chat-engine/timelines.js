import { asMessage } from "./changes.js";
import { Timeline } from "./timeline.js";

const MOST_IN_ALL = 10_000;

/**
 * The timelines of all conversations, kept up to date with what the stream gives. Memory is bounded: a timeline that
 * grows with new messages loses its oldest ones, and of all those that nobody keeps on a screen the ones that were used least
 * recently are emptied.
 */
export class Timelines {
  #ask;
  #conversation;
  #archived;
  #emit;
  #timelines = new Map(); // conversation id -> Timeline, the one used last at the end

  /**
   * @param {(page: object) => Promise<any>} ask for a page of history
   * @param {(id: string) => any} conversation how one stands; undefined if it is not known
   * @param {(id: string) => Promise<any>} archived the newest page of this device, where the server cannot be asked; else null
   * @param {(detail: object) => void} emit
   */
  constructor(ask, conversation, archived, emit) {
    this.#ask = ask;
    this.#conversation = conversation;
    this.#archived = archived;
    this.#emit = emit;
  }

  /** @param {string} id */
  of(id) {
    const timeline = this.#timelines.get(id) ?? new Timeline(id, {
      history: (page) => this.#history(page),
      conversation: this.#conversation,
      used: (one) => this.#used(one),
      changed: (one, kind, messages) => this.#changed(one, kind, messages),
    });
    this.#used(timeline);
    return timeline;
  }

  /** A message that is in memory. */
  find(id, seq) {
    return this.#timelines.get(id)?.messages.find((message) => message.seq === seq);
  }

  /** What the stream gives. */
  apply(type, detail) {
    const timeline = this.#timelines.get(detail?.conversation_id);
    switch (type) {
      case "message":
        timeline?.take(asMessage(detail));
        break;
      case "message_edited":
      case "message_deleted":
        timeline?.change(asMessage(detail));
        break;
      case "reaction":
        timeline?.react(detail);
        break;
      case "expired":
        timeline?.expire(detail.first_seq);
        break;
      case "gone":
        timeline?.forget();
        break;
      case "reset":
        if (timeline) this.#refresh(timeline);
        else if (!detail) for (const one of this.#timelines.values()) one.forget();
        break;
      case "online":
        for (const one of [...this.#timelines.values()]) if (one.kept) one.load().catch(() => {}); // those that could not be
    }
  }

  /** What is on a screen is read anew. */
  #refresh(timeline) {
    const wasLoaded = timeline.loaded;
    timeline.forget();
    if (wasLoaded) timeline.load().catch(() => {});
  }

  /** What is in memory up to the newest message, as it was given last; null if that is nothing. */
  newest(id) {
    const timeline = this.#timelines.get(id);
    return timeline?.loaded && !timeline.hasNewer && !timeline.lags ? timeline : null;
  }

  async #history({ limit, ...page }) {
    const isNewest = Object.keys(page).length === 1;
    return (isNewest && (await this.#archived(page.conversation_id))) || this.#ask({ ...page, limit });
  }

  #used(timeline) {
    this.#timelines.delete(timeline.conversation_id);
    this.#timelines.set(timeline.conversation_id, timeline);
  }

  #changed(timeline, kind, messages) {
    this.#emit({ conversation_id: timeline.conversation_id, kind, messages });
    if (kind !== "removed") this.#shrink(timeline);
  }

  #shrink(used) {
    let count = 0;
    for (const { messages } of this.#timelines.values()) count += messages.length;
    for (const one of this.#timelines.values()) {
      if (count <= MOST_IN_ALL) return;
      if (one === used || one.kept) continue;
      count -= one.messages.length;
      one.forget();
    }
  }
}

const SOON_MS = 1_000;
const MOST_AT_ONCE = 50; // conversations with news from before the connection

/**
 * Tells the server what this client has received: once a second at most for each conversation, one request at a time, so a
 * long absence does not flood it. It says so much only: what is shown to the user is for the application to mark as read.
 */
export class Acknowledgements {
  #received;
  #due = new Map(); // conversation id -> seq
  #timer;

  /** @param {(conversationId: string, seq: number) => Promise<void>} received */
  constructor(received) {
    this.#received = received;
  }

  /** A message of somebody else has come. */
  came({ conversation_id, seq }) {
    this.#due.set(conversation_id, Math.max(seq, this.#due.get(conversation_id) ?? 0));
    this.#timer ??= setTimeout(() => this.#tell(), SOON_MS);
  }

  /** This is how conversations stand at the beginning of a connection. */
  caughtUp(conversations) {
    const withNews = conversations.filter(({ unread, last_seq, read_seq }) => unread > 0 && last_seq > read_seq);
    for (const { conversation_id, last_seq } of withNews.slice(0, MOST_AT_ONCE)) this.came({ conversation_id, seq: last_seq });
  }

  /** The connection is gone, and another one begins with how everything stands then. */
  stop() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#due.clear();
  }

  async #tell() {
    const timer = this.#timer;
    while (this.#due.size && timer === this.#timer) {
      const [[conversationId, seq]] = this.#due;
      this.#due.delete(conversationId);
      await this.#received(conversationId, seq).catch(() => {}); // the next one says it, too
    }
    if (timer === this.#timer) this.#timer = undefined;
  }
}

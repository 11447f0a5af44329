import { ChatError } from "./chat-error.js";

const RESEND_MS = 1_000;
const LATER = new Set(["busy", "rate_limited"]);
const MOST_PAGES = 10_000; // of a sync

/** What the stream asks the server: again as long as the server is busy, and on one connection only. */
export class Questions {
  #connection;
  #connected = /** @type {?object} */ (null); // one for each connection

  /** @param {import("./connection.js").Connection} connection */
  constructor(connection) {
    this.#connection = connection;
  }

  /** The connection that there is, as a token; null if there is none. */
  get connected() {
    return this.#connected;
  }

  begin() {
    this.#connected = {};
  }

  end() {
    this.#connected = null;
  }

  /**
   * The pages of the answer, the conversations that were active last on the first. The newest message is left out
   * where the cursor has it, also where the page asks to forget it.
   *
   * @param {object} cursors
   */
  async *sync(cursors) {
    let page = await this.#ask("sync", { cursors });
    for (let i = 0; i < MOST_PAGES; i++) {
      const { conversations, gone, next_page } = page;
      for (const state of conversations) {
        if (!state.reset || state.last_message || !state.last_seq) continue;
        state.last_message = (await this.history(state.conversation_id, { limit: 1 })).at(-1);
      }
      yield { conversations, gone };
      if (!next_page) return;
      page = await this.#ask("sync", { cursors, page: next_page });
    }
    throw new ChatError("internal", "the answer to a sync has no end");
  }

  /** @param {string} conversation_id @param {object} page */
  async history(conversation_id, page) {
    return (await this.#ask("history", { conversation_id, ...page })).messages;
  }

  async #ask(type, fields) {
    const connected = this.#connected;
    for (let tries = 0; connected === this.#connected; tries++) {
      try {
        return await this.#connection.request(type, fields);
      } catch (error) {
        if (!LATER.has(error.code)) throw error;
        const leastMs = Math.min(RESEND_MS, 2 ** tries); // whatever the server says
        await new Promise((resolve) => setTimeout(resolve, Math.max(leastMs, error.retryAfterMs ?? RESEND_MS)));
      }
    }
    throw new ChatError("unavailable", "the connection was lost");
  }
}

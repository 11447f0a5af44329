/**
 * What went wrong with a request, a send or the connection.
 *
 * `code` is an error code of the protocol, or `closed`: the client is not connected by choice, because
 * `connect()` was not called, or `close()` was, or the server closed the connection for good.
 */
export class ChatError extends Error {
  /**
   * @param {string} code for programs
   * @param {string} message for people
   * @param {{ retryAfterMs?: number, kept?: boolean }} [details]
   */
  constructor(code, message, { retryAfterMs, kept = false } = {}) {
    super(message);
    this.name = "ChatError";
    this.code = code;
    /** After how many milliseconds the server advises to try again, if it says so. */
    this.retryAfterMs = retryAfterMs;
    /** Of a send: it stays in the storage, and goes out after the next connect of the same user. */
    this.kept = kept;
  }
}

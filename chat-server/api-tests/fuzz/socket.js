import WebSocket from "ws";
import { setTimeout as later } from "node:timers/promises";

const TIMEOUT_MILLIS = 30_000;

/** One connection on which one request is sent at a time. */
export class Socket {
  #socket;
  #reply = null;
  #closed = null;

  /** `onEvent` gets each frame that is no reply. */
  static async open(address, token, onEvent) {
    const socket = new Socket();
    socket.#socket = new WebSocket(`${address}/v1/ws`, { headers: { Authorization: `Bearer ${token}` } });
    await new Promise((resolve, reject) => {
      socket.#socket.on("message", (data) => {
        const frame = JSON.parse(data.toString());
        if (frame.type === "ok" || frame.type === "error") {
          socket.#reply?.(frame);
        } else {
          onEvent(frame);
          resolve();
        }
      });
      socket.#socket.on("close", (code) => {
        socket.#closed = code;
        socket.#reply?.(null);
        reject(new Error(`closed with ${code}`));
      });
      socket.#socket.on("error", reject);
    });
    return socket;
  }

  /** The reply; throws if there is none in time, or the connection ends. */
  async ask(text) {
    if (this.#closed !== null) {
      throw new Error(`the connection was closed with ${this.#closed}`);
    }
    const late = new AbortController();
    const reply = await Promise.race([
      new Promise((resolve) => {
        this.#reply = resolve;
        this.#socket.send(text);
      }),
      later(TIMEOUT_MILLIS, "late", { signal: late.signal }).catch(() => {}),
    ]);
    late.abort();
    this.#reply = null;
    if (reply === null) {
      throw new Error(`the connection was closed with ${this.#closed}`);
    }
    if (reply === "late") {
      throw new Error(`no reply within ${TIMEOUT_MILLIS} ms`);
    }
    return reply;
  }

  close() {
    this.#socket.close(1000);
  }
}

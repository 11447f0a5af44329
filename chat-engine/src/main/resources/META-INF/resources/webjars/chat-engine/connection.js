import { ChatError } from "./chat-error.js";
import { soundAnswer, soundError, soundEvent, soundLimits, within } from "./frames.js";

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 30_000;
const CONNECT_MS = 15_000;
const ANSWER_MS = 20_000;
const PING_MS = 5_000;
const HEARTBEAT_SECONDS = 30;
const LONGEST_HEARTBEAT_SECONDS = 600;
const LONGEST_ADVICE_MS = 300_000; // a server that asks to wait longer is asked again after this time
const OPEN = 1; // of a WebSocket

// Close codes (RFC 6455, 7.4, and two of the protocol's own).
const NORMAL = 1000;
const ABNORMAL = 1006;
const TOO_BIG = 1009;
const UNAUTHORIZED = 4401;
const FORBIDDEN = 4403;
const FOR_GOOD = new Set([1002, 1003, 1007, 1008]); // the same would happen again

const encoder = new TextEncoder();

/**
 * How many bytes a text has in UTF-8.
 *
 * @param {string} text
 */
export function utf8Length(text) {
  return encoder.encode(text).length;
}

/**
 * The WebSocket: opens it, asks for credentials each time, notices when it is dead, and comes back
 * with full jitter (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/), until it
 * is closed or the server says that coming back is pointless. Requests are matched with their replies
 * here, and each of them settles: with the reply, the loss of the connection, or its deadline.
 *
 * At any time there is at most one attempt, from the call of `login` to the close of its socket. What
 * arrives from an earlier one is ignored. The one timer belongs to the state: while there is no attempt
 * it starts the next one, until the welcome it is the deadline for it, afterwards it watches the silence.
 */
export class Connection {
  #options;
  #listener;
  #wanted = false;
  /** @type {?{socket: ?WebSocket, renewed: boolean, welcomed: boolean, heard: boolean, probing: boolean, retryAfterMs?: number}} */
  #attempt = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #pending = new Map(); // request id -> { type, resolve, reject, timer, bytes }
  #requests = 0;
  #failures = 0; // in a row, without a connection that lasted
  #renew = false; // the credentials were refused
  #advised = false; // the server has said how long to wait
  #heardAt = 0;
  #heartbeatMs = 0;
  #frameBytes = Infinity;

  /**
   * @param {object} options those of ChatClient
   * @param {{
   *   welcome(frame: object): void,
   *   frame(frame: object): void,
   *   lost(loss: { code: number, retryInMs: number }): void,
   *   stopped(error: ChatError, code: number): void,
   * }} listener
   */
  constructor(options, listener) {
    this.#options = {
      connectTimeoutMs: CONNECT_MS,
      requestTimeoutMs: ANSWER_MS,
      pingTimeoutMs: PING_MS,
      ...options,
    };
    this.#listener = listener;
  }

  /** Whether requests can be sent. */
  get ready() {
    return !!this.#attempt?.welcomed && this.#attempt.socket?.readyState === OPEN;
  }

  /** Whether it is open or will be, by itself. */
  get wanted() {
    return this.#wanted;
  }

  open() {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#failures = 0;
    this.#renew = false;
    this.#watchTheNetwork(true);
    this.#try();
  }

  close() {
    if (!this.#wanted) return;
    this.#wanted = false;
    this.#watchTheNetwork(false);
    this.#leave(NORMAL);
  }

  /** Gives the present socket up, whatever its state, and comes back. */
  abandon() {
    if (this.#attempt) this.#ended(this.#attempt, ABNORMAL);
  }

  /**
   * @param {string} type
   * @param {object} [fields]
   * @param {number} [timeoutMs]
   * @returns {Promise<any>} the reply; rejects with a ChatError
   */
  request(type, fields = {}, timeoutMs = this.#options.requestTimeoutMs) {
    return new Promise((resolve, reject) => {
      if (!this.#wanted) throw new ChatError("closed", "call connect() first");
      if (!this.ready) throw new ChatError("unavailable", "not connected");
      const id = String(++this.#requests);
      const text = JSON.stringify({ ...fields, type, id });
      const bytes = utf8Length(text);
      if (bytes > this.#frameBytes) throw tooLarge("the request", bytes, this.#frameBytes);
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        reject(new ChatError("unavailable", "no answer in time"));
      }, timeoutMs);
      this.#pending.set(id, { type, resolve, reject, timer, bytes });
      this.#attempt?.socket?.send(text);
    });
  }

  async #try() {
    const attempt = {
      socket: /** @type {?WebSocket} */ (null),
      renewed: this.#renew,
      welcomed: false,
      heard: true,
      probing: false,
    };
    this.#attempt = attempt;
    this.#schedule(this.#options.connectTimeoutMs, () => this.#ended(attempt, ABNORMAL));
    try {
      const { url, login, protocols, device, WebSocket = globalThis.WebSocket } = this.#options;
      const query = await login?.({ refused: attempt.renewed });
      const address = socketAddress(typeof url === "function" ? await url() : url);
      if (attempt !== this.#attempt) return; // closed, or too late
      if (device) address.searchParams.set("device", device);
      for (const [name, value] of Object.entries(query ?? {})) address.searchParams.set(name, value);
      const socket = new WebSocket(address, protocols);
      attempt.socket = socket;
      socket.onmessage = ({ data }) => attempt === this.#attempt && this.#received(attempt, data);
      socket.onclose = ({ code }) => this.#ended(attempt, code);
      socket.onerror = () => !attempt.welcomed && this.#ended(attempt, ABNORMAL); // Node 20 tells no close of what never opened
    } catch (error) {
      if (attempt !== this.#attempt) return;
      if (error?.code === "unauthorized") this.#ended(attempt, UNAUTHORIZED, error);
      else if (error?.code === "forbidden") this.#ended(attempt, FORBIDDEN, error);
      else this.#ended(attempt, ABNORMAL);
    }
  }

  /** @param {ChatError} [refusal] by login(), which has done what it can */
  #ended(attempt, code, refusal) {
    if (attempt !== this.#attempt) return;
    const blamed = this.#leave(code);
    if (code === FORBIDDEN) {
      this.#giveUp(code, refusal ?? new ChatError("forbidden", "this user may not connect"));
    } else if (code === UNAUTHORIZED) {
      const inVain = refusal || !this.#options.login || (attempt.renewed && !attempt.welcomed);
      if (inVain) this.#giveUp(code, refusal ?? new ChatError("unauthorized", "logged out"));
      else {
        this.#renew = true;
        this.#retry(code);
      }
    } else if (FOR_GOOD.has(code) || (code === TOO_BIG && !blamed)) {
      this.#giveUp(code, new ChatError("closed", `the server closed the connection for good, with ${code}`));
    } else {
      this.#retry(code, attempt.retryAfterMs);
    }
  }

  /** Ends the attempt. After 1009 the largest request is the one to blame: it fails, and no other. */
  #leave(code) {
    const attempt = this.#attempt;
    this.#attempt = null;
    clearTimeout(this.#timer);
    const waiting = [...this.#pending.values()];
    this.#pending.clear();
    const largest = waiting.reduce((most, { bytes }) => Math.max(most, bytes), 0);
    const blamed = code === TOO_BIG ? waiting.find(({ bytes }) => bytes === largest) : undefined;
    for (const request of waiting) {
      clearTimeout(request.timer);
      if (request === blamed) request.reject(new ChatError("too_large", `the server takes no frame of ${largest} bytes`));
      else request.reject(new ChatError("unavailable", "the connection was lost"));
    }
    attempt?.socket?.close(NORMAL);
    return blamed;
  }

  #giveUp(code, error) {
    this.#wanted = false;
    this.#watchTheNetwork(false);
    this.#listener.stopped(error, code);
  }

  #retry(code, advisedMs) {
    const longest = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failures++);
    const retryInMs = Math.round(advisedMs ?? Math.random() * longest); // full jitter
    this.#advised = advisedMs !== undefined;
    this.#schedule(retryInMs, () => this.#try());
    this.#listener.lost({ code, retryInMs });
  }

  #received(attempt, data) {
    let frame;
    try {
      frame = JSON.parse(data);
    } catch {
      return; // no frame of this protocol
    }
    attempt.heard = true;
    this.#heardAt = performance.now();
    switch (frame?.type) {
      case "welcome":
        if (!attempt.welcomed) this.#welcomed(attempt, { ...frame, limits: soundLimits(frame.limits) });
        break;
      case "ok":
      case "error":
        this.#answered(frame);
        break;
      case "bye":
        attempt.retryAfterMs = within(frame.retry_after_ms, 0, LONGEST_ADVICE_MS);
        this.#listener.frame(frame);
        break;
      default:
        if (attempt.welcomed && frame) this.#happened(soundEvent(frame));
    }
  }

  #happened(event) {
    if (event) this.#listener.frame(event);
  }

  #welcomed(attempt, frame) {
    attempt.welcomed = true;
    this.#renew = false;
    this.#frameBytes = frame.limits.max_frame_bytes ?? Infinity;
    this.#heartbeatMs = 1000 * (within(frame.heartbeat_seconds, 1, LONGEST_HEARTBEAT_SECONDS) ?? HEARTBEAT_SECONDS);
    this.#watch(attempt);
    this.#listener.welcome(frame);
  }

  #answered(frame) {
    const waiting = this.#pending.get(frame.id);
    if (!waiting) return;
    this.#pending.delete(frame.id);
    clearTimeout(waiting.timer);
    if (frame.type === "ok") {
      const answer = soundAnswer(waiting.type, frame);
      if (answer) waiting.resolve(answer);
      else waiting.reject(new ChatError("internal", `the server's answer to ${waiting.type} makes no sense`));
    } else {
      const { code, message } = soundError(frame);
      waiting.reject(new ChatError(code, message, { retryAfterMs: within(frame.retry_after_ms, 1, LONGEST_ADVICE_MS) }));
    }
  }

  // ---- a dead network, or a server that stands still, closes no socket

  #watch(attempt) {
    const silentMs = performance.now() - this.#heardAt;
    if (silentMs >= this.#heartbeatMs) {
      this.#probe(attempt);
    } else {
      this.#schedule(this.#heartbeatMs - silentMs, () => {
        this.#failures = 0; // this connection lasts
        this.#watch(attempt);
      });
    }
  }

  /** Any frame is a sign of life, and so are bytes that leave: on a slow line the ping waits behind them. */
  #probe(attempt) {
    if (attempt.probing) return;
    attempt.probing = true;
    attempt.heard = false;
    const queued = attempt.socket.bufferedAmount;
    this.request("ping").catch(() => {});
    this.#schedule(this.#options.pingTimeoutMs, () => {
      attempt.probing = false;
      if (attempt.heard || attempt.socket.bufferedAmount < queued) this.#watch(attempt);
      else this.#ended(attempt, ABNORMAL);
    });
  }

  #watchTheNetwork(on) {
    const change = on ? "addEventListener" : "removeEventListener";
    globalThis[change]?.("online", this.#networkChanged);
    globalThis[change]?.("offline", this.#networkChanged);
    globalThis.document?.[change]("visibilitychange", this.#networkChanged);
  }

  /** In a hidden tab, and in a computer that slept, timers come late. */
  #networkChanged = ({ type }) => {
    if (type === "visibilitychange" && document.hidden) return;
    if (this.#attempt?.welcomed) this.#probe(this.#attempt);
    else if (!this.#attempt && type !== "offline" && !this.#advised) {
      this.#schedule(Math.random() * FIRST_RETRY_MS, () => this.#try());
    }
  };

  #schedule(ms, work) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(work, ms);
  }
}

/**
 * @param {string | URL} url absolute, or relative to the page; http and https become ws and wss
 * @returns {URL}
 */
export function socketAddress(url) {
  const address = new URL(url, globalThis.location?.href);
  address.protocol = address.protocol.replace("http", "ws");
  return address;
}

/**
 * Throws if a text is longer than the server takes.
 *
 * @param {unknown} text
 * @param {?{ max_text_bytes?: number }} limits
 */
export function checkText(text, limits) {
  const bytes = typeof text === "string" ? utf8Length(text) : 0;
  const most = limits?.max_text_bytes ?? Infinity;
  if (bytes > most) throw tooLarge("the text", bytes, most);
}

/**
 * @param {string} what
 * @param {number} bytes
 * @param {number} most
 */
export function tooLarge(what, bytes, most) {
  return new ChatError("too_large", `${what} has ${bytes} bytes; at most ${most} are allowed`);
}

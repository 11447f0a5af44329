// A client of chat-server for browsers: REST for the login, a WebSocket for the rest. It reconnects
// by itself and syncs, so that a listener gets every message once, in order, whatever the network
// does.
//
//   const client = new ChatClient();
//   await client.logIn(email, password);
//   client.addEventListener("message", ({ detail }) => show(detail));
//   await client.connect();
//   await client.send({ to: "bob", text: "hello" });

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 30_000;
const ANSWER_MS = 20_000;

export class ChatError extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/** Events: message, receipt, typing, presence, conversation, online, offline, loggedout, synced. */
export class ChatClient extends EventTarget {
  #session = null;
  #socket = null;
  #pending = new Map(); // request id -> { resolve, reject, timer }
  #cursors = new Map(); // conversation id -> seq of the last message given to the listeners
  #early = null; // messages that arrive while a sync is under way
  #epoch = null;
  #requests = 0;
  #failures = 0;
  #wanted = false;

  get username() {
    return this.#session?.user.username ?? null;
  }

  get online() {
    return this.#socket?.readyState === WebSocket.OPEN && this.#early === null;
  }

  register(username, email, password) {
    return this.#rest("POST", "/v1/auth/register", { username, email, password });
  }

  async logIn(email, password) {
    this.#session = await this.#rest("POST", "/v1/auth/login", { email, password });
    this.#remember();
  }

  /** Takes up the login that this tab had before a reload; false if there was none. */
  async resume() {
    const kept = sessionStorage.getItem("chat-session");
    if (!kept) return false;
    this.#session = JSON.parse(kept);
    try {
      await this.#refresh();
      return true;
    } catch (error) {
      if (!(error instanceof ChatError) || error.code !== "unauthorized") throw error;
      this.#forget();
      return false;
    }
  }

  async logOut() {
    const refresh_token = this.#session.refresh_token;
    this.close();
    this.#forget();
    await this.#rest("DELETE", "/v1/auth/logout", { refresh_token });
  }

  /** Resolves when the first sync is through; from then on it stays connected by itself. */
  async connect() {
    this.#wanted = true;
    const synced = new Promise((resolve) => this.addEventListener("synced", resolve, { once: true }));
    this.#open();
    await synced;
  }

  close() {
    this.#wanted = false;
    this.#socket?.close(1000);
  }

  /** One of to (username), group (name), conversation_id; safe to repeat with the same client_message_id. */
  async send({ client_message_id = crypto.randomUUID(), ...rest }) {
    const ack = await this.request("send", { client_message_id, ...rest });
    this.#give({ ...ack, from: this.username, text: rest.text, client_message_id });
    return ack;
  }

  request(type, fields = {}) {
    return new Promise((resolve, reject) => {
      if (this.#socket?.readyState !== WebSocket.OPEN) {
        reject(new ChatError("unavailable", "not connected"));
        return;
      }
      const id = String(++this.#requests);
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        reject(new ChatError("unavailable", "no answer in time"));
      }, ANSWER_MS);
      this.#pending.set(id, { resolve, reject, timer });
      this.#socket.send(JSON.stringify({ type, id, ...fields }));
    });
  }

  async #open() {
    try {
      if (Date.parse(this.#session.access_token_expires_at) < Date.now() + 10_000) {
        await this.#refresh();
      }
      const { otp } = await this.#rest("POST", "/v1/auth/otp");
      const { ws_url, ws_port } = await this.#rest("GET", "/config.json");
      const address = new URL(ws_url ?? `//${location.hostname}:${ws_port}/v1/ws`, location.href);
      address.protocol = address.protocol.replace("http", "ws"); // https: becomes wss:
      address.search = new URLSearchParams({ otp, username: this.username });
      const socket = new WebSocket(address);
      this.#socket = socket;
      this.#early = [];
      socket.onmessage = ({ data }) => this.#received(JSON.parse(data));
      socket.onclose = ({ code }) => this.#closed(socket, code);
    } catch (error) {
      if (error instanceof ChatError && error.code === "unauthorized") {
        this.#loggedOut();
      } else {
        this.#retry();
      }
    }
  }

  #received(frame) {
    switch (frame.type) {
      case "welcome":
        this.#failures = 0;
        if (this.#epoch !== null && this.#epoch !== frame.epoch) this.#cursors.clear();
        this.#epoch = frame.epoch;
        this.#sync();
        break;
      case "ok":
      case "error": {
        const waiting = this.#pending.get(frame.id);
        if (!waiting) break;
        this.#pending.delete(frame.id);
        clearTimeout(waiting.timer);
        if (frame.type === "ok") waiting.resolve(frame);
        else waiting.reject(new ChatError(frame.code, frame.message));
        break;
      }
      case "message":
        if (this.#early) this.#early.push(frame);
        else this.#give(frame);
        break;
      case "resync":
        this.#early ??= [];
        this.#sync();
        break;
      default:
        this.#emit(frame.type, frame);
    }
  }

  async #sync() {
    try {
      const cursors = Object.fromEntries(
        [...this.#cursors].map(([conversation, seq]) => [conversation, { seq, rev: 0 }]),
      );
      const { conversations } = await this.request("sync", { cursors });
      for (const state of conversations) {
        for (const message of state.missed ?? []) this.#give(message);
        while (state.has_more) {
          const after = this.#cursors.get(state.conversation_id);
          const page = await this.request("history", {
            conversation_id: state.conversation_id, after, limit: 100,
          });
          for (const message of page.messages) this.#give(message);
          state.has_more = page.has_more;
        }
        if (!this.#cursors.has(state.conversation_id)) {
          this.#cursors.set(state.conversation_id, state.last_seq);
        }
      }
      const early = this.#early ?? [];
      this.#early = null;
      for (const message of early) this.#give(message);
      this.#emit("synced", conversations);
      this.#emit("online");
    } catch {
      this.#socket?.close(); // comes back by itself, and syncs anew
    }
  }

  /** In order, each once: what is older than the cursor was given before. */
  #give(message) {
    const last = this.#cursors.get(message.conversation_id) ?? 0;
    if (message.seq <= last) return;
    if (message.seq > last + 1 && this.#early === null) {
      this.#early = [message]; // a gap: an acknowledgement overtook another's message
      this.#sync();
      return;
    }
    this.#cursors.set(message.conversation_id, message.seq);
    this.#emit("message", message);
  }

  #closed(socket, code) {
    if (socket !== this.#socket) return;
    for (const waiting of this.#pending.values()) {
      clearTimeout(waiting.timer);
      waiting.reject(new ChatError("unavailable", "the connection was lost"));
    }
    this.#pending.clear();
    this.#emit("offline");
    if (code === 4401) this.#loggedOut();
    else if (this.#wanted && code !== 1008 && code !== 1009) this.#retry();
  }

  #retry() {
    if (!this.#wanted) return;
    const longest = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failures++);
    setTimeout(() => this.#wanted && this.#open(), Math.random() * longest); // full jitter
  }

  #loggedOut() {
    this.#wanted = false;
    this.#forget();
    this.#emit("loggedout");
  }

  async #refresh() {
    const { refresh_token } = this.#session;
    const renewed = await this.#rest("POST", "/v1/auth/token", { refresh_token });
    this.#session = { ...this.#session, ...renewed };
    this.#remember();
  }

  #remember() {
    sessionStorage.setItem("chat-session", JSON.stringify(this.#session));
  }

  #forget() {
    this.#session = null;
    sessionStorage.removeItem("chat-session");
  }

  async #rest(method, path, body) {
    const headers = { "Content-Type": "application/json" };
    if (this.#session) headers.Authorization = `Bearer ${this.#session.access_token}`;
    const response = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
    const reply = await response.json();
    if (!response.ok) throw new ChatError(reply.error.code, reply.error.message);
    return reply;
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

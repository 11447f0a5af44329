// A client of chat-server for browsers: REST for the login, a WebSocket for the rest. It reconnects
// by itself, so that a listener gets every message once, in order, and what was sent goes out once,
// whatever the network does.
//
//   const client = new ChatClient();
//   await client.logIn(email, password);
//   client.addEventListener("message", ({ detail }) => show(detail));
//   await client.connect();
//   await client.send({ to: "bob", text: "hello" }); // committed
//
// Its stream rests on three things. A cursor for each conversation: the seq of the last message
// given to the listeners. What came too early, ahead of the cursor: an acknowledgement that overtook
// somebody else's message, or anything while a sync is under way. And an outbox: what is not
// acknowledged yet, which goes out again after each reconnect under the same client_message_id, so
// that the server stores it once.

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 30_000;
const ANSWER_MS = 20_000;
const RESEND_MS = 1_000;
const PAGE = 100;
const TRIED_AGAIN = new Set(["unavailable", "busy", "rate_limited"]);
const FOR_GOOD = new Set([1008, 1009]); // closed for something that would happen again

export class ChatError extends Error {
  constructor(code, message, retryAfterMs) {
    super(message);
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * Events: message (in order, each once, one's own included), conversations (the list below has
 * changed), receipt, typing, presence, conversation, online, offline ({code, forGood}), loggedout.
 */
export class ChatClient extends EventTarget {
  #session = null;
  #socket = null;
  #pending = new Map(); // request id -> { resolve, reject, timer }
  #conversations = new Map(); // id -> see get conversations()
  #cursors = new Map(); // conversation id -> seq
  #ahead = new Map(); // conversation id -> Map of seq -> message
  #outbox = new Map(); // client_message_id -> { fields, resolve, reject }
  #syncing = false;
  #syncAgain = false;
  #live = false; // whether the first sync of this socket is through
  #epoch = null;
  #heartbeat = null;
  #heardAt = 0;
  #requests = 0;
  #failures = 0;
  #wanted = false;

  get username() {
    return this.#session?.user.username ?? null;
  }

  get online() {
    return this.#live && this.#socket?.readyState === WebSocket.OPEN;
  }

  /** [{ conversation_id, kind, name or peer, role, last_seq, read_seq, unread, last_message }] */
  get conversations() {
    return [...this.#conversations.values()];
  }

  // ---- logging in

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
      if (error.code !== "unauthorized") throw error;
      this.#forget();
      return false;
    }
  }

  async logOut() {
    const { refresh_token } = this.#session;
    this.close();
    this.#forget();
    await this.#rest("DELETE", "/v1/auth/logout", { refresh_token });
  }

  // ---- the connection

  /** Resolves when the first sync is through; from then on it stays connected by itself. */
  connect() {
    this.#wanted = true;
    return new Promise((resolve, reject) => {
      this.addEventListener("online", resolve, { once: true });
      this.addEventListener("loggedout", () => reject(new ChatError("unauthorized", "logged out")), { once: true });
      this.#open();
    });
  }

  close() {
    this.#wanted = false;
    this.#socket?.close(1000);
    for (const { reject } of this.#outbox.values()) reject(new ChatError("unavailable", "closed"));
    this.#outbox.clear();
  }

  async #open() {
    try {
      if (Date.parse(this.#session.access_token_expires_at) < Date.now() + 10_000) await this.#refresh();
      const { otp } = await this.#rest("POST", "/v1/auth/otp");
      const { ws_url, ws_port } = await this.#rest("GET", "/config.json");
      const address = new URL(ws_url ?? `//${location.hostname}:${ws_port}/v1/ws`, location.href);
      address.protocol = address.protocol.replace("http", "ws"); // https: becomes wss:
      address.search = new URLSearchParams({ otp, username: this.username });
      if (!this.#wanted) return;
      const socket = new WebSocket(address);
      this.#socket = socket;
      socket.onmessage = ({ data }) => socket === this.#socket && this.#received(JSON.parse(data));
      socket.onclose = ({ code }) => this.#closed(socket, code);
    } catch (error) {
      if (error.code === "unauthorized") this.#loggedOut();
      else this.#retry();
    }
  }

  #closed(socket, code) {
    if (socket !== this.#socket) return;
    this.#socket = null;
    this.#live = this.#syncing = this.#syncAgain = false;
    clearInterval(this.#heartbeat);
    for (const { reject, timer } of this.#pending.values()) {
      clearTimeout(timer);
      reject(new ChatError("unavailable", "the connection was lost"));
    }
    this.#pending.clear();
    const forGood = !this.#wanted || FOR_GOOD.has(code);
    this.#emit("offline", { code, forGood });
    if (code === 4401) this.#loggedOut();
    else if (!forGood) this.#retry();
  }

  #retry() {
    const longest = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failures++);
    setTimeout(() => this.#wanted && this.#open(), Math.random() * longest); // full jitter
  }

  /** A dead network closes no socket: who hears nothing for long asks, and gives up on silence. */
  #watch(socket, seconds) {
    clearInterval(this.#heartbeat);
    this.#heartbeat = setInterval(() => {
      if (Date.now() - this.#heardAt < seconds * 1000) return;
      this.request("ping").catch(() => this.#abandon(socket));
    }, seconds * 1000);
  }

  /** Its close event may be long in coming; what follows need not wait for it. */
  #abandon(socket) {
    socket.close();
    this.#closed(socket, 1006);
  }

  #received(frame) {
    this.#heardAt = Date.now();
    switch (frame.type) {
      case "welcome":
        this.#failures = 0;
        if (this.#epoch !== frame.epoch) this.#startAfresh();
        this.#epoch = frame.epoch;
        this.#watch(this.#socket, frame.heartbeat_seconds);
        this.#sync();
        break;
      case "ok":
      case "error":
        this.#answered(frame);
        break;
      case "message":
        this.#take(frame);
        break;
      case "conversation":
        this.#conversationChanged(frame);
        break;
      case "receipt":
        if (frame.kind === "read" && frame.username === this.username) this.#readUpTo(frame.conversation_id, frame.seq);
        this.#emit("receipt", frame);
        break;
      case "resync":
        this.#sync();
        break;
      default:
        this.#emit(frame.type, frame);
    }
  }

  // ---- requests

  /** Any request of the protocol but sync; rejects with a ChatError. */
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

  #answered(frame) {
    const waiting = this.#pending.get(frame.id);
    if (!waiting) return;
    this.#pending.delete(frame.id);
    clearTimeout(waiting.timer);
    if (frame.type === "ok") waiting.resolve(frame);
    else waiting.reject(new ChatError(frame.code, frame.message, frame.retry_after_ms));
  }

  /**
   * Sends to one of to (username), group (name) and conversation_id. Resolves once it is stored,
   * however many reconnects that takes; rejects if the server refuses it.
   */
  send({ client_message_id = newMessageId(), ...fields }) {
    return new Promise((resolve, reject) => {
      this.#outbox.set(client_message_id, { fields: { client_message_id, ...fields }, resolve, reject });
      if (this.online) this.#transmit(client_message_id);
    });
  }

  async #transmit(key) {
    const entry = this.#outbox.get(key);
    if (!entry) return;
    try {
      const { message_id, conversation_id, seq, created_at, ...ack } = await this.request("send", entry.fields);
      this.#outbox.delete(key);
      const { to, group, ...content } = entry.fields;
      this.#take({ ...content, message_id, conversation_id, seq, created_at, from: this.username });
      entry.resolve({ ...ack, message_id, conversation_id, seq, created_at });
    } catch (error) {
      if (!TRIED_AGAIN.has(error.code)) {
        this.#outbox.delete(key);
        entry.reject(error);
      } else if (this.online) {
        setTimeout(() => this.online && this.#transmit(key), error.retryAfterMs ?? RESEND_MS);
      } // else the next sync sends it
    }
  }

  /** Tells the server, and this user's other devices, that everything up to seq was read. */
  async read(conversation_id, seq) {
    if (!this.#readUpTo(conversation_id, seq)) return;
    await this.request("read", { conversation_id, seq });
  }

  #readUpTo(conversationId, seq) {
    const conversation = this.#conversations.get(conversationId);
    if (!conversation || seq <= conversation.read_seq) return false;
    conversation.read_seq = seq;
    conversation.unread = seq >= conversation.last_seq ? 0 : Math.min(conversation.unread, conversation.last_seq - seq);
    this.#emit("conversations");
    return true;
  }

  // ---- the stream

  /** One at a time; whoever wants one meanwhile gets another behind it. */
  async #sync() {
    if (this.#syncing) {
      this.#syncAgain = true;
      return;
    }
    this.#syncing = true;
    const socket = this.#socket;
    try {
      do {
        this.#syncAgain = false;
        const sent = Object.fromEntries([...this.#cursors].map(([id, seq]) => [id, { seq, rev: 0 }]));
        const { conversations, gone = [] } = await this.request("sync", { cursors: sent });
        gone.forEach((id) => this.#drop(id));
        for (const state of conversations) await this.#catchUp(state);
      } while (this.#syncAgain);
    } catch (error) {
      if (error.code === "bad_request") this.#startAfresh(); // the server's past is not ours any more
      this.#abandon(socket); // comes back by itself, and syncs anew
      return;
    }
    this.#syncing = false;
    for (const id of [...this.#ahead.keys()]) this.#drain(id);
    const first = !this.#live;
    this.#live = true;
    this.#emit("conversations");
    if (first) {
      this.#emit("online");
      for (const key of [...this.#outbox.keys()]) this.#transmit(key);
    }
  }

  /** Fetches what lies between the cursor and the newest message; without a cursor nothing does. */
  async #catchUp({ missed = [], has_more, ...state }) {
    const id = state.conversation_id;
    this.#conversations.set(id, { ...state, counted: state.last_seq });
    const early = this.#ahead.get(id);
    const unseen = early ? Math.min(...early.keys()) - 1 : state.last_seq;
    const cursor = this.#cursors.get(id) ?? Math.min(unseen, state.last_seq);
    this.#cursors.set(id, cursor);
    let reached = cursor;
    for (let page = missed; reached < state.last_seq; ) {
      for (const message of page) this.#hold(message);
      reached = page.at(-1)?.seq ?? reached;
      if (reached >= state.last_seq) break;
      page = (await this.request("history", { conversation_id: id, after: reached, limit: PAGE })).messages;
      if (!page.length) break;
    }
  }

  #hold(message) {
    const id = message.conversation_id;
    if (!this.#ahead.has(id)) this.#ahead.set(id, new Map());
    this.#ahead.get(id).set(message.seq, message);
  }

  #take(message) {
    if (message.seq <= this.#cursors.get(message.conversation_id)) return;
    this.#hold(message);
    if (this.#syncing || !this.#live) return;
    if (this.#cursors.has(message.conversation_id)) this.#drain(message.conversation_id);
    else this.#sync(); // the news of this conversation was lost
  }

  #drain(id) {
    const held = this.#ahead.get(id);
    let seq = this.#cursors.get(id);
    if (!held || seq === undefined) return;
    for (const old of [...held.keys()].filter((key) => key <= seq)) held.delete(old);
    for (let next = held.get(seq + 1); next; next = held.get(seq + 1)) {
      held.delete(++seq);
      this.#cursors.set(id, seq);
      this.#give(next);
    }
    if (!held.size) this.#ahead.delete(id);
  }

  #give(message) {
    const conversation = this.#conversations.get(message.conversation_id);
    if (conversation && message.seq > conversation.counted) {
      conversation.counted = conversation.last_seq = message.seq;
      conversation.last_message = message;
      if (message.from !== this.username) conversation.unread++;
      this.#emit("conversations");
    }
    this.#emit("message", message);
  }

  #conversationChanged(frame) {
    const { conversation_id: id, kind, name, peers = [], change } = frame;
    const aboutMe = change?.username === this.username;
    if (change?.kind === "removed" && aboutMe) {
      this.#drop(id);
    } else if (this.#conversations.has(id)) {
      const conversation = this.#conversations.get(id);
      if (name) conversation.name = name;
      if (aboutMe && change.role) conversation.role = change.role;
    } else if (!change || aboutMe) {
      const from = change?.at_seq ?? 0;
      const peer = peers.find((user) => user !== this.username);
      this.#conversations.set(id, {
        conversation_id: id, kind, name, peer, role: change?.role,
        last_seq: from, read_seq: from, unread: 0, counted: from,
      });
      this.#cursors.set(id, from);
      if (!this.#syncing) this.#drain(id);
    }
    this.#emit("conversation", frame);
    this.#emit("conversations");
  }

  #drop(id) {
    this.#conversations.delete(id);
    this.#cursors.delete(id);
    this.#ahead.delete(id);
  }

  #startAfresh() {
    this.#conversations.clear();
    this.#cursors.clear();
    this.#ahead.clear();
  }

  // ---- the login, over REST

  #loggedOut() {
    this.close();
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

/** For send; crypto.randomUUID would be there on https and localhost only. */
export function newMessageId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

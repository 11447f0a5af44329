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
// given to the listeners, and what is known of the rest, so that a sync tells what has changed. What
// came too early, ahead of the cursor: an acknowledgement that overtook somebody else's message, or
// anything while a sync is under way. And an outbox: what is not acknowledged yet, which goes out
// again after each reconnect under the same client_message_id, so that the server stores it once.

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 30_000;
const ANSWER_MS = 20_000;
const RESEND_MS = 1_000;
const PAGE = 100;
const MOST_CURSORS = 20_000; // the server takes no more in one sync
const AROUND_CURSORS = 100; // bytes of a sync without them
const LATER = new Set(["busy", "rate_limited"]);
const TRIED_AGAIN = new Set(["unavailable", ...LATER]);
const FOR_GOOD = new Set([1008, 1009]); // closed for something that would happen again
const UNAUTHORIZED = 4401; // a close code

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
  #cursors = new Map(); // conversation id -> { seq, rev, read_seq }, undefined what is not sure
  #ahead = new Map(); // conversation id -> Map of seq -> message
  #outbox = new Map(); // client_message_id -> { fields, resolve, reject }
  #syncing = false;
  #syncAgain = false;
  #live = false; // whether the first sync of this socket is through
  #epoch = null;
  #frameBytes = 0; // the most that the server takes
  #heartbeat = null;
  #heardAt = 0;
  #requests = 0;
  #failures = 0;
  #wanted = false;
  #renewed = false; // whether this try is the one with new tokens, after a refusal
  #tabs = new BroadcastChannel("chat-session");

  constructor() {
    super();
    this.#tabs.onmessage = ({ data: { used, renewed } }) => {
      if (this.#session?.refresh_token === used) this.#renewWith(renewed);
    };
  }

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

  /** Fails if the server cannot be told: the login would live on. */
  async logOut() {
    const { refresh_token } = this.#session;
    await this.#rest("DELETE", "/v1/auth/logout", { refresh_token });
    this.close();
    this.#forget();
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
      if (error.code === "unauthorized") this.#refused();
      else this.#retry();
    }
  }

  /**
   * Whatever this clock says, the access token may have ended, and the login not. Who is refused
   * with new tokens, too, is logged out.
   */
  async #refused() {
    try {
      if (this.#renewed) throw new ChatError("unauthorized", "refused with new tokens, too");
      await this.#refresh();
      this.#retry();
      this.#renewed = true;
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
    if (forGood) return;
    if (code === UNAUTHORIZED) this.#refused();
    else this.#retry();
  }

  #retry() {
    this.#renewed = false;
    const longest = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failures++);
    setTimeout(() => this.#wanted && this.#open(), Math.random() * longest); // full jitter
  }

  /** A dead network closes no socket: who hears nothing for long asks, and gives up on silence. */
  #watch(socket, seconds) {
    clearInterval(this.#heartbeat);
    this.#heartbeat = setInterval(() => {
      this.#failures = 0; // this connection lasts
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
        this.#renewed = false;
        if (this.#epoch !== frame.epoch) this.#startAfresh();
        this.#epoch = frame.epoch;
        this.#frameBytes = frame.limits.max_frame_bytes;
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
        if (frame.kind === "read" && frame.username === this.username) this.#hasRead(frame.conversation_id, frame.seq);
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

  /** Like request, but waits as long as the server wants it to. */
  async #ask(type, fields) {
    const socket = this.#socket;
    do {
      try {
        return await this.request(type, fields);
      } catch (error) {
        if (!LATER.has(error.code)) throw error;
        await new Promise((resolve) => setTimeout(resolve, error.retryAfterMs ?? RESEND_MS));
      }
    } while (socket === this.#socket);
    throw new ChatError("unavailable", "the connection was lost");
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
    this.#cursors.get(conversation_id).read_seq = undefined; // it may arrive, and the answer be lost
    await this.request("read", { conversation_id, seq });
    this.#hasRead(conversation_id, seq);
  }

  /** The server says so; an older answer may come after a newer one. */
  #hasRead(conversationId, seq) {
    this.#readUpTo(conversationId, seq);
    if (this.#conversations.get(conversationId)?.read_seq === seq) this.#cursors.get(conversationId).read_seq = seq;
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
        const { cursors, untold } = this.#cursorsToSend();
        const { conversations, gone = [] } = await this.#ask("sync", { cursors });
        for (const state of conversations) {
          this.#stand(state);
          untold.delete(state.conversation_id);
        }
        for (const id of [...gone, ...untold]) this.#drop(id);
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

  /**
   * As many as the server takes in a frame, those of the latest talks first. What is untold is
   * answered in any case; unless this user is not in there any more.
   */
  #cursorsToSend() {
    const cursors = {};
    const untold = new Set(this.#cursors.keys());
    const time = ([id]) => this.#conversations.get(id).last_message?.created_at ?? "";
    const latestFirst = [...this.#cursors].sort((a, b) => time(b).localeCompare(time(a)));
    let room = this.#frameBytes - AROUND_CURSORS;
    for (const [id, cursor] of latestFirst.slice(0, MOST_CURSORS)) {
      room -= JSON.stringify([id, cursor]).length; // no less than it takes; a byte for each character
      if (room < 0) break;
      cursors[id] = { ...cursor };
      untold.delete(id);
    }
    return { cursors, untold };
  }

  /** Takes over how the server says that a conversation stands; without a cursor nothing was missed. */
  #stand({ missed, has_more, rev, ...state }) {
    const id = state.conversation_id;
    const last_message = state.last_message ?? this.#conversations.get(id)?.last_message;
    this.#conversations.set(id, { ...state, last_message, counted: state.last_seq });
    const early = this.#ahead.get(id);
    const unseen = early ? Math.min(...early.keys()) - 1 : state.last_seq;
    const seq = this.#cursors.get(id)?.seq ?? Math.min(unseen, state.last_seq);
    this.#cursors.set(id, { seq, rev, read_seq: state.read_seq });
  }

  /** Fetches what lies between the cursor and the newest message. */
  async #catchUp({ conversation_id, last_seq, missed = [] }) {
    let reached = this.#cursors.get(conversation_id)?.seq ?? last_seq; // or dropped meanwhile
    for (let page = missed; reached < last_seq; ) {
      for (const message of page) this.#hold(message);
      reached = page.at(-1)?.seq ?? reached;
      if (reached >= last_seq) break;
      page = (await this.#ask("history", { conversation_id, after: reached, limit: PAGE })).messages;
      if (!page.length) break;
    }
  }

  #hold(message) {
    const id = message.conversation_id;
    if (!this.#ahead.has(id)) this.#ahead.set(id, new Map());
    this.#ahead.get(id).set(message.seq, message);
  }

  #take(message) {
    if (message.seq <= this.#cursors.get(message.conversation_id)?.seq) return;
    this.#hold(message);
    if (this.#syncing || !this.#live) return;
    if (this.#cursors.has(message.conversation_id)) this.#drain(message.conversation_id);
    else this.#sync(); // the news of this conversation was lost
  }

  #drain(id) {
    const held = this.#ahead.get(id);
    const cursor = this.#cursors.get(id);
    if (!held || !cursor) return;
    for (const old of [...held.keys()].filter((key) => key <= cursor.seq)) held.delete(old);
    for (let next = held.get(cursor.seq + 1); next; next = held.get(cursor.seq + 1)) {
      held.delete(++cursor.seq);
      this.#give(next);
    }
    if (!held.size) this.#ahead.delete(id);
  }

  #give(message) {
    const conversation = this.#conversations.get(message.conversation_id);
    if (conversation && message.seq > (conversation.last_message?.seq ?? 0)) conversation.last_message = message;
    if (conversation && message.seq > conversation.counted) {
      conversation.counted = conversation.last_seq = message.seq;
      if (message.from !== this.username) conversation.unread++;
      this.#emit("conversations");
    }
    this.#emit("message", message);
  }

  #conversationChanged(frame) {
    const { conversation_id: id, kind, name, peers = [], change } = frame;
    const aboutMe = change?.username === this.username || !!change?.usernames?.includes(this.username);
    if (change?.kind === "removed" && aboutMe) {
      this.#drop(id);
    } else if (this.#conversations.has(id)) {
      const conversation = this.#conversations.get(id);
      const cursor = this.#cursors.get(id);
      if (name) conversation.name = name;
      if (aboutMe && change.role) conversation.role = change.role;
      cursor.rev = change?.rev === cursor.rev + 1 ? change.rev : undefined;
    } else if (!change || aboutMe) {
      const from = change?.at_seq ?? 0;
      const peer = peers.find((user) => user !== this.username);
      this.#conversations.set(id, {
        conversation_id: id, kind, name, peer, role: change?.role,
        last_seq: from, read_seq: from, unread: 0, counted: from,
      });
      this.#cursors.set(id, { seq: from, rev: change?.rev });
      if (!this.#syncing) this.#drain(id);
    }
    this.#emit("conversation", frame);
    this.#emit("conversations");
    // A change of very many names only some of them: a sync tells whether it was about this user.
    if (change?.kind === "removed" && change.count > change.usernames.length) this.#sync();
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
    const { refresh_token: used } = this.#session;
    const renewed = await this.#rest("POST", "/v1/auth/token", { refresh_token: used });
    this.#tabs.postMessage({ used, renewed }); // a duplicated tab has the same tokens
    if (this.#session?.refresh_token === used) this.#renewWith(renewed);
  }

  #renewWith(renewed) {
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

// A world for one test of the client: its clock, its server and its storage, all under the test's control.

const real = {
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  now: performance.now,
  random: Math.random,
  WebSocket: globalThis.WebSocket,
};

const CONNECTING = 0;
const OPEN = 1;
const CLOSED = 3;

export class World {
  now = 0;
  #timers = new Map(); // id -> { at, work }
  #ids = 0;
  #clients = [];
  sockets = []; // in the order in which they were made
  stored = []; // what the server stored, in order
  user = "ada";
  epoch = "first";
  limits = { max_frame_bytes: 100_000, max_text_bytes: 1_000, messages_per_second: 50 };
  heartbeatSeconds = 30;
  serverTime; // not told unless a test does
  announcements; // none
  #seqs = new Map(); // conversation -> last seq

  /** What the server answers; undefined: nothing. */
  answer = (request) => this.usualAnswer(request);

  /** What happens when a socket is made; usually it opens, and the welcome comes. */
  accept = (socket) => {
    socket.open();
    socket.welcome();
  };

  constructor() {
    const world = this;
    globalThis.setTimeout = (work, ms = 0, ...values) => {
      this.#timers.set(++this.#ids, { at: this.now + ms, work: () => work(...values) });
      return this.#ids;
    };
    globalThis.clearTimeout = (id) => this.#timers.delete(id);
    performance.now = () => this.now;
    globalThis.WebSocket = class extends FakeSocket {
      constructor(url, protocols) {
        super(world, url, protocols);
      }
    };
    Object.assign(globalThis.WebSocket, { CONNECTING, OPEN, CLOSED });
  }

  restore() {
    this.#clients.forEach((client) => client.close());
    Object.assign(globalThis, { setTimeout: real.setTimeout, clearTimeout: real.clearTimeout, WebSocket: real.WebSocket });
    delete performance.now;
    Math.random = real.random;
  }

  client(Client, options = {}) {
    const client = new Client({ url: "/chat", locks: null, ...options });
    this.#clients.push(client);
    client.heard = {};
    client.heard.messages = []; // events of messages, in order: type, text, seq
    for (const type of ["message", "message_edited", "message_deleted", "reaction", "conversation", "privacy", "sent", "refused", "online", "offline", "loggedout", "reset", "expired", "gone", "timeline"]) {
      client.heard[type] = [];
      client.addEventListener(type, ({ detail }) => {
        client.heard[type].push(detail);
        if (type.startsWith("message")) client.heard.messages.push(`${type} ${detail.seq} ${detail.text}`);
      });
    }
    return client;
  }

  /** Lets everything happen that need not wait for the clock. */
  async settle() {
    for (let i = 0; i < 3; i++) await new Promise((resolve) => real.setTimeout.call(globalThis, resolve, 0));
  }

  async advance(ms) {
    await this.settle();
    const end = this.now + ms;
    for (;;) {
      const due = [...this.#timers].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at)[0];
      if (!due) break;
      const [id, { at, work }] = due;
      this.#timers.delete(id);
      this.now = Math.max(this.now, at);
      work();
      await this.settle();
    }
    this.now = end;
  }

  get socket() {
    return this.sockets.at(-1);
  }

  /** Those that the client has not given back. */
  get openSockets() {
    return this.sockets.filter(({ readyState }) => readyState <= OPEN);
  }

  usualAnswer(request) {
    switch (request.type) {
      case "sync":
        return { type: "ok", conversations: [...this.#seqs.keys()].map((id) => this.state(id, request.cursors[id])) };
      case "send":
        return this.store(request);
      case "history":
        return { type: "ok", messages: [], has_more: false };
      default:
        return { type: "ok" };
    }
  }

  state(conversation_id, cursor) {
    const last_seq = this.#seqs.get(conversation_id);
    const missed = cursor && this.stored.filter((one) => one.conversation_id === conversation_id && one.seq > cursor.seq);
    const rest = { rev: 0, read_seq: 0, unread: 0, has_more: false };
    return { conversation_id, kind: "group", name: `group ${conversation_id}`, role: "member", last_seq, missed, ...rest };
  }

  store({ client_message_id, conversation_id, to, text = "copied", forward_of }) {
    const conversation = conversation_id ?? `with ${to}`;
    const again = this.stored.find((one) => one.client_message_id === client_message_id);
    const seq = again?.seq ?? (this.#seqs.get(conversation) ?? 0) + 1;
    if (!again) {
      this.#seqs.set(conversation, seq);
      this.stored.push({ client_message_id, conversation_id: conversation, text, forward_of, seq, from: this.user });
    }
    return {
      type: "ok", message_id: `m${seq}`, conversation_id: conversation, seq,
      created_at: "2026-03-01T09:30:00.000Z", duplicate: !!again,
    };
  }
}

class FakeSocket {
  readyState = CONNECTING;
  bufferedAmount = 0;
  requests = []; // what the client sent

  constructor(world, url, protocols) {
    this.world = world;
    this.url = new URL(url);
    this.protocols = protocols;
    world.sockets.push(this);
    queueMicrotask(() => this.readyState === CONNECTING && world.accept(this));
  }

  // ---- what the client does

  send(text) {
    if (this.readyState !== OPEN) throw new Error("not open");
    const request = JSON.parse(text);
    request.bytes = new TextEncoder().encode(text).length;
    this.requests.push(request);
    queueMicrotask(() => {
      const reply = this.readyState === OPEN && this.world.answer(request, this);
      if (reply) this.say({ id: request.id, ...reply });
    });
  }

  close(code = 1005) {
    if (this.readyState === CLOSED) return;
    this.readyState = CLOSED;
    this.closedWith = code;
    queueMicrotask(() => this.onclose?.({ code }));
  }

  // ---- what the server does

  open() {
    this.readyState = OPEN;
    this.onopen?.({});
  }

  welcome() {
    const { user, epoch, limits, heartbeatSeconds, serverTime, announcements } = this.world;
    this.say({ type: "welcome", user, epoch, limits, heartbeat_seconds: heartbeatSeconds, server_time: serverTime, announcements });
  }

  say(frame) {
    if (this.readyState === OPEN) this.onmessage?.({ data: JSON.stringify(frame) });
  }

  drop(code) {
    if (this.readyState === CLOSED) return;
    this.readyState = CLOSED;
    this.onclose?.({ code });
  }

  asked(type) {
    return this.requests.filter((request) => request.type === type);
  }
}

/** Like localStorage; with room for so many items. */
export class FakeStorage {
  #items = new Map();

  constructor(room = Infinity) {
    this.room = room;
  }

  get length() {
    return this.#items.size;
  }

  key(i) {
    return [...this.#items.keys()][i] ?? null;
  }

  getItem(key) {
    return this.#items.get(key) ?? null;
  }

  setItem(key, value) {
    if (this.#items.size >= this.room) throw new Error("full");
    this.#items.set(key, value);
  }

  removeItem(key) {
    this.#items.delete(key);
  }
}

/** A storage with promises, in memory; `fault` is what it throws. */
export class FakeArchive {
  records = new Map();
  fault = null;

  async read(prefix) {
    if (this.fault) throw this.fault;
    return [...this.records].filter(([key]) => key.startsWith(prefix)).map(([key, value]) => [key, structuredClone(value)]);
  }

  async write(entries) {
    if (this.fault) throw this.fault;
    for (const [key, value] of entries) {
      if (value === undefined) this.records.delete(key);
      else this.records.set(key, structuredClone(value));
    }
  }
}

/** How a promise stands: "pending", "resolved", or the code of its error. */
export function watch(promise) {
  const watched = { state: "pending" };
  promise.then(
    (value) => Object.assign(watched, { state: "resolved", value }),
    (error) => Object.assign(watched, { state: error.code ?? String(error), error }),
  );
  return watched;
}

export function equal(actual, expected, what = "") {
  const [a, e] = [actual, expected].map((value) => JSON.stringify(value));
  if (a !== e) throw new Error(`${what} expected ${e} but was ${a}`);
}

export function ensure(condition, what) {
  if (!condition) throw new Error(what);
}

import { ChatError } from "./chat-error.js";
import { checkText, tooLarge, utf8Length } from "./connection.js";
import { OutboxStorage } from "./storage/outbox-storage.js";
import { storageOf } from "./storage/storage.js";

const WINDOW = 8;
const MOST_ENTRIES = 10_000;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 30_000;
const MESSAGES_PER_SECOND = 50; // where the server does not say
const SPACING_MS = 1_050; // a little slower than the limit
const LONGEST_FLOOD_MS = 5_000; // what a flooded server asks to wait is less
const AROUND_FIELDS = 32; // bytes of a frame without them, about
const AGAIN = new Set(["unavailable", "busy", "rate_limited"]);

/**
 * What was sent and is not acknowledged yet, in the order of the calls, and what the server refused, until somebody decides.
 *
 * Messages of one conversation are stored in that order: the next one goes out when the one before is
 * acknowledged or refused, so one that is tried again cannot be overtaken. Conversations do not wait for
 * one another; a window bounds how many sends are under way in all. After `rate_limited` all of them wait, unless
 * the conversation is in slow mode, which holds up that one only,
 * and then go out evenly spaced until the outbox is empty, so refusals do not add up at the server.
 *
 * An entry keeps its client_message_id through reconnects and, with a storage, through reloads, so the
 * server stores it once. What was refused stays as `failed`, to be sent again, changed or not, or to be discarded.
 */
export class Outbox {
  #host;
  #storage;
  #window;
  #entries = new Map(); // client_message_id -> entry, in order
  #user = null; // whose entries these are
  #loading = /** @type {?Promise<void>} */ (null); // from the storage; nothing goes out before
  #live = false;
  #limits = {};
  #underWay = 0;
  #heldUntil = 0;
  #spacingMs = 0;
  #timer;
  #order = 0;

  /**
   * @param {{
   *   request(type: string, fields: object): Promise<any>,
   *   conversationOf(names: { to?: string, group?: string }): string | undefined,
   *   isSlow(conversation: string): boolean,
   *   sent(fields: object, reply: any): void,
   *   refused(fields: object, error: ChatError): void,
   *   changed(): void,
   *   storage(state: string): void,
   * }} host `conversationOf` is undefined for a conversation that does not exist yet, as far as known
   * @param {{ storage?: any, storagePrefix?: string, window?: number, locks?: ?LockManager }} options
   */
  constructor(host, { storage = null, storagePrefix = "chat", window = WINDOW, locks = globalThis.navigator?.locks }) {
    this.#host = host;
    this.#window = window;
    this.#storage = new OutboxStorage(storageOf(storage), `${storagePrefix}-outbox`, locks, {
      changed: () => this.#storageChanged(),
      orphans: () => this.#load(),
    });
  }

  /** The fields of the entries, in order, and how each of them stands. */
  get entries() {
    return [...this.#entries.values()].map(({ fields, failure, kept }) => ({
      ...fields, state: failure ? "failed" : "waiting", ...(failure && { error: failure }), kept,
    }));
  }

  /** "none" without a storage, "ok", "full" or "unavailable". */
  get storageState() {
    return this.#storage.state;
  }

  /** Resolves with the reply once it is stored; rejects when it is refused, or when the outbox stops. */
  add(fields) {
    const { client_message_id } = fields;
    const there = this.#entries.get(client_message_id);
    if (there && !there.failure) return this.refuse(fields, new ChatError("conflict", "this client_message_id is being sent"));
    if (this.#entries.size >= MOST_ENTRIES) return this.refuse(fields, new ChatError("busy", `${MOST_ENTRIES} messages wait to be sent`));
    return new Promise((resolve, reject) => {
      this.#order = Math.max(this.#order + 1, Date.now());
      const entry = { ...NEW_ENTRY, fields, order: this.#order, resolve, reject };
      this.#entries.delete(client_message_id);
      this.#entries.set(client_message_id, entry);
      try {
        this.#check(fields);
      } catch (error) {
        return this.#fail(entry, error);
      }
      this.#storage.keep(this.#user, entry);
      this.#pump();
      this.#host.changed();
    });
  }

  /** @returns {Promise<any>} that rejects */
  refuse(fields, error) {
    this.#host.refused(fields, error);
    return Promise.reject(error);
  }

  /**
   * Sends again what was refused, behind all others. With other content it is another message; so it is after `conflict`,
   * which says that there is one with this client_message_id.
   */
  retry(id, changes, newId) {
    const entry = this.#entries.get(id);
    if (!entry?.failure) return Promise.reject(new ChatError("not_found", `no message ${id} has failed`));
    const isOther = changes || entry.failure.code === "conflict";
    if (!isOther) return this.add(entry.fields);
    this.#remove(entry);
    return this.add({ ...entry.fields, ...changes, client_message_id: newId });
  }

  /** Takes one away that waits or has failed; false if it is under way or not there. */
  drop(id) {
    const entry = this.#entries.get(id);
    if (!entry || entry.underWay) return false;
    this.#remove(entry);
    entry.reject(new ChatError("closed", "the message was discarded"));
    this.#host.changed();
    this.#pump();
    return true;
  }

  /** Takes up what this user left in the storage; entries of another user do not go out in this one's name. */
  own(user) {
    if (user === this.#user) return;
    if (this.#user !== null) this.stop(new ChatError("unauthorized", "somebody else is logged in"));
    this.#user = user;
    for (const entry of this.#entries.values()) this.#storage.keep(user, entry);
    this.#load();
  }

  /** What comes from the storage was sent before what this tab has sent meanwhile, whatever the clocks say. */
  #load() {
    const user = this.#user;
    if (user === null || this.#storage.state === "none") return;
    const take = (kept) => {
      const found = kept.filter(({ fields }) => !this.#entries.has(fields.client_message_id));
      if (found.length) this.#putInFront(found);
      this.#pump();
    };
    const loading = this.#storage.takeOver(user, (kept) => user === this.#user && take(kept)).then((kept) => {
      if (loading !== this.#loading) return; // another user's turn
      this.#loading = null;
      take(kept);
    });
    this.#loading = loading;
  }

  #putInFront(found) {
    const later = [...this.#entries.values()];
    const all = [...found.map((entry) => ({ ...NEW_ENTRY, ...entry, kept: true })), ...later];
    this.#entries = new Map(all.map((entry) => [entry.fields.client_message_id, entry]));
    this.#order = Math.max(this.#order, ...found.map(({ order }) => order));
    for (const entry of later) {
      entry.order = ++this.#order;
      this.#storage.keep(this.#user, entry);
    }
    this.#host.changed();
  }

  /** When everything that the storage has for this user is here. */
  async loaded() {
    while (this.#loading) await this.#loading;
  }

  /** From now on entries go out. */
  start(limits) {
    this.#live = true;
    this.#limits = limits;
    this.#heldUntil = this.#spacingMs = 0;
    for (const entry of this.#entries.values()) entry.notBefore = entry.tries = 0;
    this.#pump();
  }

  /** Until the next start entries only queue up. */
  pause() {
    this.#live = false;
    clearTimeout(this.#timer);
  }

  /**
   * Fails all entries. What is in the storage stays there, for the next time this user connects; the rest is told as refused,
   * also what had failed before: nobody else has it.
   *
   * @returns {Promise<void>} when it is told
   */
  async stop({ code, message }) {
    const entries = this.#end();
    await this.#storage.settled();
    for (const { fields, reject, kept } of entries) {
      const error = new ChatError(code, message, { kept });
      if (!kept) this.#host.refused(fields, error);
      reject(error);
    }
  }

  /** Fails all entries, and empties the storage of this user's. */
  async discard(error) {
    const cleared = this.#user === null ? undefined : this.#storage.clear(this.#user);
    const forgotten = this.#end().map((entry) => {
      entry.reject(error);
      return this.#storage.forget(entry);
    });
    await Promise.all([cleared, ...forgotten]);
  }

  #end() {
    this.pause();
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    this.#user = this.#loading = null;
    this.#storage.leave();
    return entries;
  }

  /** Once there is room again, it keeps what it could not keep. */
  #storageChanged() {
    const { state } = this.#storage;
    if (state === "ok") for (const entry of this.#entries.values()) if (!entry.kept) this.#storage.keep(this.#user, entry);
    this.#host.storage(state);
  }

  #pump() {
    clearTimeout(this.#timer);
    if (!this.#live || this.#loading) return;
    const now = performance.now();
    let wakeAt = Infinity;
    const lines = new Set();
    const names = new Map(); // looked up once
    for (const entry of this.#entries.values()) {
      if (this.#underWay >= this.#window) return; // the next reply comes back here
      if (entry.failure) continue;
      const line = this.#lineOf(entry.fields, names);
      if (lines.has(line)) continue;
      lines.add(line); // its first entry that is not done holds it
      if (entry.underWay) continue;
      const notBefore = Math.max(entry.notBefore, this.#heldUntil);
      if (notBefore > now) wakeAt = Math.min(wakeAt, notBefore);
      else {
        this.#heldUntil = now + this.#spacingMs;
        this.#transmit(entry);
      }
    }
    if (wakeAt < Infinity) this.#timer = setTimeout(() => this.#pump(), wakeAt - now);
  }

  /** The same for all entries of a conversation, however they name it. */
  #lineOf({ conversation_id, to, group }, names) {
    if (conversation_id) return conversation_id;
    const name = to === undefined ? `#${group}` : `@${to}`.toLowerCase();
    if (!names.has(name)) names.set(name, this.#host.conversationOf({ to, group }) ?? name);
    return names.get(name);
  }

  async #transmit(entry) {
    entry.underWay = true;
    this.#underWay++;
    try {
      this.#check(entry.fields); // the limits may be new
      const reply = await this.#host.request("send", entry.fields);
      if (this.#remove(entry)) {
        this.#host.sent(entry.fields, reply);
        entry.resolve(reply);
        this.#host.changed();
      }
    } catch (error) {
      if (AGAIN.has(error.code)) this.#postpone(entry, error);
      else if (this.#entries.get(entry.fields.client_message_id) === entry) this.#fail(entry, error);
    } finally {
      entry.underWay = false;
      this.#underWay--;
    }
    this.#pump();
  }

  /** It stays, until somebody decides. */
  #fail(entry, error) {
    entry.failure = error;
    this.#storage.keep(this.#user, entry);
    this.#host.refused(entry.fields, error);
    entry.reject(error);
    this.#host.changed();
  }

  #postpone(entry, { code, retryAfterMs }) {
    const longest = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** entry.tries++);
    const leastMs = Math.min(1_000, 2 ** entry.tries); // whatever the server says
    const notBefore = performance.now() + Math.max(leastMs, retryAfterMs ?? longest * (0.5 + Math.random() / 2));
    if (code === "rate_limited" && !this.#isSlowed(entry, retryAfterMs)) {
      this.#spacingMs = SPACING_MS / (this.#limits.messages_per_second ?? MESSAGES_PER_SECOND);
      this.#heldUntil = Math.max(this.#heldUntil, notBefore);
    } else {
      entry.notBefore = notBefore;
    }
  }

  /** Whether a group in slow mode refused it. A server that is flooded never asks to wait so long. */
  #isSlowed({ fields }, retryAfterMs = 0) {
    return retryAfterMs > LONGEST_FLOOD_MS || this.#host.isSlow(this.#lineOf(fields, new Map()));
  }

  #check({ client_message_id, ...fields }) {
    const { max_frame_bytes = Infinity } = this.#limits;
    checkText(fields.text, this.#limits);
    const frame = utf8Length(JSON.stringify({ client_message_id, ...fields })) + AROUND_FIELDS;
    if (frame > max_frame_bytes) throw tooLarge("the message", frame, max_frame_bytes);
  }

  /** Whether it was still there: a stop settles what is under way. */
  #remove(entry) {
    const there = this.#entries.get(entry.fields.client_message_id) === entry;
    if (there) this.#entries.delete(entry.fields.client_message_id);
    this.#storage.forget(entry);
    if (!this.#entries.size) this.#spacingMs = 0;
    return there;
  }
}

const NEW_ENTRY = {
  key: "", // in the storage
  failure: /** @type {?{ code: string, message: string }} */ (null),
  kept: false,
  underWay: false,
  tries: 0,
  notBefore: 0,
  resolve: (/** @type {any} */ reply) => {},
  reject: (/** @type {any} */ error) => {},
};

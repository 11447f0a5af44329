import { ChatError } from "./chat-error.js";
import { checkText, tooLarge, utf8Length } from "./connection.js";

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
 * What was sent and is not acknowledged yet, in the order of the calls.
 *
 * Messages of one conversation are stored in that order: the next one goes out when the one before is
 * acknowledged or refused, so one that is tried again cannot be overtaken. Conversations do not wait for
 * one another; a window bounds how many sends are under way in all. After `rate_limited` all of them wait, unless
 * the conversation is in slow mode, which holds up that one only,
 * and then go out evenly spaced until the outbox is empty, so refusals do not add up at the server.
 *
 * An entry keeps its client_message_id through reconnects and, with a storage, through reloads, so the
 * server stores it once. Two tabs with the same storage may both send an entry; that is harmless.
 */
export class Outbox {
  #host;
  #storage;
  #prefix;
  #window;
  #entries = new Map(); // client_message_id -> entry, in order
  #user = null; // whose entries these are
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
   * }} host `conversationOf` is undefined for a conversation that does not exist yet, as far as known
   * @param {{ storage?: ?Storage, storagePrefix?: string, window?: number }} options
   */
  constructor(host, { storage = null, storagePrefix = "chat-outbox", window = WINDOW }) {
    this.#host = host;
    this.#storage = storage;
    this.#prefix = storagePrefix;
    this.#window = window;
  }

  /** The fields of the entries, in order. */
  get entries() {
    return [...this.#entries.values()].map(({ fields }) => ({ ...fields }));
  }

  /** Resolves with the reply once it is stored; rejects when it is refused, or when the outbox stops. */
  add(fields) {
    try {
      const { client_message_id } = fields;
      if (this.#entries.has(client_message_id)) throw new ChatError("conflict", "this client_message_id is being sent");
      if (this.#entries.size >= MOST_ENTRIES) throw new ChatError("busy", `${MOST_ENTRIES} messages wait to be sent`);
      this.#check(fields);
    } catch (error) {
      return this.refuse(fields, error);
    }
    return new Promise((resolve, reject) => {
      this.#order = Math.max(this.#order + 1, Date.now());
      const entry = { ...NEW_ENTRY, fields, order: this.#order, resolve, reject };
      this.#entries.set(fields.client_message_id, entry);
      this.#keep(entry);
      this.#pump();
    });
  }

  /** @returns {Promise<any>} that rejects */
  refuse(fields, error) {
    this.#host.refused(fields, error);
    return Promise.reject(error);
  }

  /** Takes up what this user left in the storage; entries of another user do not go out in this one's name. */
  own(user) {
    if (user === this.#user) return;
    if (this.#user !== null) this.stop(new ChatError("unauthorized", "somebody else is logged in"));
    this.#user = user;
    const entries = [...this.#entries.values()];
    entries.forEach((entry) => this.#keep(entry));
    const kept = this.#stored().filter(({ fields }) => !this.#entries.has(fields.client_message_id));
    const all = [...kept, ...entries].sort((a, b) => a.order - b.order);
    this.#entries = new Map(all.map((entry) => [entry.fields.client_message_id, entry]));
    this.#order = Math.max(this.#order, all.at(-1)?.order ?? 0);
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

  /** Fails all entries. What is in the storage stays there, for the next time this user connects. */
  stop({ code, message }) {
    const entries = this.#end();
    for (const { fields, reject, kept } of entries) {
      const error = new ChatError(code, message, { kept });
      if (!kept) this.#host.refused(fields, error);
      reject(error);
    }
  }

  /** Fails all entries, and empties the storage of this user's. */
  discard(error) {
    if (this.#user !== null) this.#stored().forEach((entry) => this.#forget(entry));
    for (const entry of this.#end()) {
      this.#forget(entry);
      entry.reject(error);
    }
  }

  #end() {
    this.pause();
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    this.#user = null;
    return entries;
  }

  #pump() {
    clearTimeout(this.#timer);
    if (!this.#live) return;
    const now = performance.now();
    let wakeAt = Infinity;
    const lines = new Set();
    const names = new Map(); // looked up once
    for (const entry of this.#entries.values()) {
      if (this.#underWay >= this.#window) return; // the next reply comes back here
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
      }
    } catch (error) {
      if (AGAIN.has(error.code)) this.#postpone(entry, error);
      else if (this.#remove(entry)) {
        this.#host.refused(entry.fields, error);
        entry.reject(error);
      }
    } finally {
      entry.underWay = false;
      this.#underWay--;
    }
    this.#pump();
  }

  #postpone(entry, { code, retryAfterMs }) {
    const longest = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** entry.tries++);
    const notBefore = performance.now() + (retryAfterMs ?? longest * (0.5 + Math.random() / 2));
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
    this.#forget(entry);
    if (!this.#entries.size) this.#spacingMs = 0;
    return there;
  }

  // ---- the storage: one item for each entry, so tabs that share it do not overwrite each other's

  #folder() {
    return `${this.#prefix}/${encodeURIComponent(this.#user ?? "")}/`;
  }

  #keep(entry) {
    if (this.#user === null || !this.#storage) return;
    const key = this.#folder() + encodeURIComponent(entry.fields.client_message_id);
    const { order, fields } = entry;
    try {
      this.#storage.setItem(key, JSON.stringify({ order, fields }));
      entry.kept = true;
      entry.key = key;
    } catch {
      // full, or forbidden here: it is sent all the same
    }
  }

  #forget(entry) {
    if (entry.key) this.#storage?.removeItem(entry.key);
  }

  #stored() {
    const folder = this.#folder();
    const storage = this.#storage;
    const entries = [];
    for (let i = 0; i < (storage?.length ?? 0); i++) {
      const key = storage?.key(i) ?? "";
      if (!key.startsWith(folder)) continue;
      try {
        const { order, fields } = JSON.parse(storage?.getItem(key) ?? "");
        entries.push({ ...NEW_ENTRY, order, fields, key, kept: true });
      } catch {
        // not one of ours
      }
    }
    return entries;
  }
}

const NEW_ENTRY = {
  key: "",
  kept: false,
  underWay: false,
  tries: 0,
  notBefore: 0,
  resolve: (/** @type {any} */ reply) => {},
  reject: (/** @type {any} */ error) => {},
};

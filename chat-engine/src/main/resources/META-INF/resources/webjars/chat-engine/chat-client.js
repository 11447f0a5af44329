// A chat client for browsers, over the WebSocket protocol of chat-engine. It needs no build step:
//
//   import { ChatClient } from "/webjars/chat-engine/chat-client.js";
//
//   const client = new ChatClient({ url: "/chat", storage: localStorage });
//   client.addEventListener("message", ({ detail }) => show(detail));
//   await client.connect();
//   await client.send({ to: "bob", text: "hello" }); // committed
//
// chat-client.d.ts beside this file has the types.

import { Acknowledgements } from "./acknowledgements.js";
import { Announcements } from "./announcements.js";
import { ChatError } from "./chat-error.js";
import { Connection, checkText, socketAddress } from "./connection.js";
import { soundAnnouncements } from "./frames.js";
import { Members } from "./members.js";
import { Outbox } from "./outbox.js";
import { previewOf, withoutExpired, withPreviewOf } from "./replies.js";
import { Archive } from "./storage/archive.js";
import { storageOf } from "./storage/storage.js";
import { Stream } from "./stream.js";
import { Timelines } from "./timelines.js";
import { Verbs } from "./verbs.js";

export { ChatError, previewOf, withoutExpired, withPreviewOf };
export { firstUnread } from "./preferences.js";
export { withOwnReactions, withReaction } from "./reactions.js";

/**
 * A user's connection to the chat. It reconnects by itself: a listener gets every message once, in order, and
 * what was sent goes out once, in order, whatever the network does. Every promise settles: when the server
 * has answered, when a deadline is over, or when the client is closed.
 *
 * Events (`detail` in brackets): `message` (in order, each once, one's own included), `message_edited` and
 * `message_deleted` (a message that was given before, as it is now), `reaction` ({ conversation_id, seq, rev, emoji,
 * username, on, count, me }: somebody reacted to a message or took that back, one's own included), `conversations` (the list has changed),
 * `conversation`, `receipt`, `preferences`, `privacy`, `typing`, `presence`, `bye` (the frame), `sent` ({ fields, reply }), `refused`
 * ({ fields, error }: the server does not take it, or the client has ended and it is not kept), `outbox` (it has changed), `storage` ({ state }), `timeline` ({ conversation_id, kind, messages }:
 * `added`, `changed`, `removed` or `replaced` in a timeline), `members` ({ conversation_id }: see `membersOf` and `deliveryOf`), `online`, `offline` ({ code, forGood, retryInMs }), `loggedout`
 * ({ error }), `reset` (what is cached of conversations is void: the server has another database, or this is another
 * user; with { conversation_id } only what is cached of the messages of this one: too many of them have changed),
 * `gone` ({ conversation_id }: this user is not in it any more), `announcement` ({ id, text, kind, at, until }: new among
 * `announcements`), `announcement_withdrawn` ({ id }), `announcements` (the list has changed),
 * `expired` ({ conversation_id, first_seq }: the messages below this seq are gone from the server because of their age; drop
 * them, and previews of them, see `withoutExpired`).
 *
 * Every message is given in its present state: it may be edited or deleted already. Of two states of a message the
 * one with the higher `rev` is the later, and one without `rev` is as it was sent; a history that was asked for
 * earlier may be older than an event. After an absence a message whose reactions have changed comes as
 * `message_edited`, too. `withReaction` and `withOwnReactions` keep the reactions of a message that is on the screen.
 */
export class ChatClient extends Verbs {
  #connection;
  #stream;
  #outbox;
  #archive = /** @type {?Archive} */ (null);
  #timelines = new Timelines(
    (page) => this.history(page),
    (id) => this.#stream.conversation(id),
    async (id) => (this.#connection.ready ? null : this.#archive?.page(id)),
    (detail) => this.#emit("timeline", detail),
  );
  #members = new Members((id, page) => this.members(id, page), (detail) => this.#emit("members", detail));
  #acknowledgements = /** @type {?Acknowledgements} */ (null);
  #voids = 0; // how often something that was known became void
  #announcements = new Announcements(() => this.now(), (type, detail) => this.#emit(type, detail));
  #user = /** @type {?string} */ (null);
  #limits = null;
  #aheadMs = 0; // the clock of the server
  /** @type {?{ promise: Promise<void>, resolve(): void, reject(error: ChatError): void }} */
  #connecting = null; // the promise of connect(), and how to settle it

  /**
   * @param {{
   *   url: string | URL | (() => string | URL | Promise<string | URL>),
   *   login?: (state: { refused: boolean }) => any,
   *   storage?: ?Storage,
   *   storagePrefix?: string,
   *   archive?: any,
   *   locks?: ?LockManager,
   *   acknowledges?: boolean,
   *   window?: number,
   *   protocols?: string | string[],
   *   connectTimeoutMs?: number,
   *   requestTimeoutMs?: number,
   *   pingTimeoutMs?: number,
   * }} options see chat-client.d.ts
   */
  constructor(options) {
    super();
    if (!options?.url) throw new TypeError("the option url is missing: the address of the WebSocket");
    if (typeof options.url !== "function") socketAddress(options.url); // throws for what is no URL
    const { acknowledges = true, archive, storagePrefix = "chat", locks = globalThis.navigator?.locks } = options;
    if (archive) {
      this.#archive = new Archive(/** @type {any} */ (storageOf(archive)), `${storagePrefix}-archive`, locks, {
        snapshot: (id) => this.#stream.snapshot(id),
        epoch: () => this.#stream.epoch,
        newest: (id) => this.#timelines.newest(id),
      });
    }
    if (acknowledges) this.#acknowledgements = new Acknowledgements((id, seq) => this.received(id, seq));
    this.#connection = new Connection(options, {
      welcome: (frame) => this.#welcome(frame),
      frame: (frame) => this.#received(frame),
      lost: (loss) => this.#lost({ ...loss, forGood: false }),
      stopped: (error, code) => this.#stopped(error, code),
    });
    this.#stream = new Stream(this.#connection, (type, detail) => this.#tell(type, detail));
    this.#outbox = new Outbox(
      {
        request: (type, fields) => this.#connection.request(type, fields),
        conversationOf: (names) => this.#stream.conversationOf(names),
        isSlow: (conversation) => this.#stream.isSlow(conversation),
        sent: (fields, reply) => this.#sent(fields, reply),
        refused: (fields, error) => this.#emit("refused", { fields, error }),
        changed: () => this.#emit("outbox"),
        storage: (state) => this.#emit("storage", { state }),
      },
      options,
    );
  }

  /** The user that this is, as the server calls them; null before the first connection. */
  get user() {
    return this.#user;
  }

  /** Whether it is connected and has caught up. */
  get online() {
    return this.#stream.live && this.#connection.ready;
  }

  /** The time of the server in milliseconds, for what is to last until a time; the time here before the first connection. */
  now() {
    return Date.now() + this.#aheadMs;
  }

  /** What the server allows; null before the first connection. */
  get limits() {
    return this.#limits;
  }

  /** What the operator of the server says to all users now: [{ id, text, kind: "info" | "warning", at, until }], the oldest first. */
  get announcements() {
    return this.#announcements.shown;
  }

  /** [{ conversation_id, kind, name or peer, role, last_seq, read_seq, unread, unread_mentions, pinned, last_message, preferences }] */
  get conversations() {
    return this.#stream.conversations;
  }

  /**
   * What was sent and is not acknowledged yet, in order, and what the server refused: [{ client_message_id, text, ...,
   * state: "waiting" | "failed", error, kept }]. What failed stays until `retry` or `drop`; `kept` says whether it outlives
   * this page.
   */
  get outbox() {
    return this.#outbox.entries;
  }

  /** Whether what was sent is kept over a reload: "ok", "full", "unavailable", or "none" without a storage. */
  get storage() {
    return this.#outbox.storageState;
  }

  /**
   * Resolves when it is online; from then on it stays connected by itself. While the server is away it keeps
   * trying. Rejects when the server does not let this user in, and on close(). Calling it again is harmless.
   *
   * @param {{ user?: string, timeoutMs?: number }} [options] `user`: whose outbox to take up from the storage even before the
   *     server answers; `timeoutMs`: after this time the promise rejects with `unavailable`, and the client goes on trying
   * @returns {Promise<void>}
   */
  connect({ user, timeoutMs } = {}) {
    if (this.online) return Promise.resolve();
    this.#connecting ??= settleable();
    const { promise } = this.#connecting;
    if (user !== undefined) this.#outbox.own(user);
    this.#connection.open();
    return timeoutMs === undefined ? promise : within(promise, timeoutMs);
  }

  /**
   * Takes up what this user has seen last on this device, to be read before there is a connection: `conversations`, and the
   * newest messages of each by `timeline`. Does nothing without the option `archive`, and once there was a connection.
   *
   * @param {string} user
   * @returns {Promise<boolean>} whether there was anything
   */
  async restore(user) {
    const found = await this.#archive?.restore(user);
    if (!found || this.#user !== null) return false;
    this.#user = user;
    this.#stream.restore(user, found.epoch, found.conversations);
    this.#archive?.open(user);
    return true;
  }

  /**
   * Ends the connection. What waits for an answer fails. Messages that are not acknowledged fail too; with a
   * storage they stay there (`error.kept`), and go out when this user connects the next time.
   *
   * @returns {Promise<void>} resolves once the event `refused` has told which messages are not kept, also after the server has ended
   *     the connection for good
   */
  close() {
    return this.#end(new ChatError("closed", "the client was closed"));
  }

  /** Closes, and removes this user's messages from the storage: for signing out. */
  async discard() {
    const error = new ChatError("closed", "the client was closed");
    const user = this.#user;
    const outboxCleared = this.#outbox.discard(error);
    this.#end(error);
    const archiveCleared = user === null ? undefined : this.#archive?.clear(user);
    await Promise.all([outboxCleared, archiveCleared]);
  }

  /**
   * The messages of a conversation as they are now, see timeline.js: the same object for each call.
   *
   * @param {string} conversation_id
   */
  timeline(conversation_id) {
    return this.#timelines.of(conversation_id);
  }

  /**
   * A page of the messages of a conversation. The newest ones are kept on this device, too, with the option `archive`.
   *
   * @param {{ conversation_id: string, before?: number, after?: number, around?: number, limit?: number }} page
   * @returns {Promise<any>} as of the request `history`
   */
  async history(page) {
    const voids = this.#voids;
    const reply = await super.history(page);
    const { conversation_id: id, before, after, around } = page;
    const isNewest = before === undefined && after === undefined && around === undefined;
    if (isNewest && voids === this.#voids) this.#archive?.note(id, "newest", { messages: reply.messages, hasOlder: reply.has_more });
    return reply;
  }

  /**
   * What this device has kept of a conversation, by the option `archive`: its newest messages, or none if there are later ones or
   * later states, and what has happened to the conversation since it is kept.
   *
   * @param {string} conversation_id
   * @returns {Promise<?{ messages: any[], has_more: boolean, changes: { at: string, change: any }[] }>} null if there is nothing
   */
  async kept(conversation_id) {
    return (await this.#archive?.kept(conversation_id)) ?? null;
  }

  /**
   * Reads who the members of a conversation are and how far they have got, and keeps it up to date from then on: the event
   * `members` tells.
   *
   * @param {string} conversation_id
   * @returns {Promise<void>}
   */
  loadMembers(conversation_id) {
    return this.#members.load(conversation_id);
  }

  /**
   * All members of a conversation, by username: [{ username, role, joined_at, read_seq, received_seq }]; another array after each
   * change. Undefined before `loadMembers`.
   *
   * @param {string} conversation_id
   * @returns {any[] | undefined}
   */
  membersOf(conversation_id) {
    return this.#members.of(conversation_id);
  }

  /**
   * How far a message of this user has come: { state: "sent" | "delivered" | "read", received: [usernames], read: [usernames] }.
   * The state is that of all other members together. It knows the members after `loadMembers`.
   *
   * @param {{ conversation_id: string, seq: number, from: string }} message
   */
  deliveryOf(message) {
    return this.#members.delivery(message);
  }

  /**
   * Any request of the protocol but `sync` and `send`. It is tried once.
   *
   * @param {string} type
   * @param {object} [fields]
   * @param {{ timeoutMs?: number }} [options]
   * @returns {Promise<any>} the reply; rejects with a ChatError
   */
  request(type, fields = {}, { timeoutMs } = {}) {
    return this.#connection.request(type, fields, timeoutMs);
  }

  /**
   * Sends to one of to (user), group (name) and conversation_id. Resolves once it is stored, however many
   * reconnects that takes; rejects if the server refuses it, if it is too large, and on close(). Messages
   * of a conversation are stored in the order of the calls.
   *
   * @returns {Promise<any>} { message_id, conversation_id, seq, created_at, duplicate }
   */
  async send({ client_message_id = newMessageId(), ...fields }) {
    const entry = { client_message_id, ...fields };
    if (!this.#connection.wanted) return this.#outbox.refuse(entry, new ChatError("closed", "call connect() first"));
    return sendReply(await this.#outbox.add(entry));
  }

  /**
   * Sends a message of the outbox again that has failed; with changed fields it goes out as another message.
   *
   * @param {string} client_message_id
   * @param {object} [changes] such as { text }
   * @returns {Promise<any>} as of send
   */
  async retry(client_message_id, changes) {
    if (!this.#connection.wanted) throw new ChatError("closed", "call connect() first");
    return sendReply(await this.#outbox.retry(client_message_id, changes, newMessageId()));
  }

  /**
   * Takes a message out of the outbox that waits or has failed.
   *
   * @param {string} client_message_id
   * @returns {boolean} false if it is being sent right now, or is not there
   */
  drop(client_message_id) {
    return this.#outbox.drop(client_message_id);
  }

  /**
   * Makes a message of this user say something else: text, mentions and attributes take the place of what it had.
   * It is tried once; repeating it is harmless. The event `message_edited` tells of it here, too.
   *
   * @param {{ conversation_id: string, seq: number, text: string, mentions?: string[], attributes?: object }} edit
   * @returns {Promise<any>} { conversation_id, seq, rev, edited_at }; rejects with a ChatError
   */
  async edit({ conversation_id, seq, text, mentions, attributes }) {
    checkText(text, this.#limits);
    return this.#change("edit", { conversation_id, seq, text, mentions, attributes });
  }

  /**
   * Deletes a message of this user, or as owner or admin of a group that of another. It is tried once; repeating it
   * is harmless. The event `message_deleted` tells of it here, too.
   *
   * @param {{ conversation_id: string, seq: number }} message
   * @returns {Promise<any>} { conversation_id, seq, rev, edited_at }; rejects with a ChatError
   */
  async delete({ conversation_id, seq }) {
    return this.#change("delete", { conversation_id, seq });
  }

  /**
   * Reacts to a message with an emoji, or takes that back. It is tried once; repeating it is harmless. The event
   * `reaction` tells of it here, too.
   *
   * @param {{ conversation_id: string, seq: number, emoji: string, on: boolean }} reaction
   * @returns {Promise<any>} { conversation_id, seq, rev, count }; rejects with a ChatError
   */
  async react({ conversation_id, seq, emoji, on }) {
    const { rev, count } = await this.#stream.react({ conversation_id, seq, emoji, on });
    return { conversation_id, seq, rev, count };
  }

  async #change(type, fields) {
    const { conversation_id, seq, rev, edited_at } = await this.request(type, fields);
    return { conversation_id, seq, rev, edited_at };
  }

  /**
   * Changes how this user sees a conversation, on all devices; what is left out stays as it is, null ends it. A
   * conversation that is archived comes back with its next message.
   *
   * @param {string} conversation_id
   * @param {{ muted_until?: ?string, archived?: boolean, pinned?: boolean, unread_from?: ?number }} preferences
   * @returns {Promise<any>} the preferences as they are now; rejects with a ChatError
   */
  async setPreferences(conversation_id, { muted_until, archived, pinned, unread_from }) {
    const fields = { conversation_id, muted_until, archived, pinned, unread_from };
    const { id, type, ...preferences } = await this.request("preferences", fields);
    this.#stream.prefer(preferences);
    return preferences;
  }

  /**
   * Tells the server, and this user's other devices, that everything up to seq was read. That also ends a mark as
   * unread.
   */
  async read(conversation_id, seq) {
    if (!this.#stream.reads(conversation_id, seq)) return;
    try {
      await this.request("read", { conversation_id, seq });
    } catch (error) {
      this.#stream.hasNotRead(conversation_id);
      throw error;
    }
    this.#stream.hasRead(conversation_id, seq);
  }

  // ---- what the connection tells

  #welcome(frame) {
    const user = frame.user?.username ?? frame.user?.id ?? frame.user;
    this.#user = typeof user === "string" ? user : null;
    this.#limits = frame.limits ?? {};
    const ahead = Date.parse(frame.server_time) - Date.now();
    if (Number.isFinite(ahead)) this.#aheadMs = ahead;
    this.#outbox.own(this.#user);
    this.#archive?.open(this.#user);
    this.#stream.welcome(frame, this.#user);
    this.#announcements.welcome(soundAnnouncements(frame.announcements));
  }

  #received(frame) {
    if (this.#stream.received(frame) || this.#announcements.received(frame)) return;
    this.#members.apply(frame.type, frame);
    this.#emit(frame.type, frame);
  }

  #lost(loss) {
    this.#outbox.pause();
    this.#acknowledgements?.stop();
    this.#stream.lost();
    this.#emit("offline", loss);
  }

  /** The server does not want it back. */
  #stopped(error, code) {
    this.#settleConnecting(error);
    this.#outbox.stop(error);
    this.#announcements.end();
    this.#lost({ code, forGood: true, retryInMs: 0 });
    if (error.code !== "closed") this.#emit("loggedout", { error });
  }

  #end(error) {
    const wanted = this.#connection.wanted;
    this.#settleConnecting(error);
    const told = this.#outbox.stop(error);
    this.#archive?.flush();
    this.#announcements.end();
    this.#connection.close();
    if (wanted) this.#lost({ code: 1000, forGood: true, retryInMs: 0 });
    return told;
  }

  /** @param {ChatError} [error] */
  #settleConnecting(error) {
    const connecting = this.#connecting;
    this.#connecting = null;
    if (error) connecting?.reject(error);
    else connecting?.resolve();
  }

  // ---- what the stream and the outbox tell

  #tell(type, detail) {
    if (type === "reset" || type === "gone") this.#voids++;
    this.#note(type, detail);
    this.#timelines.apply(type, detail);
    this.#members.apply(type, detail);
    if (type === "message" && detail.from !== this.#user) this.#acknowledgements?.came(detail);
    if (type === "online") {
      this.#settleConnecting();
      this.#acknowledgements?.caughtUp(this.conversations);
      this.#emit(type, detail);
      this.#outbox.start(this.#limits);
    } else {
      this.#emit(type, detail);
    }
  }

  #note(type, detail) {
    if (!this.#archive) return;
    if (detail?.conversation_id) this.#archive.note(detail.conversation_id, type, detail);
    else if (type === "online") for (const { conversation_id } of this.conversations) this.#archive.note(conversation_id, type, detail);
  }

  #sent(fields, reply) {
    const { message_id, conversation_id, seq, created_at } = reply;
    const { to, group, ...content } = fields;
    const answered = content.reply_to && this.#timelines.find(conversation_id, content.reply_to);
    // Of a forward, and of an answer to what is not here, only the server knows what is shown.
    if (content.text === undefined || content.forward_of || (content.reply_to && !answered)) this.#stream.fetch();
    else this.#stream.take({
      ...content, ...(answered && { reply_preview: previewOf(answered) }), message_id, conversation_id, seq, created_at, from: this.#user,
    });
    this.#emit("sent", { fields, reply });
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** @returns {{ promise: Promise<void>, resolve(): void, reject(error: ChatError): void }} */
function settleable() {
  const settles = { promise: Promise.resolve(), resolve: () => {}, reject: (error) => {} };
  settles.promise = new Promise((resolve, reject) => Object.assign(settles, { resolve, reject }));
  return settles;
}

/** @param {Promise<void>} promise @param {number} ms @returns {Promise<void>} */
function within(promise, ms) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new ChatError("unavailable", "not connected in time")), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function sendReply({ message_id, conversation_id, seq, created_at, duplicate }) {
  return { message_id, conversation_id, seq, created_at, duplicate };
}

/** For send; crypto.randomUUID would be there on https and localhost only. */
export function newMessageId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

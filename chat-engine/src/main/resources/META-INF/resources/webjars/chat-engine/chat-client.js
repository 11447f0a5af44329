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

import { ChatError } from "./chat-error.js";
import { Connection, checkText, socketAddress } from "./connection.js";
import { Outbox } from "./outbox.js";
import { previewOf, withoutExpired, withPreviewOf } from "./replies.js";
import { Stream } from "./stream.js";

export { ChatError, previewOf, withoutExpired, withPreviewOf };
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
 * ({ fields, error }: it was not sent and will not be), `online`, `offline` ({ code, forGood, retryInMs }), `loggedout`
 * ({ error }), `reset` (what is cached of conversations is void: the server has another database, or this is another
 * user; with { conversation_id } only what is cached of the messages of this one: too many of them have changed),
 * `expired` ({ conversation_id, first_seq }: the messages below this seq are gone from the server because of their age; drop
 * them, and previews of them, see `withoutExpired`).
 *
 * Every message is given in its present state: it may be edited or deleted already. Of two states of a message the
 * one with the higher `rev` is the later, and one without `rev` is as it was sent; a history that was asked for
 * earlier may be older than an event. After an absence a message whose reactions have changed comes as
 * `message_edited`, too. `withReaction` and `withOwnReactions` keep the reactions of a message that is on the screen.
 */
export class ChatClient extends EventTarget {
  #connection;
  #stream;
  #outbox;
  #user = /** @type {?string} */ (null);
  #limits = null;
  /** @type {?{ promise: Promise<void>, resolve(): void, reject(error: ChatError): void }} */
  #connecting = null; // the promise of connect(), and how to settle it

  /**
   * @param {{
   *   url: string | URL | (() => string | URL | Promise<string | URL>),
   *   login?: (state: { refused: boolean }) => any,
   *   storage?: ?Storage,
   *   storagePrefix?: string,
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

  /** What the server allows; null before the first connection. */
  get limits() {
    return this.#limits;
  }

  /** [{ conversation_id, kind, name or peer, role, last_seq, read_seq, unread, unread_mentions, pinned, last_message, preferences }] */
  get conversations() {
    return this.#stream.conversations;
  }

  /** What was sent and is not acknowledged yet, in order: [{ client_message_id, text, ... }] */
  get outbox() {
    return this.#outbox.entries;
  }

  /**
   * Resolves when it is online; from then on it stays connected by itself. While the server is away it keeps
   * trying. Rejects when the server does not let this user in, and on close(). Calling it again is harmless.
   *
   * @param {{ user?: string }} [known] whose outbox to take up from the storage even before the server answers
   * @returns {Promise<void>}
   */
  connect({ user } = {}) {
    if (this.online) return Promise.resolve();
    this.#connecting ??= settleable();
    const { promise } = this.#connecting;
    if (user !== undefined) this.#outbox.own(user);
    this.#connection.open();
    return promise;
  }

  /**
   * Ends the connection. What waits for an answer fails. Messages that are not acknowledged fail too; with a
   * storage they stay there (`error.kept`), and go out when this user connects the next time.
   */
  close() {
    this.#end(new ChatError("closed", "the client was closed"));
  }

  /** Closes, and removes this user's messages from the storage: for signing out. */
  discard() {
    const error = new ChatError("closed", "the client was closed");
    this.#outbox.discard(error);
    this.#end(error);
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
    const { message_id, conversation_id, seq, created_at, duplicate } = this.#connection.wanted
      ? await this.#outbox.add(entry)
      : await this.#outbox.refuse(entry, new ChatError("closed", "call connect() first"));
    return { message_id, conversation_id, seq, created_at, duplicate };
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

  /**
   * A page of those who react to a message; the next one is `after` the last username.
   *
   * @param {{ conversation_id: string, seq: number, emoji?: string, limit?: number, after?: string }} page
   * @returns {Promise<any>} { reactions: [{ username, emoji: [] }], has_more }; rejects with a ChatError
   */
  async reactions({ conversation_id, seq, emoji, limit, after }) {
    const { reactions, has_more } = await this.request("reactions", { conversation_id, seq, emoji, limit, after });
    return { reactions, has_more };
  }

  /**
   * A page of what a message said before its edits, ascending, and at last what it says now; the next one is `after` the
   * last version. Rejects with `forbidden` where the server keeps no history of edits.
   *
   * @param {{ conversation_id: string, seq: number, limit?: number, after?: number }} page
   * @returns {Promise<any>} { versions: [{ version, text, attributes, written_at }], has_more }; rejects with a ChatError
   */
  async edits({ conversation_id, seq, limit, after }) {
    const { versions, has_more } = await this.request("edits", { conversation_id, seq, limit, after });
    return { versions, has_more };
  }

  /**
   * Pins a message for all members: as owner or admin of a group, or in a direct conversation. It is tried once;
   * repeating it is harmless. `pinned` of the conversation, and the event `conversation`, tell of it here, too.
   *
   * @param {{ conversation_id: string, seq: number }} message
   * @returns {Promise<any>} { conversation_id, seq, rev }; rejects with a ChatError
   */
  async pin({ conversation_id, seq }) {
    const { rev } = await this.request("pin", { conversation_id, seq });
    return { conversation_id, seq, rev };
  }

  /** Ends a pin, also one that another member made. @param {{ conversation_id: string, seq: number }} message */
  async unpin({ conversation_id, seq }) {
    const { rev } = await this.request("unpin", { conversation_id, seq });
    return { conversation_id, seq, rev };
  }

  /**
   * A page of the pinned messages as they are now, those that were pinned last first; the next one is `after` the rev
   * of the last pin.
   *
   * @param {{ conversation_id: string, limit?: number, after?: number }} page
   * @returns {Promise<any>} { pins: [{ message, pinned_by, pinned_at, rev }], has_more }; rejects with a ChatError
   */
  async pins({ conversation_id, limit, after }) {
    const { pins, has_more } = await this.request("pins", { conversation_id, limit, after });
    return { pins, has_more };
  }

  async #change(type, fields) {
    const { conversation_id, seq, rev, edited_at } = await this.request(type, fields);
    return { conversation_id, seq, rev, edited_at };
  }

  /**
   * Messages in this user's conversations that have all words of the query, newest first; the last word may be the
   * beginning of one. A page can have fewer than `limit`, even none, and still not be the last: go on with `before` the
   * `next_before` of the page, as long as it has one. `highlights` are pieces of `text`: text.slice(start, end).
   *
   * @param {string} query
   * @param {{ conversation_id?: string, from?: string, before?: string, limit?: number }} [options]
   * @returns {Promise<any>} { messages, has_more, next_before, indexing }; rejects with a ChatError
   */
  async search(query, { conversation_id, from, before, limit } = {}) {
    const reply = await this.request("search", { query, conversation_id, from, before, limit });
    const { messages, has_more, next_before, indexing = false } = reply;
    return { messages, has_more, next_before, indexing };
  }

  // ---- groups, for their owner and admins; each is tried once, and repeating it is harmless

  /**
   * Changes one or more fields of a group at once; null clears all but the name.
   *
   * @param {string} conversation_id
   * @param {{ name?: string, description?: ?string, avatar_url?: ?string, attributes?: ?object, slow_mode_seconds?: number, history?: string }} fields
   */
  async updateGroup(conversation_id, fields) {
    await this.request("update_group", { ...fields, conversation_id });
  }

  /**
   * Keeps a user out of a group, whether they are a member or not.
   *
   * @param {{ conversation_id: string, username: string, until?: string | Date }} ban `until` in RFC 3339; without it the ban has no end
   */
  async ban({ conversation_id, username, until }) {
    await this.request("ban", { conversation_id, username, until: until && time(until) });
  }

  /** Ends a ban; adds nobody. @param {{ conversation_id: string, username: string }} ban */
  async unban({ conversation_id, username }) {
    await this.request("unban", { conversation_id, username });
  }

  /**
   * A page of the bans in force, by username.
   *
   * @param {{ conversation_id: string, after?: string, limit?: number }} page
   * @returns {Promise<any>} { bans: [{ username, by, at, until }], has_more }
   */
  async bans({ conversation_id, after, limit }) {
    const { bans, has_more } = await this.request("bans", { conversation_id, after, limit });
    return { bans, has_more };
  }

  /**
   * Lets a member read but not write until a time; null ends that.
   *
   * @param {{ conversation_id: string, username: string, until: string | Date | null }} silence
   */
  async silence({ conversation_id, username, until }) {
    await this.request("silence", { conversation_id, username, until: until && time(until) });
  }

  /**
   * Creates an invite: any user can join by its code, which is in this answer only.
   *
   * @param {{ conversation_id: string, expires_in?: number, max_uses?: number }} invite `expires_in` in seconds
   * @returns {Promise<any>} { code, invite_id, by, created_at, expires_at, max_uses }
   */
  async createInvite({ conversation_id, expires_in, max_uses }) {
    const { code, invite_id, by, created_at, expires_at, max_uses: uses } = await this.request("create_invite", { conversation_id, expires_in, max_uses });
    return { code, invite_id, by, created_at, expires_at, max_uses: uses };
  }

  /**
   * A page of the invites in force, by invite_id.
   *
   * @param {{ conversation_id: string, after?: string, limit?: number }} page
   * @returns {Promise<any>} { invites: [{ invite_id, by, created_at, expires_at, max_uses, uses }], has_more }
   */
  async invites({ conversation_id, after, limit }) {
    const { invites, has_more } = await this.request("invites", { conversation_id, after, limit });
    return { invites, has_more };
  }

  /**
   * Ends an invite, named by its code or by its id and the group.
   *
   * @param {{ code: string } | { conversation_id: string, invite_id: string }} invite
   */
  async revokeInvite(invite) {
    await this.request("revoke_invite", invite);
  }

  /**
   * Reports a message of somebody else to the moderators, who get it as it is now. Nobody else notices it.
   *
   * @param {{ conversation_id: string, seq: number, reason: string }} report
   */
  async report({ conversation_id, seq, reason }) {
    await this.request("report", { conversation_id, seq, reason });
  }

  /**
   * Joins a group by a code; for anybody.
   *
   * @param {string} code
   * @returns {Promise<any>} { conversation_id, name }
   */
  async join(code) {
    const { conversation_id, name } = await this.request("join", { code });
    return { conversation_id, name };
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
   * Changes what others see of this user, and this user of others; what is left out stays as it is.
   *
   * @param {{ last_seen?: "everyone" | "contacts" | "nobody", read_receipts?: boolean }} privacy
   * @returns {Promise<any>} the settings as they are now; rejects with a ChatError
   */
  async setPrivacy({ last_seen, read_receipts }) {
    const { id, type, ...privacy } = await this.request("set_privacy", { last_seen, read_receipts });
    return privacy;
  }

  /** @returns {Promise<any>} what others see of this user; ask again when the client is `online` again */
  async privacy() {
    const { id, type, ...privacy } = await this.request("privacy");
    return privacy;
  }

  /**
   * Changes how this user is shown to others; what is left out stays as it is, null clears it.
   *
   * @param {{ display_name?: ?string, avatar_url?: ?string }} profile
   * @returns {Promise<any>} the profile as it is now; rejects with a ChatError
   */
  async setProfile({ display_name, avatar_url }) {
    const { id, type, ...profile } = await this.request("set_profile", { display_name, avatar_url });
    return profile;
  }

  /**
   * How users are shown.
   *
   * @param {string[]} usernames at most 100
   * @returns {Promise<{ username: string, display_name?: string, avatar_url?: string }[]>}
   */
  async profiles(usernames) {
    return (await this.request("profiles", { usernames })).profiles;
  }

  /**
   * Tells the server, and this user's other devices, that everything up to seq was read. That also ends a mark as
   * unread.
   */
  async read(conversation_id, seq) {
    if (!this.#stream.reads(conversation_id, seq)) return;
    await this.request("read", { conversation_id, seq });
    this.#stream.hasRead(conversation_id, seq);
  }

  // ---- what the connection tells

  #welcome(frame) {
    this.#user = frame.user?.username ?? frame.user?.id ?? frame.user ?? null;
    this.#limits = frame.limits ?? {};
    this.#outbox.own(this.#user);
    this.#stream.welcome(frame, this.#user);
  }

  #received(frame) {
    if (!this.#stream.received(frame)) this.#emit(frame.type, frame);
  }

  #lost(loss) {
    this.#outbox.pause();
    this.#stream.lost();
    this.#emit("offline", loss);
  }

  /** The server does not want it back. */
  #stopped(error, code) {
    this.#settleConnecting(error);
    this.#outbox.stop(error);
    this.#lost({ code, forGood: true, retryInMs: 0 });
    if (error.code !== "closed") this.#emit("loggedout", { error });
  }

  #end(error) {
    const wanted = this.#connection.wanted;
    this.#settleConnecting(error);
    this.#outbox.stop(error);
    this.#connection.close();
    if (wanted) this.#lost({ code: 1000, forGood: true, retryInMs: 0 });
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
    if (type === "online") {
      this.#settleConnecting();
      this.#emit(type, detail);
      this.#outbox.start(this.#limits);
    } else {
      this.#emit(type, detail);
    }
  }

  #sent(fields, reply) {
    const { message_id, conversation_id, seq, created_at } = reply;
    const { to, group, ...content } = fields;
    // Of a forward, and of files, only the server knows what is shown.
    if (content.text === undefined || content.attachments?.length) this.#stream.fetch();
    else this.#stream.take({ ...content, message_id, conversation_id, seq, created_at, from: this.#user });
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

/** For send; crypto.randomUUID would be there on https and localhost only. */
export function newMessageId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

const time = (given) => (given instanceof Date ? given.toISOString() : given);

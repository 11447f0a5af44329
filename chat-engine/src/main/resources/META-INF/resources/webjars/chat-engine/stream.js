import { asMessage, Changes, isLater, NOTHING_KNOWN } from "./changes.js";
import { EarlyMessages } from "./early-messages.js";
import { pinChange, withPin } from "./pins.js";
import { NONE as NO_PREFERENCES, preferencesAt } from "./preferences.js";
import { Questions } from "./questions.js";
import { withOwnReactions, withReaction } from "./reactions.js";
import { withoutExpired, withPreviewOf } from "./replies.js";

const PAGE = 100;
const MOST_CURSORS = 20_000; // the server takes no more in one sync
const AROUND_CURSORS = 100; // bytes of a sync without them
const HOLE_MS = 5_000; // what is on its way comes sooner
const COUNT_MS = 300; // who scrolls reads many times
const LATE_MS = 30_000; // news of an earlier membership arrives within this time
const NONE = { seq: 0 }; // before all messages

/**
 * What is known of the conversations, and the messages in order: each once, none left out; and messages that
 * were given before, when they have changed.
 *
 * It rests on two things. A cursor for each conversation: the seq of the last message that was given
 * away, and what is known of the rest, so a sync tells what has changed. And what came too early, ahead
 * of the cursor: an acknowledgement that overtook somebody else's message, or anything while a sync is
 * under way.
 */
export class Stream {
  #connection;
  #questions;
  #emit;
  #conversations = new Map(); // id -> see ChatClient.conversations
  #cursors = new Map(); // conversation id -> { seq, read_seq, preferences }, undefined what is not sure
  #changes = new Map(); // conversation id -> Changes, which have the rev of the cursor
  #early = new EarlyMessages(); // ahead of their cursors
  #reacting = new Map(); // conversation id -> reactions of this client that have no answer yet
  #preferred = new Map(); // conversation id -> preferences that came during the sync that is under way
  #firstSeqs = new Map(); // conversation id -> the first seq that has not expired, where some have
  #pinning = new Map(); // conversation id -> changes of pins that came during the sync that is under way
  #user = null;
  #epoch = null;
  #restored = new Set(); // ids of conversations that are as an archive had them
  #left = new Map(); // conversation id -> the rev at which this user left it, during the sync that is under way
  #unsure = new Set(); // ids of conversations of which only an answer to what is asked from now on counts what is unread
  #entered = new Set(); // ids of conversations that were entered, whose newest message is still to be told
  #enteredAt = new Map(); // conversation id -> when this user was told to be in it, by performance.now()
  #frameBytes = Infinity;
  #live = false; // whether the first sync of this connection is through
  #syncing = false;
  #syncAgain = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #countTimer; // there while something is to be counted by the server
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #holeTimer; // there while something waits for a message before it

  /**
   * @param {import("./connection.js").Connection} connection
   * @param {(type: string, detail?: any) => void} emit
   */
  constructor(connection, emit) {
    this.#connection = connection;
    this.#questions = new Questions(connection);
    this.#emit = emit;
  }

  get live() {
    return this.#live;
  }

  get conversations() {
    return [...this.#conversations.values()];
  }

  conversation(id) {
    return this.#conversations.get(id);
  }

  /** Whether a conversation is known to be in slow mode. */
  isSlow(id) {
    return (this.#conversations.get(id)?.slow_mode_seconds ?? 0) > 0;
  }

  /**
   * The id of the conversation with a user, or of a group.
   *
   * @param {{ to?: string, group?: string }} names
   * @returns {string | undefined}
   */
  conversationOf({ to, group }) {
    const peer = to?.toLowerCase();
    for (const { conversation_id, peer: other, name } of this.#conversations.values()) {
      if (peer === undefined ? name === group : other?.toLowerCase() === peer) return conversation_id;
    }
    return undefined;
  }

  /** How a conversation stands, to be restored; null if this user is not in it. */
  snapshot(id) {
    const [conversation, cursor] = [this.#conversations.get(id), this.#cursors.get(id)];
    return conversation && cursor ? { conversation: { ...conversation }, cursor: { ...cursor, rev: this.#changesOf(id).givenRev } } : null;
  }

  get epoch() {
    return this.#epoch;
  }

  /** Takes up how everything stood when this user was here last. */
  restore(user, epoch, snapshots) {
    if (this.#user !== null) return; // there is news already
    this.#user = user;
    this.#epoch = epoch;
    for (const { conversation, cursor: { rev, ...cursor } } of snapshots) {
      const id = conversation.conversation_id;
      this.#conversations.set(id, conversation);
      this.#cursors.set(id, cursor);
      this.#changes.set(id, new Changes(rev));
      if (conversation.first_seq > 1) this.#firstSeqs.set(id, conversation.first_seq);
      this.#restored.add(id);
    }
    this.#emit("conversations");
  }

  welcome({ epoch, limits }, user) {
    if (this.#epoch !== epoch || this.#user !== user) this.#startAfresh();
    this.#epoch = epoch;
    this.#user = user;
    this.#frameBytes = limits?.max_frame_bytes ?? Infinity;
    this.#questions.begin();
    this.#sync();
  }

  lost() {
    this.#questions.end();
    clearTimeout(this.#holeTimer);
    clearTimeout(this.#countTimer);
    this.#holeTimer = this.#countTimer = undefined;
    this.#live = this.#syncing = this.#syncAgain = false;
  }

  /** @returns {boolean} whether the frame was of this stream */
  received(frame) {
    switch (frame.type) {
      case "message":
        this.take(frame);
        return true;
      case "message_edited":
      case "message_deleted":
        this.#messageChanged(frame);
        return true;
      case "reaction":
        this.#reacted(frame);
        return true;
      case "conversation":
        this.#conversationChanged(frame);
        return true;
      case "resync":
        this.#sync();
        return true;
      case "receipt":
        if (frame.kind === "read" && frame.username === this.#user) this.hasRead(frame.conversation_id, frame.seq);
        return false;
      case "preferences":
        this.prefer(frame);
        return false;
      default:
        return false;
    }
  }

  /** A message, from whatever side it comes. */
  take(message) {
    if (message.seq <= this.#cursors.get(message.conversation_id)?.seq) return;
    this.#early.hold(message);
    if (this.#syncing || !this.#live) return;
    if (this.#cursors.has(message.conversation_id)) this.#drain(message.conversation_id);
    else this.#sync(); // the news of this conversation was lost
  }

  /** Gets what the server has and this has not. */
  fetch() {
    this.#sync();
  }

  /** Reacts; the answer is given away as the event that other connections get. */
  async react({ conversation_id, seq, emoji, on }) {
    const underWay = (more) => this.#reacting.set(conversation_id, (this.#reacting.get(conversation_id) ?? 0) + more);
    underWay(1);
    try {
      const reply = await this.#connection.request("react", { conversation_id, seq, emoji, on });
      const { rev, count } = reply;
      if (rev > 0) this.#reacted({ type: "reaction", conversation_id, seq, rev, emoji, username: this.#user, on, count });
      return reply;
    } finally {
      underWay(-1);
      if (!this.#reacting.get(conversation_id)) { // that was the last one
        this.#reacting.delete(conversation_id);
        if (this.#live) this.#syncIfMissing(conversation_id);
      }
    }
  }

  // ---- what was read

  /** @returns {boolean} whether this is news */
  reads(conversationId, seq) {
    const marked = this.#conversations.get(conversationId)?.preferences.unread_from;
    const endsMark = marked && seq >= marked; // what was marked as unread is read again
    if (!this.#readUpTo(conversationId, seq) && !endsMark) return false;
    this.#cursors.get(conversationId).read_seq = undefined; // it may arrive, and the answer be lost
    return true;
  }

  /** The server says so; an older answer may come after a newer one. */
  hasRead(conversationId, seq) {
    this.#readUpTo(conversationId, seq);
    const { read_seq, unread = 0 } = this.#conversations.get(conversationId) ?? {};
    if (read_seq !== seq) return;
    if (unread === 0 && !this.#syncing && !this.#isNew(conversationId)) this.#cursors.get(conversationId).read_seq = seq;
    else this.#recount(conversationId); // an answer that is under way may be older
  }

  /** A request to read has failed: how far this user has read only the server knows. */
  hasNotRead(conversationId) {
    if (this.#cursors.has(conversationId)) this.#recount(conversationId);
  }

  /** Whether a receipt may be of an earlier membership: it is no part of the stream, and may come after this user has left and come back. */
  #isNew(id) {
    return performance.now() - (this.#enteredAt.get(id) ?? -LATE_MS) < LATE_MS;
  }

  /** Of messages that are behind a seq only the server knows which are this user's own, or deleted. */
  #recount(id) {
    this.#doubt(id);
    this.#countTimer ??= setTimeout(() => {
      this.#countTimer = undefined;
      this.#sync();
    }, COUNT_MS);
  }

  /** What is unread is counted anew by the next sync. */
  #doubt(id) {
    this.#unsure.add(id);
    this.#cursors.get(id).read_seq = undefined; // so the answer has this conversation
  }

  #readUpTo(conversationId, seq) {
    const conversation = this.#conversations.get(conversationId);
    if (!conversation || seq <= conversation.read_seq) return false;
    conversation.read_seq = seq;
    conversation.unread = seq >= conversation.last_seq ? 0 : Math.min(conversation.unread, conversation.last_seq - seq);
    conversation.unread_mentions = Math.min(conversation.unread_mentions, conversation.unread);
    this.#emit("conversations");
    return true;
  }

  // ---- preferences

  /** From an event or an answer. What is unread from a mark on only the server can count. */
  prefer(frame) {
    const id = frame.conversation_id;
    if (this.#syncing && !(frame.version <= this.#preferred.get(id)?.version)) this.#preferred.set(id, frame);
    const conversation = this.#conversations.get(id);
    if (!conversation || frame.version <= conversation.preferences.version) return;
    const { unread_from } = conversation.preferences;
    conversation.preferences = preferencesAt(frame, conversation.last_seq);
    const counted = unread_from === frame.unread_from;
    this.#cursors.get(id).preferences = counted ? frame.version : undefined;
    this.#emit("conversations");
    if (!counted) this.#sync();
  }

  // ---- sync

  /** One at a time; another one that is asked for meanwhile follows it. */
  async #sync() {
    if (this.#syncing) {
      this.#syncAgain = true;
      return;
    }
    const { connected } = this.#questions;
    if (!connected) return; // the next connection begins with one
    this.#syncing = true;
    try {
      do {
        this.#syncAgain = false;
        this.#preferred.clear();
        this.#pinning.clear();
        this.#unsure.clear();
        this.#left.clear();
        const { cursors, untold } = this.#cursorsToSend();
        const told = [];
        for await (const { conversations, gone } of this.#questions.sync(cursors)) {
          for (const state of conversations) {
            const id = state.conversation_id;
            this.#stand(state, untold.has(id), untold.get(id) ?? cursors[id]?.rev);
            untold.delete(id);
          }
          for (const id of gone) this.#drop(id);
          told.push(...conversations);
          this.#emit("conversations");
        }
        for (const id of untold.keys()) this.#drop(id);
        for (const state of told) await this.#catchUp(state);
      } while (this.#syncAgain);
    } catch (error) {
      // the server's past is not this one's any more, or its cursors are more than it takes
      if (error.code === "bad_request" || error.code === "too_large") this.#startAfresh();
      if (connected === this.#questions.connected) this.#connection.abandon(); // comes back, and syncs anew
      return;
    }
    this.#syncing = false;
    for (const id of new Set([...this.#early.conversations, ...this.#changes.keys()])) this.#drain(id);
    const first = !this.#live;
    this.#live = true;
    this.#emit("conversations");
    if (first) this.#emit("online");
  }

  /**
   * As many as the server takes in a frame, those of the latest conversations first. What is untold is
   * answered in any case, unless this user is not in there any more.
   */
  #cursorsToSend() {
    const cursors = {};
    const untold = new Map([...this.#cursors.keys()].map((id) => [id, this.#changesOf(id).rev]));
    const time = (id) => this.#conversations.get(id).last_message?.created_at ?? "";
    const latestFirst = [...this.#cursors].sort(([a], [b]) => time(b).localeCompare(time(a)));
    let room = this.#frameBytes - AROUND_CURSORS;
    for (const [id, { seq, read_seq, preferences }] of latestFirst.slice(0, MOST_CURSORS)) {
      if (this.#entered.has(id)) continue;
      const cursor = { seq, rev: this.#changes.get(id).rev, read_seq, preferences };
      room -= JSON.stringify([id, cursor]).length; // no less than it takes; a byte for each character
      if (room < 0) break;
      cursors[id] = cursor;
      untold.delete(id);
    }
    return { cursors, untold };
  }

  /**
   * Takes over how the server says that a conversation stands; without a cursor nothing was missed. Changes of
   * messages are told to a cursor only, so what the application has of an untold conversation may be old.
   *
   * @param {any} answer
   * @param {boolean} untold
   * @param {number} [after] what was known when it was asked for
   */
  #stand({ missed, changes = [], reset, has_more, rev, preferences: told, first_seq = 1, ...state }, untold, after = NOTHING_KNOWN) {
    const id = state.conversation_id;
    if (rev < this.#left.get(id)) return; // that overtook the answer
    const isOld = this.#restored.delete(id) && has_more; // what was missed since is more than anybody reads
    this.#entered.delete(id);
    if (isOld) this.#cursors.delete(id);
    this.#expire(id, first_seq);
    const first = this.#firstSeq(id); // an event may have overtaken the answer
    const before = this.#conversations.get(id);
    const known = this.#changesOf(id);
    const isVoid = reset || isOld || (untold && rev > known.rev);
    if (!reset) Object.assign(state, whatOvertook(rev, before));
    const newest = state.last_message ?? (isVoid ? undefined : before?.last_message);
    const last_message = newest?.seq >= first ? withoutExpired(newest, first) : undefined;
    const { unread_mentions = 0 } = state; // a server of the version before does not tell
    const pinned = (this.#pinning.get(id) ?? [])
      .filter((change) => change.rev > rev) // they overtook the answer
      .reduce(withPin, state.pinned ?? [])
      .filter((seq) => seq >= first);
    const preferences = preferencesAt(told ?? NO_PREFERENCES, state.last_seq);
    this.#conversations.set(id, {
      ...state, first_seq: first, unread_mentions, pinned, last_message, preferences, counted: state.last_seq, counted_rev: rev,
    });
    const unseen = Math.min(...this.#early.seqs(id)) - 1; // infinite if none came
    const seq = this.#cursors.get(id)?.seq ?? Math.min(unseen, state.last_seq);
    const read_seq = this.#unsure.has(id) ? undefined : state.read_seq;
    this.#cursors.set(id, { seq: Math.max(seq, first - 1), read_seq, preferences: told?.version });
    if (this.#preferred.has(id)) this.prefer(this.#preferred.get(id)); // it overtook the answer
    if (isVoid) {
      known.startFrom(rev, after);
      this.#emit("reset", { conversation_id: id });
    } else {
      changes.forEach((message) => known.addRead(message));
      known.caughtUp(rev, after);
    }
  }

  /**
   * Fetches what lies between the cursor and the newest message. What the server leaves out right after the cursor is not
   * this user's to read, or has expired.
   */
  async #catchUp({ conversation_id, last_seq, missed = [] }) {
    const cursor = this.#cursors.get(conversation_id);
    if (!cursor) return; // dropped meanwhile
    let page = missed;
    for (let reached = cursor.seq; reached < last_seq; ) {
      if (!page.length) page = await this.#questions.history(conversation_id, { after: reached, limit: PAGE });
      const held = this.#early.seqs(conversation_id).filter((seq) => seq > reached);
      const first = Math.min(page[0]?.seq ?? last_seq + 1, ...held);
      if (reached === cursor.seq && first > reached + 1) cursor.seq = reached = first - 1;
      for (const message of page) this.#early.hold(message);
      if (!(page.at(-1)?.seq > reached)) return; // the server has no more
      reached = page.at(-1).seq;
      page = [];
    }
  }

  // ---- expired messages

  #firstSeq(id) {
    return this.#firstSeqs.get(id) ?? 1;
  }

  /** Messages below a seq have expired: nobody will give them any more. */
  #expire(id, first) {
    if (first <= this.#firstSeq(id)) return;
    this.#firstSeqs.set(id, first);
    const cursor = this.#cursors.get(id);
    if (cursor && cursor.seq < first - 1) cursor.seq = first - 1;
    this.#early.update(id, (message) => withoutExpired(message, first));
    const conversation = this.#conversations.get(id);
    if (conversation) {
      const { last_message: last, pinned } = conversation;
      conversation.first_seq = first;
      conversation.last_message = last?.seq >= first ? withoutExpired(last, first) : undefined;
      conversation.pinned = pinned.filter((seq) => seq >= first);
      this.#emit("expired", { conversation_id: id, first_seq: first });
    }
  }

  /** What was told live of the history as a whole. */
  #historyChanged(id, { kind, first_seq, retention_seconds, rev }) {
    const conversation = this.#conversations.get(id);
    if (kind === "expired") {
      this.#expire(id, first_seq);
      if (this.#live && !this.#syncing) this.#drain(id);
      if (conversation?.unread && conversation.read_seq < first_seq - 1) this.#sync(); // the server counts
    } else if (kind === "retention_set") {
      if (conversation) Object.assign(conversation, { retention_seconds: retention_seconds ?? undefined, retention_rev: rev });
      else if (this.#syncing) this.#syncAgain = true; // it may have overtaken a later page
    }
  }

  // ---- messages in order

  #drain(id) {
    const cursor = this.#cursors.get(id);
    if (!cursor) {
      this.#changes.delete(id);
      return;
    }
    const changed = this.#changesOf(id).take();
    const isGiven = ({ seq }) => seq <= cursor.seq;
    const again = changed.filter(isGiven);
    for (const message of changed) {
      this.#answered(id, message);
      this.#uncount(message);
    }
    for (const message of changed) if (!isGiven(message)) this.#early.hold(asMessage(message));
    this.#giveEarly(id, cursor);
    for (const message of again) this.#giveAgain(message);
    const isThere = (seq) => seq <= cursor.seq || this.#early.has(id, seq);
    for (const reaction of this.#changesOf(id).takeReactions(isThere)) this.#giveReaction(reaction);
  }

  /** What is not given yet shows a changed message as it is now. */
  #answered(id, changed) {
    this.#early.update(id, (message) => withPreviewOf(message, changed));
    const conversation = this.#conversations.get(id);
    const last = conversation?.last_message;
    if (last) conversation.last_message = withPreviewOf(last, changed);
  }

  #giveEarly(id, cursor) {
    for (const message of this.#early.takeAfter(id, cursor.seq)) {
      cursor.seq = message.seq;
      this.#give(message);
    }
    if (this.#early.has(id)) this.#watchTheHole();
  }

  /** What an acknowledgement overtook comes right after it; what does not was lost. */
  #watchTheHole() {
    this.#holeTimer ??= setTimeout(() => {
      this.#holeTimer = undefined;
      if (this.#live && !this.#early.isEmpty) this.#sync();
    }, HOLE_MS);
  }

  #give(message) {
    const conversation = this.#conversations.get(message.conversation_id);
    this.#changesOf(message.conversation_id).given(message);
    if (conversation && isLater(message, conversation.last_message ?? NONE)) conversation.last_message = message;
    if (conversation && message.seq > conversation.counted) {
      conversation.counted = conversation.last_seq = message.seq;
      if (message.from !== this.#user && !message.deleted) {
        conversation.unread++;
        if (message.mentions?.includes(this.#user)) conversation.unread_mentions++;
      }
      conversation.preferences = preferencesAt(conversation.preferences, message.seq);
      this.#emit("conversations");
    }
    this.#emit("message", message);
  }

  // ---- changes

  #changesOf(id) {
    if (!this.#changes.has(id)) this.#changes.set(id, new Changes(NOTHING_KNOWN));
    return this.#changes.get(id);
  }

  #messageChanged(frame) {
    const id = frame.conversation_id;
    if (!this.#cursors.has(id) && !this.#syncing) return; // this user is not in there any more
    this.#pin(frame);
    this.#changesOf(id).add(frame);
    this.#changeCame(id, frame.change);
    if (this.#live && !this.#syncing) this.#drain(id);
    if (!this.#mayChangeMentions(frame)) return;
    this.#doubt(id);
    this.#sync();
  }

  /** What is as old as the answer to a sync is in that answer already. */
  #pin(frame) {
    const change = pinChange(frame);
    if (!change) return;
    const id = frame.conversation_id;
    if (this.#syncing) this.#pinning.set(id, [...(this.#pinning.get(id) ?? []), change]);
    const conversation = this.#conversations.get(id);
    if (!conversation || change.rev <= (conversation.counted_rev ?? 0)) return;
    const pinned = withPin(conversation.pinned, change);
    if (pinned === conversation.pinned) return;
    conversation.pinned = pinned;
    this.#emit("conversations");
  }

  /** Whether there may be other unread mentions now. What the message said before is not kept: the server counts. */
  #mayChangeMentions(changed) {
    const conversation = this.#conversations.get(changed.conversation_id);
    return !!conversation && this.#isUnread(changed, conversation)
      && (conversation.unread_mentions > 0 || changed.mentions?.includes(this.#user));
  }

  /** Whether a message is unread, and was changed after these were counted. */
  #isUnread({ seq, from, rev }, { read_seq, counted_rev = 0 }) {
    return from !== this.#user && seq > read_seq && rev > counted_rev;
  }

  /** The change before it may come with the sync that is under way; without one it was lost. */
  #changeCame(id, { rev }) {
    const changes = this.#changesOf(id);
    changes.came(rev);
    this.#syncIfMissing(id);
  }

  /** What is missing may be a reaction of this client, whose answer is under way. */
  #syncIfMissing(id) {
    if (this.#changes.get(id)?.gap && !this.#syncing && !this.#reacting.has(id)) this.#sync();
  }

  #reacted(frame) {
    const id = frame.conversation_id;
    if (!this.#cursors.has(id) && !this.#syncing) return; // this user is not in there any more
    this.#changesOf(id).addReaction(frame);
    this.#changeCame(id, frame);
    if (this.#live && !this.#syncing) this.#drain(id);
  }

  #giveReaction(frame) {
    const reaction = { ...frame, me: frame.username === this.#user };
    const { conversation_id: id, seq } = frame;
    this.#early.updateOne(id, seq, (message) => withReaction(message, reaction));
    const conversation = this.#conversations.get(id);
    if (conversation?.last_message?.seq === seq) {
      conversation.last_message = withReaction(conversation.last_message, reaction);
    }
    this.#emit("reaction", reaction);
  }

  /** A message that was counted as unread, and was deleted since. */
  #uncount(changed) {
    const conversation = this.#conversations.get(changed.conversation_id);
    if (!conversation || !changed.deleted || changed.seq > conversation.counted || !this.#isUnread(changed, conversation)) return;
    conversation.unread = Math.max(0, conversation.unread - 1);
    this.#emit("conversations");
  }

  #giveAgain(message) {
    const conversation = this.#conversations.get(message.conversation_id);
    const isLast = conversation?.last_message?.seq === message.seq;
    if (isLast && isLater(message, conversation.last_message)) {
      conversation.last_message = withOwnReactions(asMessage(message), conversation.last_message);
      this.#emit("conversations");
    }
    this.#emit(message.deleted ? "message_deleted" : "message_edited", message);
  }

  #conversationChanged(frame) {
    const { conversation_id: id, kind, peers = [], change } = frame;
    const aboutMe = change?.username === this.#user || !!change?.usernames?.includes(this.#user);
    if (change?.kind === "deleted" || (change?.kind === "removed" && aboutMe)) {
      this.#left.set(id, change.rev);
      this.#drop(id);
    } else if (this.#conversations.has(id)) {
      const conversation = this.#conversations.get(id);
      this.#pin(frame);
      if (change) this.#historyChanged(id, change);
      const { counted_rev = 0, details_rev = counted_rev } = conversation;
      if (!(change?.rev <= Math.max(counted_rev, details_rev))) { // what is older is contained in what is known
        Object.assign(conversation, details(frame));
        if (aboutMe && change.role) Object.assign(conversation, { role: change.role, role_rev: change.rev });
        if (change?.kind === "peer_replaced") conversation.peer = peers.find((user) => user !== this.#user);
        if (change) conversation.details_rev = change.rev;
      }
      if (change) this.#changeCame(id, change);
    } else if (change?.kind === "expired" || change?.kind === "retention_set") {
      if (this.#syncing) this.#historyChanged(id, change);
    } else if (pinChange(frame)) {
      this.#pin(frame); // of a conversation that a later page of the sync tells
    } else if (!change || aboutMe) {
      const from = change?.at_seq ?? 0;
      const peer = peers.find((user) => user !== this.#user);
      this.#conversations.set(id, {
        conversation_id: id, kind, ...details(frame), peer, role: change?.role,
        last_seq: from, read_seq: from, unread: 0, unread_mentions: 0, pinned: [], first_seq: this.#firstSeq(id),
        preferences: NO_PREFERENCES, counted: from, details_rev: change?.rev, role_rev: change?.rev,
      });
      this.#cursors.set(id, { seq: from });
      this.#enteredAt.set(id, performance.now());
      this.#changesOf(id).caughtUp(change?.rev ?? 0);
      if (from > 0) this.#entered.add(id);
      if (from > 0 || this.#syncing) this.#sync(); // the answer under way may still say that this user is not in there
      else this.#drain(id);
    } else if (this.#syncing) {
      this.#syncAgain = true; // it may have overtaken a later page
    }
    this.#emit("conversation", frame);
    this.#emit("conversations");
    // A change of very many names only some of them: a sync tells whether it was about this user.
    if (change?.kind === "removed" && change.count > (change.usernames?.length ?? 1)) this.#sync();
  }

  #drop(id) {
    const wasThere = this.#conversations.delete(id);
    this.#cursors.delete(id);
    this.#changes.delete(id);
    this.#early.drop(id);
    this.#preferred.delete(id); // they end with the membership
    this.#pinning.delete(id);
    this.#firstSeqs.delete(id);
    this.#entered.delete(id);
    this.#enteredAt.delete(id);
    this.#unsure.delete(id);
    if (wasThere) this.#emit("gone", { conversation_id: id });
  }

  #startAfresh() {
    const known = this.#cursors.size > 0;
    this.#conversations.clear();
    this.#cursors.clear();
    this.#changes.clear();
    this.#early.clear();
    this.#preferred.clear();
    this.#pinning.clear();
    this.#firstSeqs.clear();
    this.#restored.clear();
    this.#entered.clear();
    this.#enteredAt.clear();
    this.#unsure.clear();
    if (known) this.#emit("reset");
  }
}

/**
 * What events told that are newer than an answer to a sync, of what is known of the conversation.
 *
 * @param {number} rev
 * @param {any} [known]
 */
function whatOvertook(rev, { details_rev, role_rev, retention_rev, ...known } = {}) {
  return {
    ...(details_rev > rev && { ...details(known), details_rev }),
    ...(role_rev > rev && { role: known.role, role_rev }),
    ...(retention_rev > rev && { retention_seconds: known.retention_seconds, retention_rev }),
  };
}

/** What a group is beside its members; an event of it says all of it. */
function details({ name, description, avatar_url, attributes, slow_mode_seconds, history }) {
  return { name, description, avatar_url, attributes, slow_mode_seconds, history };
}

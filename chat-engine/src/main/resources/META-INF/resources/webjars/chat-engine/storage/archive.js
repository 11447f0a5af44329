import { asMessage } from "../changes.js";
import { soundRecord } from "../frames.js";
import { Timeline } from "../timeline.js";

const MOST_MESSAGES = 100; // of a conversation
const MOST_CHANGES = 100; // of a conversation itself
const SOON_MS = 300;
const NOBODY = { changed() {}, used() {}, conversation() {}, history: () => Promise.reject(new Error("an archive asks nobody")) };

/**
 * What a user has seen last, kept on this device to be read without a connection: how each conversation stands, its
 * cursor, its newest messages, and what has happened to it. One record for each conversation, so these always fit together. Messages come
 * into it as they are given, and with each page of the newest ones that is fetched.
 *
 * One tab writes, the one that has the lock. It continues the records that it has written or restored itself; in others changes may be
 * missing, so there the messages begin anew.
 */
export class Archive {
  #storage;
  #prefix;
  #locks;
  #source;
  #user = /** @type {?string} */ (null);
  #writes = false;
  #leave = () => {};
  #known = new Set(); // ids of conversations whose records hold everything up to here
  #pending = new Map(); // conversation id -> [[type, detail]], the news
  #timer;
  #flushing = Promise.resolve();

  /**
   * @param {import("./storage.js").ClientStorage} storage
   * @param {string} prefix of the keys
   * @param {?LockManager | undefined} locks
   * @param {{
   *   snapshot(id: string): ?{ conversation: any, cursor: any },
   *   epoch(): ?string,
   *   newest(id: string): ?{ messages: any[], hasOlder: boolean },
   * }} source `newest` is what is in memory, up to the newest message
   */
  constructor(storage, prefix, locks, source) {
    this.#storage = storage;
    this.#prefix = prefix;
    this.#locks = locks;
    this.#source = source;
  }

  /** Everything of a user: { epoch, conversations: [{ conversation, cursor }] }; null if there is nothing. */
  async restore(user) {
    const records = await this.#storage.read(this.#folder(user)).catch(() => []);
    const epoch = records.find(([key]) => key === this.#epochKey(user))?.[1];
    const conversations = records.map(([, record]) => soundRecord(record)).filter((record) => record !== undefined);
    this.#known = new Set(conversations.map(({ conversation }) => conversation.conversation_id));
    return epoch ? { epoch, conversations } : null;
  }

  /** The newest messages of a conversation, if they are those up to the cursor of this client. */
  async page(id) {
    const record = await this.#latest(id);
    return record && this.#isUpToDate(record, id) ? { messages: record.messages, has_more: record.hasOlder } : null;
  }

  /** The same, and what has happened to the conversation: [{ at, change }], ascending. */
  async kept(id) {
    const record = await this.#latest(id);
    if (!record) return null;
    const { messages, hasOlder } = this.#isUpToDate(record, id) ? record : { messages: [], hasOlder: true };
    return { messages, has_more: hasOlder, changes: record.changes ?? [] };
  }

  async #latest(id) {
    await this.flush();
    return this.#user === null ? null : this.#read(id);
  }

  #isUpToDate(record, id) {
    const cursor = this.#source.snapshot(id)?.cursor;
    return record.cursor.seq === cursor?.seq && record.cursor.rev === cursor.rev;
  }

  /** From now on it keeps what is given, once this tab may. */
  open(user) {
    if (user === this.#user) return;
    this.close();
    this.#user = user;
    if (this.#locks) this.#takeTurn(user).catch(() => {}); // without locks there is nobody else
    else this.#writes = true;
  }

  async #takeTurn(user) {
    const write = () => new Promise((leave) => {
      if (this.#user !== user) return leave(true);
      this.#leave = () => leave(true);
      this.#writes = true;
    });
    const isFree = await this.#locks?.request(this.#folder(user), { ifAvailable: true }, (lock) => lock && write());
    if (isFree || this.#user !== user) return;
    await this.#locks?.request(this.#folder(user), () => {
      this.#known.clear(); // another tab has written meanwhile
      return write();
    });
  }

  /** What the stream is about to give, or to say of a conversation; or "newest": { messages, hasOlder }, which were fetched. */
  note(id, type, detail) {
    if (!this.#writes) return;
    if (!this.#pending.has(id)) this.#pending.set(id, []);
    this.#pending.get(id).push([type, detail]);
    this.#timer ??= setTimeout(() => this.flush(), SOON_MS);
  }

  /** Writes what has come. */
  flush() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#pending.size) return this.#flushing;
    const pending = [...this.#pending].map(([id, news]) => ({ id, news, ...this.#source.snapshot(id), newest: stateOf(this.#source.newest(id)) }));
    this.#pending.clear();
    const [user, epoch] = [this.#user, this.#source.epoch()];
    this.#flushing = this.#flushing.then(() => this.#write(user, epoch, pending)).catch(() => {
      this.#writes = false; // full, or gone: what is there gets old, and is noticed as such
    });
    return this.#flushing;
  }

  async #write(user, epoch, pending) {
    const entries = await Promise.all(pending.map(async ({ id, conversation, cursor, news, newest }) => {
      const key = this.#key(user, id);
      if (!conversation) return [key, undefined];
      const record = await this.#read(id, user);
      const { messages, hasOlder } = newest ?? this.#continued(id, record, conversation.last_message, news);
      this.#known.add(id);
      const kept = messages.slice(-MOST_MESSAGES);
      const changes = changesAfter(record?.changes ?? [], news);
      return [key, { conversation, cursor, messages: kept, hasOlder: hasOlder || kept.length < messages.length, changes }];
    }));
    await this.#storage.write([...entries, [this.#epochKey(user), epoch]]);
  }

  /** The messages of a record after the news. */
  #continued(id, record, last, news) {
    const ended = news.findLastIndex(([type]) => type === "reset" || type === "gone");
    const fits = record && this.#known.has(id) && ended < 0;
    let timeline = timelineOf(id, fits ? record.messages : [], fits ? record.hasOlder : true);
    for (const [type, detail] of news.slice(ended + 1)) {
      if (type === "newest") timeline = withNewest(timeline, detail);
      else if (type === "message") timeline.take(asMessage(detail));
      else if (type === "reaction") timeline.react(detail);
      else if (type === "expired") timeline.expire(detail.first_seq);
      else if (type === "message_edited" || type === "message_deleted") timeline.change(asMessage(detail));
    }
    const messages = timeline.messages.length || !last ? timeline.messages : [last];
    return { messages, hasOlder: timeline.hasOlder };
  }

  /** Removes everything of the user. */
  async clear(user) {
    this.close();
    try {
      await this.#flushing;
      const records = await this.#storage.read(this.#folder(user));
      await this.#storage.write(records.map(([key]) => [key, undefined]));
    } catch {
      // there is no storage, so there is nothing in it
    }
  }

  /** Keeps no more. */
  close() {
    this.flush();
    this.#leave();
    this.#leave = () => {};
    this.#writes = false;
    this.#user = null;
  }

  async #read(id, user = this.#user) {
    const key = this.#key(user, id);
    const records = await this.#storage.read(key).catch(() => []);
    return soundRecord(records.find(([one]) => one === key)?.[1]);
  }

  #folder(user) {
    return `${this.#prefix}/${encodeURIComponent(user)}/`;
  }

  #key(user, id) {
    return `${this.#folder(user)}c/${encodeURIComponent(id)}`;
  }

  #epochKey(user) {
    return `${this.#folder(user)}epoch`;
  }
}

/** As it is now: until it is written it may go elsewhere. */
const stateOf = (newest) => newest && { messages: newest.messages, hasOlder: newest.hasOlder };

function timelineOf(id, messages, hasOlder) {
  const timeline = new Timeline(id, NOBODY);
  timeline.restore(messages, hasOlder);
  return timeline;
}

/** What was fetched, and what is known beside it: later messages, later states, and those before it, if there is no gap. */
function withNewest(known, { messages, hasOlder }) {
  const [first, last] = [messages[0]?.seq, messages.at(-1)?.seq];
  if (!messages.length || known.messages[0]?.seq > last + 1) return known;
  const before = known.messages.at(-1)?.seq >= first - 1 ? known.messages.filter(({ seq }) => seq < first) : [];
  const timeline = timelineOf(known.conversation_id, [...before, ...messages], before.length ? known.hasOlder : hasOlder);
  for (const message of known.messages) if (message.seq >= first) timeline.take(message);
  return timeline;
}

function changesAfter(changes, news) {
  const at = new Date().toISOString();
  const known = new Set(changes.map(({ change }) => change.rev));
  const more = news.filter(([type, detail]) => type === "conversation" && detail.change && !known.has(detail.change.rev));
  return [...changes, ...more.map(([, { change }]) => ({ at, change }))].sort((a, b) => a.change.rev - b.change.rev).slice(-MOST_CHANGES);
}

import { isLater } from "./changes.js";
import { firstUnread } from "./preferences.js";
import { withOwnReactions, withReaction } from "./reactions.js";
import { withoutExpired, withPreviewOf } from "./replies.js";

const PAGE = 50;
const MOST = 1_000;
const READ = 10; // messages that are shown before the first unread one

/**
 * A piece of the history of a conversation, without a gap: each message in its present state, as long as the client
 * runs. It begins empty; `load` and its siblings fetch, and what happens live comes by itself. Each change is an event
 * `timeline` of the client.
 *
 * Answers and events may overtake one another: of two states of a message the later one stays, and what happens while an
 * answer is under way is applied to it afterwards.
 */
export class Timeline {
  conversation_id;
  #host;
  #messages = []; // ascending by seq
  #loaded = false;
  #hasOlder = true;
  #hasNewer = true;
  #asked = new Map(); // what -> promise
  #loading = /** @type {?Promise<void>} */ (null); // the request under way
  #meanwhile = /** @type {?((() => void)[])} */ (null); // what happened since the request under way was made
  #keepers = 0;
  #version = 0; // another one after everything was forgotten

  /**
   * How many messages it has at most, such as fit on a screen and around it: a page that is fetched at one end takes the place of what is at
   * the other end. Unless it is set there is no bound to the older ones that are fetched, and one of 1,000 to all others.
   */
  window = Infinity;

  /**
   * Whether somebody looks at its end, so that new messages take the place of the oldest ones. If not they may double it, for what is
   * before somebody's eyes is to stay; then they are fetched again by `loadNewer`.
   */
  follows = true;

  /**
   * @param {string} conversationId
   * @param {{
   *   history(page: object): Promise<any>,
   *   conversation(id: string): any,
   *   changed(timeline: Timeline, kind: string, messages: any[]): void,
   *   used(timeline: Timeline): void,
   * }} host
   */
  constructor(conversationId, host) {
    this.conversation_id = conversationId;
    this.#host = host;
  }

  /** Ascending. Another array after each change. */
  get messages() {
    return this.#messages;
  }

  /** Whether there is anything, be it nothing: without messages, a conversation that has none. */
  get loaded() {
    return this.#loaded;
  }

  /** Whether there are messages before the first one, or may be. */
  get hasOlder() {
    return this.#hasOlder;
  }

  /** Whether there are messages after the last one. Then new ones are not added until that is reached. */
  get hasNewer() {
    return this.#hasNewer;
  }

  /** Whether something that has happened is not applied yet. */
  get lags() {
    return !!this.#meanwhile?.length;
  }

  /** Whether it is on a screen: it is not dropped then to save memory. */
  get kept() {
    return this.#keepers > 0;
  }

  keep() {
    this.#keepers++;
  }

  release() {
    this.#keepers = Math.max(0, this.#keepers - 1);
  }

  /** Fetches the newest messages, unless there are some already. @param {number} [limit] */
  load(limit = PAGE) {
    this.#host.used(this);
    return this.#loaded ? Promise.resolve() : this.loadNewest(limit);
  }

  /** Fetches the newest messages in place of what there is. @param {number} [limit] */
  loadNewest(limit = PAGE) {
    return this.#ask("newest", () => ({ limit }), ({ messages, has_more }) => this.#replace(messages, has_more, false));
  }

  /** Fetches the messages around one, in place of what there is. @param {number} seq @param {number} [limit] */
  loadAround(seq, limit = PAGE) {
    return this.#ask(
      `around ${seq}`,
      () => ({ around: seq, limit }),
      ({ messages, has_more, has_more_before = has_more, has_more_after = has_more }) =>
        this.#replace(messages, has_more_before, has_more_after),
    );
  }

  /**
   * Fetches the messages around the first unread one, in place of what there is; the newest ones if they go back to it, or if nothing is
   * unread.
   *
   * @param {number} [limit]
   */
  loadUnread(limit = PAGE) {
    const conversation = this.#host.conversation(this.conversation_id);
    const unread = conversation ? firstUnread(conversation) : 0;
    const isFar = unread > 0 && conversation.last_seq - unread >= limit - READ;
    return isFar ? this.loadAround(unread, limit) : this.loadNewest(limit);
  }

  /**
   * Fetches the messages around the first one of a time or later, in place of what there is: by halving, for the times ascend with the
   * seqs.
   *
   * @param {Date | number} time
   * @param {number} [limit]
   * @returns {Promise<number>} its seq; that of the last message if all are earlier
   */
  async loadAt(time, limit = PAGE) {
    const { first_seq = 1, last_seq = 1 } = this.#host.conversation(this.conversation_id) ?? {};
    let [low, high] = [first_seq, last_seq];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const { messages } = await this.#host.history({ conversation_id: this.conversation_id, after: middle - 1, limit: 1 });
      if (!messages.length || Date.parse(messages[0].created_at) >= Number(time)) high = middle;
      else low = messages[0].seq + 1;
    }
    await this.loadAround(low, limit);
    return low;
  }

  /** @param {number} [limit] */
  loadOlder(limit = PAGE) {
    if (!this.#loaded) return this.load(limit);
    if (!this.#hasOlder) return Promise.resolve();
    return this.#ask("older", () => (this.#messages.length ? { before: this.#messages[0].seq, limit } : { limit }), ({ messages, has_more }) => {
      this.#hasOlder = has_more;
      this.#add(messages);
      this.#dropNewest();
    });
  }

  /** @param {number} [limit] */
  loadNewer(limit = PAGE) {
    if (!this.#loaded) return this.load(limit);
    if (!this.#hasNewer) return Promise.resolve();
    return this.#ask("newer", () => ({ after: this.#messages.at(-1)?.seq ?? 0, limit }), ({ messages, has_more }) => {
      this.#hasNewer = has_more;
      this.#add(messages);
      this.#dropOldest();
    });
  }

  /** One request at a time, the next one begins where this one has ended; the same call at the same time is one. */
  #ask(what, page, use) {
    this.#host.used(this);
    const under = this.#asked.get(what);
    if (under) return under;
    const calls = this.#asked;
    const asked = this.#inTurn(page, use).finally(() => calls.delete(what));
    calls.set(what, asked);
    return asked;
  }

  async #inTurn(page, use) {
    while (this.#loading) await this.#loading.catch(() => {});
    this.#loading = this.#fetch(page(), use);
    try {
      await this.#loading;
    } finally {
      this.#loading = null;
    }
  }

  async #fetch(page, use) {
    const version = this.#version;
    this.#meanwhile = [];
    try {
      const answer = await this.#host.history({ conversation_id: this.conversation_id, ...page });
      if (version !== this.#version) return; // it is about what was forgotten
      use(answer);
    } finally {
      const meanwhile = this.#meanwhile;
      this.#meanwhile = null;
      meanwhile.forEach((apply) => apply());
    }
  }

  #replace(messages, hasOlder, hasNewer) {
    this.#messages = [...messages];
    this.#loaded = true;
    this.#hasOlder = hasOlder;
    this.#hasNewer = hasNewer;
    this.#host.changed(this, "replaced", this.#messages);
  }

  /** Messages before or behind those that are there, or later states of some. */
  #add(messages) {
    const bySeq = new Map(this.#messages.map((message) => [message.seq, message]));
    const added = messages.filter(({ seq }) => !bySeq.has(seq));
    for (const message of messages) {
      const before = bySeq.get(message.seq);
      if (!before || isLater(message, before)) bySeq.set(message.seq, message);
    }
    this.#messages = [...bySeq.values()].sort((a, b) => a.seq - b.seq);
    this.#host.changed(this, "added", added);
  }

  // ---- what happens

  /** A message that is new to the client. An answer that was under way may have brought it here before, in an older state. */
  take(message) {
    this.#apply(() => {
      if (!this.#loaded) return;
      if (message.seq <= (this.#messages.at(-1)?.seq ?? 0)) return this.#replaceOne(message);
      if (this.#hasNewer) return;
      if (!this.follows && this.#messages.length >= 2 * this.#most) {
        this.#hasNewer = true;
        return this.#host.changed(this, "removed", [message]); // as if it had been here
      }
      if (this.follows) this.#dropOldest(this.#most - 1);
      this.#messages = [...this.#messages, message];
      this.#host.changed(this, "added", [message]);
    });
  }

  /** A message was edited or deleted. */
  change(message) {
    this.#apply(() => this.#replaceOne(message));
  }

  /** Puts a later state of a message in its place, and into the previews of its replies. */
  #replaceOne(message) {
    this.#update((one) => {
      if (one.seq !== message.seq) return withPreviewOf(one, message);
      return isLater(message, one) ? withOwnReactions(message, one) : one;
    });
  }

  react(reaction) {
    this.#apply(() => this.#update((one) => (one.seq === reaction.seq ? withReaction(one, reaction) : one)));
  }

  /** The messages below a seq are gone. */
  expire(firstSeq) {
    this.#apply(() => {
      const gone = this.#messages.filter(({ seq }) => seq < firstSeq);
      this.#messages = this.#messages.slice(gone.length);
      if (gone.length) {
        this.#hasOlder = false;
        this.#host.changed(this, "removed", gone);
      }
      this.#update((one) => withoutExpired(one, firstSeq));
    });
  }

  get #most() {
    return Math.min(this.window, MOST);
  }

  #dropOldest(left = this.#most) {
    const gone = this.#messages.slice(0, Math.max(0, this.#messages.length - left));
    if (!gone.length) return;
    this.#messages = this.#messages.slice(gone.length);
    this.#hasOlder = true;
    this.#host.changed(this, "removed", gone);
  }

  #dropNewest() {
    const gone = this.#messages.slice(this.window);
    if (!gone.length) return;
    this.#messages = this.#messages.slice(0, this.window);
    this.#hasNewer = true;
    this.#host.changed(this, "removed", gone);
  }

  /** Everything that is here is void. */
  forget() {
    const gone = this.#messages;
    this.#version++;
    this.#asked = new Map(); // what is under way is not what is asked for from now on
    this.#messages = [];
    this.#loaded = false;
    this.#hasOlder = this.#hasNewer = true;
    if (gone.length) this.#host.changed(this, "removed", gone);
  }

  /** Takes up what was kept on this device. */
  restore(messages, hasOlder) {
    if (!this.#loaded) this.#replace(messages, hasOlder, false);
  }

  #apply(change) {
    if (this.#meanwhile) this.#meanwhile.push(change);
    else change();
  }

  #update(next) {
    const changed = [];
    const messages = this.#messages.map((one) => {
      const now = next(one);
      if (now !== one) changed.push(now);
      return now;
    });
    if (!changed.length) return;
    this.#messages = messages;
    this.#host.changed(this, "changed", changed);
  }
}

import { withoutExpired, withOwnReactions, withPreviewOf, withReaction } from "../chat-client.js";
import { Cell } from "./cell.js";
import { client } from "./chat.js";

const PAGE = 50;
const MOST = 240; // messages that are held and drawn; the others are fetched again

const NOTHING = Object.freeze({ messages: [], atStart: false, atEnd: false, loading: false, failed: false });

/**
 * The part of a conversation that is on the screen: a window that moves over its messages, which are fetched where it
 * goes. `atEnd` says that it ends with the newest message, so that new ones are put behind it.
 */
export class Timeline {
  /** @type {Cell<{ messages: any[], atStart: boolean, atEnd: boolean, loading: boolean, failed: boolean }>} */
  state = new Cell(NOTHING);
  /** Whether it was fetched, or looked at after that, since the page was opened: not only from the browser's own store. */
  fresh = false;
  /** Whether its end is out of sight: then it keeps what is before the eyes. */
  readsEarlier = false;
  #id;
  #asked = 0; // of several requests for another place the last one counts
  #voids = 0; // how often what was here became void
  #told = 0; // the seq of the last message that the client told of

  /** @param {string} id of the conversation */
  constructor(id) {
    this.#id = id;
  }

  get id() {
    return this.#id;
  }

  get newest() {
    return this.state.value.messages.at(-1)?.seq ?? 0;
  }

  has(seq) {
    const { messages } = this.state.value;
    return messages.length > 0 && messages[0].seq <= seq && seq <= this.newest;
  }

  /** Shows what this browser has kept, at once, if there is something. */
  async showKept() {
    const voids = this.#voids;
    const { messages = [], has_more } = (await client.kept(this.#id)) ?? {};
    const isLate = this.fresh || this.state.value.messages.length > 0 || voids !== this.#voids;
    if (messages.length && !isLate) this.#set({ messages, atStart: !has_more, atEnd: true });
  }

  /** Goes to the newest messages. */
  async goToEnd() {
    await this.#go({ limit: PAGE }, ({ messages, has_more }) => ({ messages, atStart: !has_more, atEnd: true }));
  }

  /** Goes to a message, or to where it was. */
  async goTo(seq) {
    await this.#go({ around: seq, limit: PAGE }, (reply) => ({
      messages: reply.messages, atStart: !reply.has_more_before, atEnd: !reply.has_more_after,
    }));
  }

  /** Goes to the first message of a day or later: the seqs ascend with the times. */
  async goToTime(time, lastSeq) {
    let low = 1;
    let high = lastSeq;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const { messages } = await this.#history({ after: middle - 1, limit: 1 });
      if (!messages.length || Date.parse(messages[0].created_at) >= time) high = middle;
      else low = messages[0].seq + 1;
    }
    await this.goTo(low);
    return low;
  }

  async older() {
    const { messages, atStart, loading } = this.state.value;
    if (atStart || loading || !messages.length) return;
    await this.#extend({ before: messages[0].seq, limit: PAGE }, (page, { messages: now, atEnd }) => {
      const all = [...page.messages.filter(({ seq }) => seq < now[0].seq), ...now];
      const cut = all.length > MOST;
      return { messages: cut ? all.slice(0, MOST) : all, atStart: !page.has_more, atEnd: atEnd && !cut };
    });
  }

  async newer() {
    const { messages, atEnd, loading } = this.state.value;
    if (atEnd || loading || !messages.length) return;
    await this.#extend({ after: this.newest, limit: PAGE }, (page, { messages: now, atStart }) => {
      const last = now.at(-1).seq;
      const all = [...now, ...page.messages.filter(({ seq }) => seq > last)];
      const cut = all.length > MOST;
      return { messages: cut ? all.slice(-MOST) : all, atStart: atStart && !cut, atEnd: !page.has_more };
    });
  }

  // ---- what the client tells

  receive(message) {
    const { messages, atEnd, atStart } = this.state.value;
    this.#told = Math.max(this.#told, message.seq);
    if (!atEnd || message.seq <= this.newest) return;
    if (message.seq > this.newest + 1 && messages.length) {
      this.#set({ atEnd: false }); // there is something in between
      this.newer();
      return;
    }
    const all = [...messages, message];
    if (this.readsEarlier && all.length > MOST * 2) {
      this.#set({ atEnd: false }); // fetched when it is scrolled to
      return;
    }
    const cut = !this.readsEarlier && all.length > MOST + PAGE;
    this.#set({ messages: cut ? all.slice(-MOST) : all, atStart: (atStart || message.seq === 1) && !cut });
  }

  /** A message is another now, and so may be what answers it. */
  change(changed) {
    this.#map((message) => {
      if (message.seq === changed.seq) {
        const { type, change, ...later } = changed;
        return (later.rev ?? 0) >= (message.rev ?? 0) ? withOwnReactions(later, message) : message;
      }
      return withPreviewOf(message, changed);
    });
  }

  react(reaction) {
    this.#map((message) => (message.seq === reaction.seq ? withReaction(message, reaction) : message));
  }

  expire(firstSeq) {
    const { messages } = this.state.value;
    const left = messages.filter(({ seq }) => seq >= firstSeq).map((message) => withoutExpired(message, firstSeq));
    this.#set({ messages: left, atStart: left.length !== messages.length || this.state.value.atStart });
  }

  /** What is there is void. */
  clear() {
    this.#asked++;
    this.#told = 0;
    this.#voids++;
    this.state.value = NOTHING;
  }

  // ---- how it is done

  #history(fields) {
    return client.history({ conversation_id: this.#id, ...fields });
  }

  async #go(fields, state) {
    const asked = ++this.#asked;
    this.#set({ loading: true, failed: false });
    try {
      const reply = await this.#history(fields);
      if (asked !== this.#asked) return;
      this.fresh = true;
      this.#set({ ...state(reply), loading: false });
      this.#catchUp();
    } catch {
      if (asked === this.#asked) this.#set({ loading: false, failed: true });
    }
  }

  async #extend(fields, merge) {
    const asked = this.#asked;
    this.#set({ loading: true, failed: false });
    try {
      const page = await this.#history(fields);
      if (asked !== this.#asked) return;
      this.#set({ ...merge(page, this.state.value), loading: false });
      this.#catchUp();
    } catch {
      if (asked === this.#asked) this.#set({ loading: false, failed: true });
    }
  }

  /** A message may have overtaken the page that should have had it. */
  #catchUp() {
    if (!this.state.value.atEnd || this.newest >= this.#told) return;
    this.#told = 0; // once: it may have gone since
    if (this.newest) {
      this.#set({ atEnd: false });
      this.newer();
    } else {
      this.goToEnd();
    }
  }

  #map(change) {
    const { messages } = this.state.value;
    const changed = messages.map(change);
    if (changed.some((message, i) => message !== messages[i])) this.#set({ messages: changed });
  }

  #set(part) {
    this.state.value = { ...this.state.value, ...part };
  }
}

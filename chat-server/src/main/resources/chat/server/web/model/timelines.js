import { Cell } from "./cell.js";
import { client, on } from "./chat.js";
import { onEnter } from "./session.js";

const WINDOW = 240; // messages that are held and drawn; the others are fetched again
const MOST = 12; // conversations whose messages are at hand

/** What is known of a conversation of which nothing was asked yet. */
const NOTHING = Object.freeze({ messages: Object.freeze([]), atStart: false, atEnd: false, loading: false, failed: false });

/** The part of a conversation that is on the screen: a timeline of the client, and how fetching it goes. `atEnd` says that it ends with the newest message. */
class View {
  /** @type {Cell<{ messages: readonly any[], atStart: boolean, atEnd: boolean, loading: boolean, failed: boolean }>} */
  state = new Cell(NOTHING);
  #timeline;
  #loads = 0; // under way

  /** @param {string} id of the conversation */
  constructor(id) {
    this.#timeline = client.timeline(id);
    this.#timeline.window = WINDOW;
    this.#timeline.keep();
    this.take();
  }

  /** Whether its end is out of sight: then it keeps what is before the eyes. */
  set readsEarlier(value) {
    this.#timeline.follows = !value;
  }

  find(seq) {
    return this.#timeline.messages.find((message) => message.seq === seq);
  }

  /** The last message of a user that is there, and not deleted. */
  lastOf(user) {
    return this.#timeline.messages.findLast(({ from, deleted }) => from === user && !deleted);
  }

  /** Shows a message, or else the first unread one or the end. What is at hand is shown at once, and without a connection what this browser has kept. */
  async show(seq = null) {
    const { loaded, hasNewer, messages } = this.#timeline;
    const isThere = seq === null ? loaded && !hasNewer : messages[0]?.seq <= seq && seq <= messages.at(-1).seq;
    if (isThere) return;
    if (seq !== null) await this.#load(() => this.#timeline.loadAround(seq));
    else if (client.online) await this.goToUnread();
    else await this.#load(() => this.#timeline.load());
  }

  goToUnread() {
    return this.#load(() => this.#timeline.loadUnread());
  }

  goToEnd() {
    return this.#load(() => this.#timeline.loadNewest());
  }

  /** Goes to the first message of a day or later. */
  goToTime(time) {
    return this.#timeline.loadAt(time);
  }

  older() {
    return this.#more(this.#timeline.hasOlder, () => this.#timeline.loadOlder());
  }

  newer() {
    return this.#more(this.#timeline.hasNewer, () => this.#timeline.loadNewer());
  }

  async #more(isThere, load) {
    const { loading, messages } = this.state.value;
    if (isThere && !loading && messages.length) await this.#load(load);
  }

  async #load(load) {
    this.#loads++;
    this.#set({ loading: true, failed: false });
    let failed = false;
    try {
      await load();
    } catch {
      failed = client.online; // else it is fetched as soon as there is a connection
    }
    this.#loads--;
    this.take();
    this.#set({ loading: this.#loads > 0, failed });
  }

  /** As the client has it now. */
  take() {
    const { messages, loaded, hasOlder, hasNewer } = this.#timeline;
    this.#set({ messages, atStart: loaded && !hasOlder, atEnd: loaded && !hasNewer, ...(loaded && { failed: false }) });
  }

  release() {
    this.#timeline.release();
  }

  #set(part) {
    this.state.value = { ...this.state.value, ...part };
  }
}

const views = new Map(); // conversation id -> View, the one opened last at the end

onEnter(() => {
  for (const view of views.values()) view.release();
  views.clear();
});

export function viewOf(id) {
  const view = views.get(id) ?? new View(id);
  views.delete(id);
  views.set(id, view);
  if (views.size > MOST) {
    const [oldest, other] = views.entries().next().value;
    other.release();
    views.delete(oldest);
  }
  return view;
}

/** A message that is at hand. */
export const messageAt = (id, seq) => views.get(id)?.find(seq);

on("timeline", ({ conversation_id: id }) => views.get(id)?.take());

/** Too much has changed for a conversation to go on as it was: it begins where this user left off. */
on("reset", (detail) => detail && views.get(detail.conversation_id)?.goToUnread());

/** What could not be fetched. */
on("online", () => {
  for (const view of views.values()) view.show();
});

const MOST_CONVERSATIONS = 200;
const MOST_PAGES = 1_000; // of a server that does not come to an end
const CONCERNED = new Set(["added", "removed", "role_set", "silenced", "peer_replaced"]); // changes of the list

/**
 * The members of conversations, and how far they have got: what `members` tells, and the events since. Receipts are no part
 * of the stream, so what was read before a connection was lost is read again.
 */
export class Members {
  #page;
  #emit;
  #known = new Map(); // conversation id -> Audience, the one used last at the end
  #loading = new Map(); // conversation id -> { done, again, receipts }

  /**
   * @param {(conversationId: string, page: { after?: string }) => Promise<{ members: any[], has_more?: boolean }>} page asks for one
   * @param {(detail: { conversation_id: string }) => void} emit
   */
  constructor(page, emit) {
    this.#page = page;
    this.#emit = emit;
  }

  /** Reads all of them; calls at the same time are one. @param {string} id */
  load(id) {
    const under = this.#loading.get(id);
    if (under) return under.done;
    const load = { again: false, receipts: /** @type {any[]} */ ([]), done: Promise.resolve() };
    this.#loading.set(id, load);
    load.done = this.#load(id, load).finally(() => this.#loading.get(id) === load && this.#loading.delete(id));
    return load.done;
  }

  async #load(id, load) {
    do {
      load.again = false;
      load.receipts = []; // those that overtake the answer
      const audience = new Audience(await this.#all(id));
      if (this.#loading.get(id) !== load) return; // forgotten meanwhile
      audience.continue(this.#known.get(id));
      load.receipts.forEach((receipt) => audience.came(receipt));
      this.#known.delete(id);
      this.#known.set(id, audience);
      for (const [oldest] of this.#known) {
        if (this.#known.size <= MOST_CONVERSATIONS) break;
        this.#known.delete(oldest);
      }
      this.#emit({ conversation_id: id });
    } while (load.again);
  }

  async #all(id) {
    const all = [];
    for (let i = 0, after; i < MOST_PAGES; i++) {
      const { members, has_more } = await this.#page(id, { after });
      all.push(...members);
      after = members.at(-1)?.username;
      if (!has_more || !after) break;
    }
    return all;
  }

  /** All members as far as is known, another array after each change; undefined if nothing is. @param {string} id */
  of(id) {
    return this.#known.get(id)?.list;
  }

  /** Who has got a message, and who has read it. The lists are made when somebody looks at them: a group may have thousands of members. */
  delivery({ conversation_id: id, seq, from }) {
    const audience = this.#known.get(id);
    return {
      state: audience?.progress(seq, from) ?? "sent",
      get received() {
        return audience?.receivers(seq, from) ?? [];
      },
      get read() {
        return audience?.readers(seq, from) ?? [];
      },
    };
  }

  /** What the stream gives, and the events. */
  apply(type, detail) {
    const id = detail?.conversation_id;
    switch (type) {
      case "receipt":
        this.#loading.get(id)?.receipts.push(detail);
        if (this.#known.get(id)?.came(detail)) this.#emit({ conversation_id: id });
        break;
      case "conversation":
        if (CONCERNED.has(detail.change?.kind)) this.#changed(id);
        break;
      case "gone":
        this.#known.delete(id);
        this.#loading.delete(id);
        break;
      case "reset":
        if (detail) break;
        this.#known.clear();
        this.#loading.clear();
        break;
      case "online":
        this.#loadAgain([...this.#known.keys()].reverse()).catch(() => {});
    }
  }

  /** The answer to what is asked already may be older than the change. */
  #changed(id) {
    const under = this.#loading.get(id);
    if (under) under.again = true;
    else if (this.#known.has(id)) this.load(id).catch(() => {});
  }

  /** One after another, those first that were asked for last. */
  async #loadAgain(ids) {
    for (const id of ids) if (this.#known.has(id)) await this.load(id);
  }
}

/** The members of one conversation. */
class Audience {
  #members; // username -> member
  #list = /** @type {any[] | undefined} */ (undefined); // as long as it is right
  #furthest = new Map(); // author -> how far all others are, as long as that is right

  constructor(members) {
    this.#members = new Map(members.map((one) => [one.username, later(one)]));
  }

  get list() {
    return (this.#list ??= [...this.#members.values()]);
  }

  /** What was told before holds: an answer may be older. @param {Audience | undefined} before */
  continue(before) {
    for (const { username, joined_at, received_seq, read_seq } of before?.list ?? []) {
      const one = this.#members.get(username);
      if (one && one.joined_at === joined_at) this.#members.set(username, later(one, received_seq, read_seq));
    }
  }

  /** @returns {boolean} whether it is about a member */
  came({ username, kind, seq }) {
    const one = this.#members.get(username);
    if (!one) return false;
    this.#members.set(username, later(one, seq, kind === "read" ? seq : undefined));
    this.#list = undefined;
    this.#furthest.clear();
    return true;
  }

  progress(seq, author) {
    if (!this.#furthest.has(author)) this.#furthest.set(author, this.#furthestWithout(author));
    const { received, read } = this.#furthest.get(author);
    return read >= seq ? "read" : received >= seq ? "delivered" : "sent";
  }

  #furthestWithout(author) {
    const others = this.list.filter(({ username }) => username !== author);
    if (!others.length) return { received: 0, read: 0 };
    let [received, read] = [Infinity, Infinity];
    for (const one of others) {
      received = Math.min(received, one.received_seq);
      read = Math.min(read, one.read_seq ?? 0);
    }
    return { received, read };
  }

  receivers(seq, author) {
    return this.#names(author, ({ received_seq }) => received_seq >= seq);
  }

  readers(seq, author) {
    return this.#names(author, ({ read_seq = 0 }) => read_seq >= seq);
  }

  #names(author, isFar) {
    return this.list.filter((one) => one.username !== author && isFar(one)).map(({ username }) => username);
  }
}

/** The member with the furthest of these positions; who has read something has received it. */
function later(one, received = 0, read = 0) {
  const furthestRead = Math.max(one.read_seq ?? 0, read);
  const furthest = Math.max(one.received_seq ?? 0, received, furthestRead);
  return { ...one, received_seq: furthest, ...(furthestRead > 0 && { read_seq: furthestRead }) };
}

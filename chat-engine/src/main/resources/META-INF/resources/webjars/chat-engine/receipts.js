const MOST_CONVERSATIONS = 200;
const MOST_PAGES = 1_000; // of a server that does not come to an end
const MEMBERSHIP = new Set(["added", "removed", "peer_replaced"]);

/**
 * How far the members of conversations have got: what `members` tells, and the events `receipt` since. Receipts are no part
 * of the stream, so what was read before a connection was lost is read again.
 */
export class Receipts {
  #members;
  #emit;
  #known = new Map(); // conversation id -> Map of username -> { received, read }, the one used last at the end
  #loading = new Map(); // conversation id -> promise

  /**
   * @param {(conversationId: string, page: { after?: string }) => Promise<{ members: any[], has_more?: boolean }>} members asks for a page of the members
   * @param {(detail: { conversation_id: string }) => void} emit
   */
  constructor(members, emit) {
    this.#members = members;
    this.#emit = emit;
  }

  /** Reads how far everybody is; calls at the same time are one. @param {string} id */
  load(id) {
    const loading = this.#loading.get(id) ?? this.#load(id).finally(() => this.#loading.delete(id));
    this.#loading.set(id, loading);
    return loading;
  }

  async #load(id) {
    const before = this.#known.get(id);
    const events = new Map();
    this.#known.set(id, events); // events that overtake the answer
    let members;
    try {
      members = await this.#all(id);
    } catch (error) {
      if (before && this.#known.get(id) === events) this.#known.set(id, merged(before, events));
      throw error;
    }
    if (this.#known.get(id) !== events) return; // forgotten meanwhile
    const told = new Map(members.map(({ username, received_seq = 0, read_seq = 0 }) =>
      [username, { received: Math.max(received_seq, read_seq), read: read_seq }]));
    for (const username of events.keys()) if (!told.has(username)) events.delete(username);
    this.#known.delete(id);
    this.#known.set(id, merged(told, events));
    for (const [oldest] of this.#known) {
      if (this.#known.size <= MOST_CONVERSATIONS) break;
      this.#known.delete(oldest);
    }
    this.#emit({ conversation_id: id });
  }

  async #all(id) {
    const all = [];
    for (let i = 0, after; i < MOST_PAGES; i++) {
      const { members, has_more } = await this.#members(id, { after });
      all.push(...members);
      after = members.at(-1)?.username;
      if (!has_more || !after) break;
    }
    return all;
  }

  /** Who has got a message, and who has read it. */
  of({ conversation_id, seq, from }) {
    const others = [...(this.#known.get(conversation_id) ?? [])].filter(([username]) => username !== from);
    const received = others.filter(([, position]) => position.received >= seq).map(([username]) => username);
    const read = others.filter(([, position]) => position.read >= seq).map(([username]) => username);
    const all = (users) => others.length > 0 && users.length === others.length;
    const state = all(read) ? "read" : all(received) ? "delivered" : "sent";
    return { state, received, read };
  }

  /** What the stream gives, and the events. */
  apply(type, detail) {
    const id = detail?.conversation_id;
    switch (type) {
      case "receipt":
        this.#came(detail);
        break;
      case "conversation":
        if (this.#known.has(id) && MEMBERSHIP.has(detail.change?.kind)) this.load(id).catch(() => {});
        break;
      case "gone":
        this.#known.delete(id);
        break;
      case "reset":
        if (!detail) this.#known.clear();
        break;
      case "online":
        for (const known of [...this.#known.keys()]) this.load(known).catch(() => {});
    }
  }

  #came({ conversation_id: id, username, kind, seq }) {
    const known = this.#known.get(id);
    if (!known) return;
    known.set(username, later(known.get(username), { received: seq, read: kind === "read" ? seq : 0 }));
    this.#emit({ conversation_id: id });
  }
}

function merged(some, others) {
  const all = new Map(some);
  for (const [username, position] of others) all.set(username, later(all.get(username), position));
  return all;
}

function later(one = { received: 0, read: 0 }, other) {
  return { received: Math.max(one.received, other.received), read: Math.max(one.read, other.read) };
}

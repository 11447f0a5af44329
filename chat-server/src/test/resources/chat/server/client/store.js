// What the store has of a user's conversations, as the server tells it to anybody who asks with plain frames: no line of this is the
// client's, so that a fault of the client cannot hide itself.

import { ensure } from "./world.js";

const PAGE = 100;

/** A connection that only asks. */
export class Reader {
  #socket;
  #waiting = new Map(); // id -> what to do with the reply
  #ids = 0;

  constructor(socket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      const frame = JSON.parse(data);
      this.#waiting.get(frame.id)?.(frame);
      this.#waiting.delete(frame.id);
    };
  }

  static async open({ base, url, email, password }) {
    const login = await fetch(`${base}/v1/auth/login`, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ email, password }),
    });
    const { otp, user } = await login.json();
    const socket = new WebSocket(`${url}?otp=${encodeURIComponent(otp)}&username=${encodeURIComponent(user.username)}`);
    await new Promise((resolve, reject) => Object.assign(socket, { onopen: resolve, onerror: reject }));
    return new Reader(socket);
  }

  async ask(type, fields) {
    const id = `${++this.#ids}`;
    const reply = await new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#socket.send(JSON.stringify({ type, id, ...fields }));
    });
    ensure(reply.type === "ok", `${type}: ${JSON.stringify(reply)}`);
    return reply;
  }

  close() {
    this.#socket.close();
  }

  /** conversation_id -> how it stands, with all its messages and members. */
  async everything() {
    const all = new Map();
    let page;
    do {
      const { conversations, next_page } = await this.ask("sync", { page });
      for (const { has_more, ...state } of conversations) all.set(state.conversation_id, state);
      page = next_page;
    } while (page);
    for (const [conversation_id, state] of all) {
      Object.assign(state, { messages: await this.#messages(conversation_id), members: await this.members(conversation_id) });
      const { pins = [] } = await this.ask("pins", { conversation_id, limit: PAGE });
      state.pins = pins.map(({ message }) => message.seq);
    }
    return all;
  }

  async members(conversation_id) {
    return (await this.ask("members", { conversation_id })).members;
  }

  async #messages(conversation_id) {
    const all = [];
    for (let has_more = true; has_more;) {
      const page = await this.ask("history", { conversation_id, after: all.at(-1)?.seq ?? 0, limit: PAGE });
      all.push(...page.messages);
      ({ has_more } = page);
    }
    return all;
  }
}

/** What has to hold of the store itself: all users are told the same, without a gap, and what is counted is there. */
export function checkStore(stores) {
  const known = new Map(); // conversation and seq -> the message, as it was told first
  for (const [user, store] of stores) {
    for (const [id, { last_seq, rev, read_seq, unread, unread_mentions, preferences, pinned = [], pins, messages, first_seq }] of store) {
      const where = `${user}: ${id}`;
      const seqs = messages.map(({ seq }) => seq);
      ensure(seqs.every((seq, i) => i === 0 || seq === seqs[i - 1] + 1), `${where} has a gap: ${seqs}`);
      ensure((seqs.at(-1) ?? last_seq) === last_seq, `${where} ends with ${seqs.at(-1)} and not ${last_seq}`);
      const from = Math.min(read_seq + 1, preferences.unread_from ?? Infinity);
      const open = messages.filter((message) => message.seq >= from && message.from !== user && !message.deleted);
      ensure(open.length === unread, `${where} counts ${unread} unread messages and has ${open.length}, from ${from} on`);
      const mentions = open.filter((message) => message.mentions?.includes(user)).length;
      ensure(mentions === unread_mentions, `${where} counts ${unread_mentions} unread mentions and has ${mentions}`);
      ensure(pinned.join() === pins.join(), `${where} has ${pinned} pinned and tells ${pins}`);
      for (const { message_id, seq, from: author, text, rev: changed = 0, reactions = [] } of messages) {
        ensure(changed <= rev, `${where} has ${seq} at ${changed}, beyond ${rev}`);
        const told = JSON.stringify([message_id, author, text, changed, reactions.map(({ emoji, count }) => [emoji, count])]);
        const first = known.get(`${id} ${seq}`) ?? told;
        ensure(told === first, `${where} has ${told} at ${seq}, and others ${first}`);
        known.set(`${id} ${seq}`, told);
      }
    }
  }
}

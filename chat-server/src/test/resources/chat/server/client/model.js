// A random history, with faults, of several users on several devices; at the end each device has to show what the store has.

import { actionAt } from "./actions.js";
import { checkStore } from "./store.js";
import { FakeArchive, ensure } from "./world.js";
import { pause, until } from "./server-tests.js";

const STEPS = 250;
const LATE_MS = 500; // for the servers to do what has just arrived late
const PASSING = new Set(["unavailable", "busy", "rate_limited", "closed"]);
const EXPECTED = new Set([...PASSING, "forbidden", "not_found", "conflict", "bad_request"]); // of what is random

/** @param {import("./server-tests.js").Servers} servers @param {number} seed */
export async function converges(servers, seed) {
  const model = new Model(servers, random(seed));
  try {
    await model.begin();
    for (let step = 0; step < STEPS; step++) await model.step();
    await servers.network("heal");
    await pause(LATE_MS);
    await model.settle();
  } catch (error) {
    throw new Error(`seed ${seed}: ${error.stack ?? error}`);
  }
}

/** mulberry32, which is in the public domain. */
function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

class Model {
  #servers;
  #random;
  #users;
  #devices = []; // [{ user, client, storage, streams }]
  #groups = [];
  #codes = []; // of invites
  #requests = new Set(); // under way
  #sent = new Map(); // client_message_id -> what became of it
  #count = 0;

  constructor(servers, random) {
    this.#servers = servers;
    this.#random = random;
  }

  async begin() {
    this.#users = await this.#servers.befriended(["ada", "bob", "carol"]);
    for (const user of [...this.#users, ...this.#users]) {
      const device = { user, storage: new FakeArchive() };
      this.#devices.push(device);
      await this.#open(device);
    }
    await until(() => this.#devices.every(({ client }) => client.online), () => "not all come online");
    const [ada] = this.#devices;
    for (const name of ["one", "two"]) {
      const { conversation_id } = await ada.client.createGroup({ name: `${name}.${this.#servers.run}`, members: this.#users.slice(1) });
      this.#groups.push(conversation_id);
    }
    for (const other of this.#users.slice(1)) await ada.client.send({ to: other, text: "hello" });
  }

  async #open(device) {
    const { user, storage } = device;
    device.client = await this.#loggedIn(user, { storage, archive: storage });
    device.streams = new Map(); // conversation -> last seq that was given
    device.receipts = new Set(); // ids of conversations of which they are loaded
    device.faults = [];
    device.client.addEventListener("message", ({ detail }) => this.#given(device, detail));
    device.client.addEventListener("reset", ({ detail }) => {
      if (detail) return void device.streams.delete(detail.conversation_id);
      device.streams.clear();
      device.receipts.clear();
    });
    device.client.addEventListener("gone", ({ detail }) => {
      device.streams.delete(detail.conversation_id);
      device.receipts.delete(detail.conversation_id);
    });
    device.client.addEventListener("outbox", () => {});
    await device.client.restore(user);
    device.client.connect().catch(() => {});
  }

  /** Tries until the network lets it. */
  async #loggedIn(user, options) {
    for (;;) {
      const client = await this.#servers.device(user, options).catch((error) => ensure(PASSING.has(error.code), error));
      if (client) return client;
      await pause(50);
    }
  }

  /** Each message once, in order, none left out. */
  #given({ streams, faults }, { conversation_id, seq }) {
    const last = streams.get(conversation_id);
    if (last !== undefined && seq !== last + 1) faults.push(`${conversation_id}: ${seq} after ${last}`);
    streams.set(conversation_id, seq);
  }

  #pick(list) {
    return list[Math.floor(this.#random() * list.length)];
  }

  #chance(share) {
    return this.#random() < share;
  }

  async step() {
    const device = this.#pick(this.#devices);
    const choice = this.#random();
    if (choice < 0.05) await this.#breakTheNetwork();
    else if (choice < 0.07) await this.#restart(device);
    else this.#act(device);
    if (this.#chance(0.3)) await pause(this.#random() * 30);
  }

  async #breakTheNetwork() {
    const change = this.#pick(["cut", "cut", "refuse", "hold", "delay", "late"]);
    await this.#servers.network(change);
    if (change === "delay" || change === "late") return;
    await pause(this.#random() * 300);
    await this.#servers.network("heal");
  }

  async #restart(device) {
    this.#check(device);
    device.client.close();
    await pause(50); // what it writes at last
    await this.#open(device);
  }

  #act(device) {
    const { client } = device;
    const conversation = this.#pick(client.conversations);
    if (!conversation?.last_seq) return;
    const { conversation_id, last_seq } = conversation;
    if (this.#chance(0.1)) client.timeline(conversation_id).load().catch(() => {});
    const done = actionAt(this.#random())(this.#occasion(device, conversation_id, 1 + Math.floor(this.#random() * last_seq)));
    if (done) this.#track(done);
  }

  /** What an action may take of. */
  #occasion(device, conversation_id, seq) {
    const { client } = device;
    const text = `text ${++this.#count}`;
    const user = this.#pick(this.#users);
    const mentions = () => (this.#chance(0.3) ? [user] : undefined);
    return {
      client, conversation_id, seq, text, user, mentions,
      group: this.#pick(this.#groups),
      code: this.#pick(this.#codes),
      target: this.#pick(client.conversations).conversation_id,
      pick: (list) => this.#pick(list),
      chance: (share) => this.#chance(share),
      content: () => ({ mentions: mentions(), ...(this.#chance(0.2) && { reply_to: seq }) }),
      preferences: () => this.#pick([
        { pinned: true }, { pinned: false }, { archived: true }, { unread_from: seq }, { muted_until: "9999-12-31T23:59:59.999Z" }, { muted_until: null },
      ]),
      send: (message) => this.#send(client, { conversation_id, ...message }),
      invite: async (invite) => this.#codes.push((await client.createInvite(invite)).code),
      loadReceipts: () => this.#loadReceipts(device, conversation_id),
    };
  }

  async #loadReceipts({ client, receipts }, conversation_id) {
    receipts.add(conversation_id);
    await client.loadMembers(conversation_id).catch((error) => {
      receipts.delete(conversation_id);
      throw error;
    });
  }

  #send(client, message) {
    const client_message_id = `m${this.#count}`;
    this.#sent.set(client_message_id, null);
    return client.send({ ...message, client_message_id }).then((reply) => { this.#sent.set(client_message_id, reply); }, (error) => {
      if (!error.kept) this.#sent.delete(client_message_id); // the others go out after the restart
      throw error;
    });
  }

  #track(promise) {
    const done = promise.then(() => {}, (error) => {
      if (!EXPECTED.has(error.code)) this.#devices[0].faults.push(String(error.stack));
    }).finally(() => this.#requests.delete(done));
    this.#requests.add(done);
  }

  #check({ user, faults }) {
    ensure(!faults.length, `${user}: ${faults.join(", ")}`);
  }

  /** In the end everything that was accepted is stored, once, and every device shows it, a new one as well. */
  async settle() {
    const clients = this.#devices.map(({ client }) => client);
    await until(
      () => clients.every(({ online, outbox }) => online && outbox.every(({ state }) => state === "failed")),
      () => JSON.stringify(clients.map(({ online, outbox }) => [online, outbox])),
    );
    await until(() => !this.#requests.size, () => `${this.#requests.size} requests do not settle`, 25_000);
    for (const device of this.#devices) this.#check(device);
    const stores = new Map();
    for (const user of this.#users) {
      const reader = await this.#servers.reader(user);
      const store = await reader.everything();
      stores.set(user, store);
      const fresh = { user, client: await this.#servers.device(user), receipts: new Set() };
      await fresh.client.connect();
      for (const device of [fresh, ...this.#devices.filter((one) => one.user === user)]) await this.#compare(device, store, reader);
      fresh.client.close();
      reader.close();
    }
    checkStore(stores);
    this.#checkSent(stores);
  }

  /** What was acknowledged is stored, for those who can read it. */
  #checkSent(stores) {
    const stored = new Map();
    const seqs = new Map(); // conversation -> seqs that somebody can read
    for (const store of stores.values()) {
      for (const { conversation_id, messages } of store.values()) {
        for (const { seq, client_message_id, message_id } of messages) {
          stored.set(client_message_id, message_id);
          seqs.set(`${conversation_id} ${seq}`, message_id);
        }
      }
    }
    for (const [id, reply] of this.#sent) {
      if (reply && seqs.has(`${reply.conversation_id} ${reply.seq}`)) ensure(stored.get(id) === reply.message_id, `the store lacks ${id}, which was acknowledged`);
    }
  }

  async #compare(device, store, reader) {
    let difference = "";
    await until(async () => {
      difference = await this.#differenceOf(device, store, reader).catch((error) => error.stack); // what is not known to be gone cannot be read
      return !difference;
    }, () => `${device.user}: ${difference}`, 10_000);
  }

  async #differenceOf(device, store, reader) {
    return differenceOf(await stateOf(device.client), store) || await this.#differenceOfReceipts(device, store, reader)
      || await differenceOfArchive(device.client, store);
  }

  /** How far the user's own messages have come. Receipts go on: each device tells what it has got. */
  async #differenceOfReceipts({ user, client, receipts }, store, reader) {
    for (const id of receipts) {
      if (!store.has(id)) return `${id} has receipts`;
      const others = (await reader.members(id)).filter(({ username }) => username !== user);
      for (const { seq, from } of store.get(id).messages.filter((message) => message.from === user)) {
        const expected = {
          received: others.filter(({ received_seq }) => received_seq >= seq).map(({ username }) => username).sort(),
          read: others.filter(({ read_seq = 0 }) => read_seq >= seq).map(({ username }) => username).sort(),
        };
        const { received, read } = client.deliveryOf({ conversation_id: id, seq, from });
        const actual = { received: received.sort(), read: read.sort() };
        if (canonical(actual) !== canonical(expected)) return `${id} ${seq} has come to ${canonical(actual)} and not ${canonical(expected)}`;
      }
    }
    return "";
  }
}

/** Everything that a device knows of its conversations. */
async function stateOf(client) {
  const states = new Map();
  for (const { counted, counted_rev, details_rev, role_rev, retention_rev, ...conversation } of client.conversations) {
    const timeline = client.timeline(conversation.conversation_id);
    await timeline.load();
    while (timeline.hasOlder) await timeline.loadOlder(100);
    states.set(conversation.conversation_id, { ...conversation, messages: timeline.messages });
  }
  return states;
}

/** What is kept to be read without a connection is no older state. */
async function differenceOfArchive(client, store) {
  for (const [id, { messages }] of store) {
    const { messages: kept = [] } = (await client.kept(id)) ?? {};
    const expected = kept.length ? messages.slice(-kept.length) : [];
    for (const [i, message] of expected.entries()) {
      if (canonical(plain(message)) !== canonical(plain(kept[i]))) return `${id} keeps ${canonical(plain(kept[i]))} and not ${canonical(plain(message))}`;
    }
  }
  return "";
}

/**
 * Without what says how a message came here, without the changes of a preview that it does not show, as reactions, and without where a
 * forward comes from: that is told to those who could read the original at the time.
 */
function plain({ type, duplicate, reply_preview, forward_of, ...message }) {
  return {
    ...message,
    ...(reply_preview && { reply_preview: { ...reply_preview, rev: undefined } }),
    ...(forward_of && { forward_of: {} }),
  };
}

/** What the client shows, as far as it differs from what the server tells. */
function differenceOf(shown, store) {
  for (const [id, { messages, members, pins, rev, ...told }] of store) {
    const { messages: actual = [], ...state } = shown.get(id) ?? {};
    const expected = { first_seq: 1, pinned: [], ...told };
    for (const key of new Set([...Object.keys(expected), ...Object.keys(state)])) {
      const [is, should] = [state, expected].map((one) => canonical(key === "last_message" && one[key] ? plain(one[key]) : one[key]));
      if (is !== should) return `${id} ${key} is ${is} and not ${should}`;
    }
    for (const [i, message] of messages.entries()) {
      const [is, should] = [actual[i], message].map((one) => canonical(one && plain(one)));
      if (is !== should) return `${id} has ${is} and not ${should}`;
    }
    if (messages.length !== actual.length) return `${id} has ${actual.length} messages and not ${messages.length}`;
  }
  return shown.size === store.size ? "" : `${shown.size} conversations and not ${store.size}`;
}

/** As JSON, with the keys in order. */
function canonical(value) {
  return JSON.stringify(value, (_, one) =>
    (one && typeof one === "object" && !Array.isArray(one) ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1))) : one)) ?? "nothing";
}

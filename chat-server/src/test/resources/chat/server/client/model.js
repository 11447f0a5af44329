// A random history, with faults, of several users on several devices; at the end each device has to know what the store has.

import { FakeArchive, ensure } from "./world.js";
import { pause, until } from "./server-tests.js";

const STEPS = 250;
const LATE_MS = 500; // for the servers to do what has just arrived late
const EMOJI = ["👍", "🎉", "😀"];
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
    device.client = await this.#servers.device(user, { storage, archive: storage });
    device.streams = new Map(); // conversation -> last seq that was given
    device.faults = [];
    device.client.addEventListener("message", ({ detail }) => this.#given(device, detail));
    device.client.addEventListener("reset", ({ detail }) => (detail ? device.streams.delete(detail.conversation_id) : device.streams.clear()));
    device.client.addEventListener("gone", ({ detail }) => device.streams.delete(detail.conversation_id));
    device.client.addEventListener("outbox", () => {});
    await device.client.restore(user);
    device.client.connect().catch(() => {});
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

  async step() {
    const device = this.#pick(this.#devices);
    const choice = this.#random();
    if (choice < 0.05) await this.#breakTheNetwork();
    else if (choice < 0.07) await this.#restart(device);
    else this.#act(device, choice);
    if (this.#random() < 0.3) await pause(this.#random() * 30);
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

  #act({ client }, choice) {
    const conversation = this.#pick(client.conversations);
    if (!conversation) return;
    const { conversation_id, last_seq } = conversation;
    const seq = 1 + Math.floor(this.#random() * last_seq);
    const text = `text ${++this.#count}`;
    const group = this.#pick(this.#groups);
    if (this.#random() < 0.1) client.timeline(conversation_id).load().catch(() => {});
    if (choice < 0.5) this.#send(client, { conversation_id, text, ...(last_seq && this.#random() < 0.2 && { reply_to: seq }) });
    else if (!last_seq) return;
    else if (choice < 0.6) this.#request(client.edit({ conversation_id, seq, text }));
    else if (choice < 0.66) this.#request(client.delete({ conversation_id, seq }));
    else if (choice < 0.78) this.#request(client.react({ conversation_id, seq, emoji: this.#pick(EMOJI), on: this.#random() < 0.7 }));
    else if (choice < 0.86) this.#request(client.read(conversation_id, seq));
    else if (choice < 0.9) this.#request(this.#random() < 0.5 ? client.pin({ conversation_id, seq }) : client.unpin({ conversation_id, seq }));
    else if (choice < 0.93) this.#request(client.setPreferences(conversation_id, this.#pick([{ pinned: true }, { pinned: false }, { archived: true }, { unread_from: seq }])));
    else if (choice < 0.95) this.#request(client.updateGroup(group, { description: text }));
    else if (choice < 0.97) this.#request(client.removeMembers({ conversation_id: group, members: [this.#users[2]] }));
    else this.#request(client.addMembers({ conversation_id: group, members: [this.#users[2]] }));
  }

  #send(client, message) {
    const client_message_id = `m${this.#count}`;
    this.#sent.set(client_message_id, null);
    const sent = client.send({ ...message, client_message_id });
    this.#track(sent.then((reply) => { this.#sent.set(client_message_id, reply); }, (error) => {
      if (!error.kept) this.#sent.delete(client_message_id); // the others go out after the restart
      throw error;
    }));
  }

  #request(promise) {
    this.#track(promise);
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

  /** In the end everything that was accepted is stored, once, and every device has what a new one gets. */
  async settle() {
    const clients = this.#devices.map(({ client }) => client);
    await until(
      () => clients.every(({ online, outbox }) => online && outbox.every(({ state }) => state === "failed")),
      () => JSON.stringify(clients.map(({ online, outbox }) => [online, outbox])),
    );
    await until(() => !this.#requests.size, () => `${this.#requests.size} requests do not settle`, 25_000);
    for (const device of this.#devices) this.#check(device);
    const stored = new Map();
    for (const user of this.#users) {
      const fresh = await this.#servers.device(user);
      await fresh.connect();
      const expected = await this.#state(fresh);
      for (const { messages } of expected.values()) for (const { client_message_id, message_id } of messages) stored.set(client_message_id, message_id);
      for (const { client } of this.#devices.filter((one) => one.user === user)) await this.#compare(user, client, expected);
      fresh.close();
    }
    for (const [id, reply] of this.#sent) {
      if (reply) ensure(stored.get(id) === reply.message_id, `the store lacks ${id}, which was acknowledged`);
    }
  }

  async #compare(user, client, expected) {
    let difference = "";
    await until(async () => {
      difference = differenceOf(await this.#state(client), expected);
      return !difference;
    }, () => `${user}: ${difference}`, 10_000);
  }

  /** Everything that a device knows. */
  async #state(client) {
    const states = new Map();
    for (const { counted, counted_rev, details_rev, role_rev, retention_rev, has_more, last_message, ...conversation } of client.conversations) {
      const timeline = client.timeline(conversation.conversation_id);
      await timeline.load();
      while (timeline.hasOlder) await timeline.loadOlder(100);
      const messages = timeline.messages.map(plain);
      states.set(conversation.conversation_id, { ...conversation, last_message: last_message && plain(last_message), messages });
    }
    return states;
  }
}

/** Without what says how a message came here, and which reactions there are to the message that it answers: a preview shows none. */
function plain({ type, duplicate, reply_preview, ...message }) {
  return reply_preview ? { ...message, reply_preview: { ...reply_preview, rev: undefined } } : message;
}

function differenceOf(actual, expected) {
  for (const [id, state] of expected) {
    const other = actual.get(id);
    if (!other) return `${id} is missing`;
    for (const key of new Set([...Object.keys(state), ...Object.keys(other)])) {
      if (key === "messages") continue;
      if (canonical(state[key]) !== canonical(other[key])) return `${id} ${key} is ${canonical(other[key])} and not ${canonical(state[key])}`;
    }
    for (const [i, message] of state.messages.entries()) {
      if (canonical(message) !== canonical(other.messages[i])) return `${id} has ${canonical(other.messages[i])} and not ${canonical(message)}`;
    }
    if (state.messages.length !== other.messages.length) return `${id} has ${other.messages.length} messages and not ${state.messages.length}`;
  }
  return actual.size === expected.size ? "" : `${actual.size} conversations and not ${expected.size}`;
}

/** As JSON, with the keys in order. */
function canonical(value) {
  return JSON.stringify(value, (_, one) =>
    (one && typeof one === "object" && !Array.isArray(one) ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1))) : one)) ?? "nothing";
}

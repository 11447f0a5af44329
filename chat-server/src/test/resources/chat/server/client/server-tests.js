// The client against real servers, over a network that breaks: in Node by `node server-tests.js <addresses as JSON>`, in a browser by runAll.
//
// The addresses: { bases, sockets: of each node, control: of the network (see RoughNetwork.java), seed: of the random history, runs: how many }.

import { ChatClient } from "../webjars/chat-engine/server/chat-server.js";
import { converges } from "./model.js";
import { Reader } from "./store.js";
import { FakeArchive, ensure, equal } from "./world.js";

const PASSWORD = "correct horse battery";

/** Users, their devices and the network, of one test. */
export class Servers {
  #devices = [];
  #names = 0;

  constructor(addresses) {
    Object.assign(this, addresses);
    this.addresses = addresses;
    this.run = Math.random().toString(36).slice(2, 8);
  }

  /** A new user: how devices of theirs are made. */
  async user(name) {
    const username = `${name}.${this.run}`;
    const door = new ChatClient({ base: this.bases[0], storage: null, archive: null, logins: NOWHERE });
    await door.register(username, `${username}@example.org`, PASSWORD);
    return username;
  }

  /** A device of a user at one of the nodes, logged in. */
  async device(username, options = {}) {
    const node = this.#names++ % this.bases.length;
    const device = new ChatClient({
      base: this.bases[node], url: this.sockets[node], logins: NOWHERE, storage: null, archive: null, pingTimeoutMs: 1_000, ...options,
    });
    this.#devices.push(device);
    await device.logIn(`${username}@example.org`, PASSWORD);
    return device;
  }

  /** What the store has of a user, without the client. */
  reader(username) {
    return Reader.open({ base: this.bases[0], url: this.sockets[0], email: `${username}@example.org`, password: PASSWORD });
  }

  async befriended(names) {
    const users = [];
    for (const name of names) users.push(await this.user(name));
    for (const [i, user] of users.entries()) {
      const device = await this.device(user);
      await device.connect();
      for (const other of users.slice(i + 1)) await device.addContact(other);
      device.close();
    }
    return users;
  }

  async network(change) {
    await fetch(`${this.control}/${change}`);
  }

  async close() {
    await this.network("heal");
    for (const device of this.#devices) device.close();
  }
}

const NOWHERE = { tab: null, browser: null, locks: null };

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until something holds; `describe` says how it stands when that takes too long. */
export async function until(condition, describe = () => String(condition), ms = 20_000) {
  const end = Date.now() + ms;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`in vain: ${await describe()}`);
    await pause(20);
  }
}

export const tests = {
  async "files go up with progress and come down, and what is ended is ended"(servers) {
    const [ada, bob] = await servers.befriended(["ada", "bob"]);
    const [writer, reader] = [await servers.device(ada), await servers.device(bob)];
    await Promise.all([writer.connect({ timeoutMs: 10_000 }), reader.connect()]);
    const bytes = new Uint8Array(300_000).map((_, i) => i % 251);
    const progress = [];
    const file = await writer.files.upload(new Blob([bytes]), { name: "größe 1.bin", onProgress: ({ sent, total }) => progress.push([sent, total]) });
    equal([file.name, file.size, progress.at(-1)], ["größe 1.bin", 300_000, [300_000, 300_000]]);
    const heard = new Promise((resolve) => reader.addEventListener("message", ({ detail }) => resolve(detail), { once: true }));
    await writer.send({ to: bob, attachments: [file.file_id] });
    equal((await heard).attachments, [file.file_id]);
    const received = [];
    const content = new Uint8Array(await (await reader.files.download(file.file_id, { onProgress: (one) => received.push(one.received) })).arrayBuffer());
    ensure(content.length === bytes.length && content.every((byte, i) => byte === bytes[i]), "the same bytes");
    equal(received.at(-1), 300_000);
    equal(await reader.files.describe(file.file_id), { file_id: file.file_id, name: "größe 1.bin", type: file.type, size: 300_000 });
    ensure((await reader.files.url(file.file_id)).startsWith("blob:"), "an address");
    equal(await outcome(reader.files.thumbnail(file.file_id)), "not_found");
    const ended = new AbortController();
    const upload = outcome(writer.files.upload(new Blob([new Uint8Array(20_000_000)]), { signal: ended.signal, onProgress: () => ended.abort() }));
    equal(await upload, "closed");
    equal(await outcome(writer.files.upload(new Blob(["x"]), { signal: AbortSignal.abort() })), "closed");
    await writer.devices.register({ device: "phone", kind: "webpush", token: { endpoint: "https://push.example.org/x", keys: { p256dh: "x", auth: "y" } } }).catch(({ code }) => equal(code, "bad_request"));
    await writer.devices.remove("phone");
    ensure((await writer.devices.pushKey()).length === 87, "the key");
  },

  async "an application brings tokens or tickets of its own"(servers) {
    const username = await servers.user("tess");
    const call = async (path, body, token) => (await fetch(servers.bases[0] + path, {
      method: "POST", headers: { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) }, body: JSON.stringify(body),
    })).json();
    const { access_token } = await call("/v1/auth/login", { email: `${username}@example.org`, password: PASSWORD });
    const asked = [];
    const token = ({ refused }) => {
      asked.push(refused);
      return refused ? access_token : "old";
    };
    const options = { base: servers.bases[0], url: servers.sockets[0], logins: NOWHERE, storage: null, archive: null, username };
    const byToken = new ChatClient({ ...options, token });
    await byToken.connect({ timeoutMs: 10_000 });
    equal([byToken.user, asked], [username, [false, true]]);
    byToken.close();
    const byTicket = new ChatClient({ ...options, ticket: async () => ({ otp: (await call("/v1/auth/otp", {}, access_token)).otp, username }), device: "kiosk" });
    await byTicket.connect({ timeoutMs: 10_000 });
    equal(byTicket.user, username);
    byTicket.close();
  },

  async "a browser that forbids to keep anything is none to fail in"(servers) {
    const names = ["localStorage", "sessionStorage"];
    const before = names.map((name) => Object.getOwnPropertyDescriptor(globalThis, name));
    const get = () => { throw new DOMException("forbidden", "SecurityError"); };
    names.forEach((name) => Object.defineProperty(globalThis, name, { configurable: true, get }));
    try {
      const username = await servers.user("una");
      const device = new ChatClient({ base: servers.bases[0], url: servers.sockets[0] });
      await device.logIn(`${username}@example.org`, PASSWORD);
      await device.connect({ timeoutMs: 10_000 });
      equal(device.user, username);
      device.close();
    } finally {
      names.forEach((name, i) => (before[i] ? Object.defineProperty(globalThis, name, before[i]) : delete globalThis[name]));
    }
  },

  async "what is sent while the network is away goes out once, in order, also after a restart"(servers) {
    const [ada, bob] = await servers.befriended(["ada", "bob"]);
    const storage = new FakeArchive();
    const first = await servers.device(ada, { storage });
    await first.connect();
    await servers.network("refuse");
    await until(() => !first.online);
    const sends = Array.from({ length: 20 }, (_, i) => first.send({ to: bob, text: `${i}` }).catch(({ code, kept }) => `${code} ${kept}`));
    first.close();
    equal(new Set(await Promise.all(sends)), new Set(["closed true"]));
    await servers.network("heal");
    const second = await servers.device(ada, { storage });
    await second.connect();
    await until(() => second.outbox.length === 0);
    const { messages } = await second.history({ conversation_id: second.conversations[0].conversation_id });
    equal(messages.map(({ text }) => text), Array.from({ length: 20 }, (_, i) => `${i}`));
  },

  async "what arrives late, from a connection that is gone, is stored once and overtakes nothing"(servers) {
    const [ada, bob] = await servers.befriended(["ada", "bob"]);
    const [writer, reader] = [await servers.device(ada), await servers.device(bob)];
    await Promise.all([writer.connect(), reader.connect()]);
    const heard = [];
    reader.addEventListener("message", ({ detail }) => heard.push(detail.text));
    const { conversation_id } = await writer.send({ to: bob, text: "0" });
    const lost = { count: 0 };
    writer.addEventListener("offline", () => lost.count++);
    for (let round = 0; round < 3; round++) {
      await servers.network("late");
      const edit = writer.edit({ conversation_id, seq: 1, text: `edited ${round}` }).then(() => "done", ({ code }) => code);
      const sends = Array.from({ length: 5 }, (_, i) => writer.send({ conversation_id, text: `${round * 5 + i + 1}` }));
      equal(await edit, "unavailable"); // it is on its way
      await Promise.all(sends);
      await pause(1_200); // so it has arrived
    }
    equal(lost.count, 3);
    const expected = Array.from({ length: 16 }, (_, i) => `${i}`);
    const history = async (client) => (await client.history({ conversation_id })).messages.map(({ text }) => text);
    await until(async () => (await history(writer))[0] === "edited 2");
    equal((await history(writer)).slice(1), expected.slice(1));
    await until(() => heard.length >= 16, () => heard.join());
    equal(heard, expected);
    for (const client of [writer, reader]) {
      await client.timeline(conversation_id).load();
      await until(() => client.timeline(conversation_id).messages[0].text === "edited 2", () => client.timeline(conversation_id).messages[0].text);
    }
  },

  async "a server that stands still is left, and the next one goes on"(servers) {
    const [ada, bob] = await servers.befriended(["ada", "bob"]);
    const device = await servers.device(ada);
    await device.connect();
    await servers.network("hold");
    const send = device.send({ to: bob, text: "hello" });
    await until(() => !device.online);
    await servers.network("cut");
    await servers.network("heal");
    equal((await send).seq, 1);
  },

  async "what a tab leaves behind another tab of the same user sends, and no tab of another user"(servers) {
    if (!globalThis.navigator?.locks || !globalThis.indexedDB) return; // as in Node
    const { IndexedDbStorage } = await import("../webjars/chat-engine/storage/indexed-db.js");
    const [ada, bob] = await servers.befriended(["ada", "bob"]);
    const storage = () => new IndexedDbStorage(`tabs ${servers.run}`);
    const [closing, staying, other] = [
      await servers.device(ada, { storage: storage(), archive: storage() }),
      await servers.device(ada, { storage: storage(), archive: storage() }),
      await servers.device(bob, { storage: storage(), archive: storage() }),
    ];
    await Promise.all([closing.connect(), staying.connect(), other.connect()]);
    const { conversation_id } = await staying.send({ to: bob, text: "begin" });
    await servers.network("refuse");
    await until(() => ![closing, staying, other].some(({ online }) => online));
    closing.send({ conversation_id, text: "left behind" }).catch(() => {});
    staying.send({ conversation_id, text: "mine" }).catch(() => {});
    await until(() => closing.outbox[0].kept);
    equal([staying.outbox.length, other.outbox.length], [1, 0]);
    closing.close();
    await until(() => staying.outbox.length === 2, () => JSON.stringify(staying.outbox));
    await servers.network("heal");
    await until(() => staying.outbox.length === 0 && staying.online);
    const { messages } = await staying.history({ conversation_id });
    equal(messages.map(({ text, from }) => [text, from]).sort(), [["begin", ada], ["left behind", ada], ["mine", ada]].sort());
    equal(other.outbox, []);
  },

  async "tabs that renew their tokens at the same time stay logged in"(servers) {
    if (!globalThis.navigator?.locks || !globalThis.document) return; // as in Node
    const ada = await servers.user("ada");
    localStorage.clear();
    const options = { base: servers.bases[0], url: servers.sockets[0], storage: null, archive: null };
    const first = new ChatClient(options);
    await first.logIn(`${ada}@example.org`, PASSWORD);
    const tabs = [first];
    for (let i = 0; i < 3; i++) tabs.push(new ChatClient(options));
    equal(await Promise.all(tabs.map((tab) => tab.resume())), [true, true, true, true]);
    await Promise.all(tabs.map((tab) => tab.connect({ timeoutMs: 10_000 })));
    equal(tabs.map(({ user }) => user), [ada, ada, ada, ada]);
    await first.logOut();
    await until(() => tabs.every(({ online }) => !online));
    tabs.forEach((tab) => tab.close());
  },

  async "whatever happens, every device comes to the state of the store"(servers) {
    for (let run = 0; run < servers.runs; run++) {
      const users = new Servers(servers.addresses);
      await converges(users, servers.seed + run);
      await users.close();
    }
  },
};

async function outcome(promise) {
  return promise.then(() => "done", ({ code }) => code);
}

/** One line for each test. @returns {Promise<string>} */
export async function runAll(addresses, words = "") {
  const lines = [];
  for (const name of Object.keys(tests).filter((one) => one.includes(words))) {
    const servers = new Servers(addresses);
    const began = Date.now();
    try {
      await tests[name](servers);
      lines.push(`ok ${name} (${Date.now() - began} ms)`);
    } catch (error) {
      lines.push(`not ok ${name}: ${error.stack ?? error}`.replaceAll("\n", " | "));
    } finally {
      await servers.close();
    }
  }
  return lines.join("\n");
}

if (globalThis.process?.argv[2]) {
  process.on("unhandledRejection", (error) => {
    if (error?.name !== "ChatError") throw error; // what a test leaves alone when it ends
  });
  const said = await runAll(JSON.parse(process.argv[2]), process.argv[3]);
  console.log(said);
  process.exit(said.split("\n").every((line) => line.startsWith("ok ")) ? 0 : 1);
}

// What the client promises, against a server that does as the test says. Each function is one test.

import {
  ChatClient, ChatError, previewOf, withOwnReactions, withPreviewOf, withReaction,
} from "../webjars/chat-engine/chat-client.js";
import { Announcements } from "../webjars/chat-engine/announcements.js";
import { FakeArchive, FakeStorage, World, ensure, equal, watch } from "./world.js";

export async function run(name) {
  const world = new World();
  try {
    await tests[name](world);
  } finally {
    world.restore();
  }
}

async function online(world, options) {
  const client = world.client(ChatClient, options);
  const connected = watch(client.connect());
  await world.settle();
  equal(connected.state, "resolved", "connect()");
  return client;
}

const AT = "2026-03-01T09:30:00.000Z";
const texts = (messages) => messages.map(({ text }) => text);
const message = (seq, more) => ({
  type: "message", conversation_id: "1", message_id: `m${seq}`, seq, from: "bob", client_message_id: `c${seq}`, text: `${seq}`, created_at: AT, ...more,
});
const edit = (seq, rev, text, more) =>
  ({ ...message(seq, { text, rev, edited_at: "2026-03-01T09:31:00.000Z" }), type: "message_edited", change: { rev, at_seq: seq, by: "bob" }, ...more });
const deletion = (seq, rev) =>
  ({ ...message(seq, { text: "", rev, deleted: true }), type: "message_deleted", change: { rev, at_seq: seq, by: "bob" } });
const pinned = (seq, rev, kind = "pinned") =>
  ({ type: "conversation", conversation_id: "1", kind: "group", name: "hikers", change: { kind, rev, at_seq: 3, by: "bob", seq } });
const unpinned = (seq, rev) => pinned(seq, rev, "unpinned");
const reaction = (seq, rev, count, more) =>
  ({ type: "reaction", conversation_id: "1", seq, rev, emoji: "👍", username: "bob", on: true, count, ...more });
const state = (last_seq, rev, more) =>
  ({ conversation_id: "1", kind: "group", name: "hikers", role: "member", last_seq, rev, read_seq: 0, unread: last_seq, has_more: false, ...more });
const records = (archive) => [...archive.records.values()].filter((record) => record?.cursor);
const archivedCursors = (archive) => records(archive).map(({ cursor: { seq, rev } }) => ({ seq, rev }));
const preferences = (version, more) => // in the order in which the client keeps them
  ({ muted_until: null, archived: false, archived_at_seq: null, pinned: false, unread_from: null, ...more, version });
const changed = ({ type, change, ...state }) => state; // as in the answer to a sync

/** Answers a sync with these states, and from then on with nothing new. */
function syncWith(world, ...conversations) {
  world.answer = (request) => {
    if (request.type !== "sync") return world.usualAnswer(request);
    return { type: "ok", conversations: conversations.splice(0) };
  };
}

/** The page of these messages that is asked for. */
function page(all, { before = Infinity, after, around, limit = 50 }) {
  if (around !== undefined) {
    const shown = all.filter(({ seq }) => Math.abs(seq - around) <= limit / 2);
    const has_more_before = shown[0].seq > all[0].seq;
    const has_more_after = shown.at(-1).seq < all.at(-1).seq;
    return { type: "ok", messages: shown, has_more: has_more_before || has_more_after, has_more_before, has_more_after };
  }
  const found = all.filter(({ seq }) => seq < before && seq > (after ?? 0));
  return { type: "ok", messages: after === undefined ? found.slice(-limit) : found.slice(0, limit), has_more: found.length > limit };
}

const ends = ({ messages, hasOlder, hasNewer }) => [messages[0]?.seq, messages.at(-1)?.seq, hasOlder, hasNewer];

const numbers = (count) => Array.from({ length: count }, (_, i) => String(i));

export const tests = {
  // ---- the outbox

  async "300 sends in a row are stored in order although the server limits the rate"(world) {
    let tokens = 100;
    let filledAt = 0;
    let refusals = 0;
    world.answer = (request) => {
      tokens = Math.min(100, tokens + (world.now - filledAt) / 20);
      filledAt = world.now;
      if (tokens < 1) {
        refusals++;
        return { type: "error", code: "rate_limited", message: "slower", retry_after_ms: Math.ceil((1 - tokens) * 20) };
      }
      tokens--;
      return world.usualAnswer(request);
    };
    world.store({ client_message_id: "c", conversation_id: "1", text: "hello" });
    const client = await online(world);
    const sends = numbers(300).map((text) => watch(client.send({ conversation_id: "1", text })));
    await world.advance(6_000);
    equal(sends.filter(({ state }) => state !== "resolved").length, 0, "unsettled sends");
    equal(texts(world.stored), ["hello", ...numbers(300)], "stored");
    equal(texts(client.heard.message), numbers(300), "given");
    ensure(refusals < 10, `${refusals} refusals`);
  },

  async "a message that is refused for now is overtaken by none of its conversation, and holds up no other"(world) {
    const busy = new Set(["a2"]);
    world.answer = (request) =>
      busy.has(request.text) ? { type: "error", code: "busy", message: "locked", retry_after_ms: 700 } : world.usualAnswer(request);
    const client = await online(world);
    for (const text of ["a1", "a2", "a3"]) client.send({ conversation_id: "1", text });
    for (const text of ["b1", "b2", "b3"]) client.send({ conversation_id: "2", text });
    await world.advance(600);
    equal(texts(world.stored).sort(), ["a1", "b1", "b2", "b3"]);
    equal(world.socket.asked("send").filter(({ text }) => text === "a2").length, 1, "before retry_after_ms");
    busy.clear();
    await world.advance(100);
    equal(texts(world.stored).filter((text) => text.startsWith("a")), ["a1", "a2", "a3"]);
  },

  async "a conversation is one line, whether it is named by user or by id"(world) {
    const direct = { conversation_id: "7", kind: "direct", peer: "Bob", last_seq: 0, read_seq: 0, unread: 0, rev: 0 };
    world.answer = (request) => {
      if (request.type === "sync") return { type: "ok", conversations: [direct] };
      return request.type === "send" ? undefined : { type: "ok" };
    };
    const client = await online(world);
    client.send({ to: "bob", text: "first" }).catch(() => {});
    client.send({ conversation_id: "7", text: "second" }).catch(() => {});
    client.send({ conversation_id: "8", text: "elsewhere" }).catch(() => {});
    await world.settle();
    equal(texts(world.socket.asked("send")), ["first", "elsewhere"]);
  },

  async "no more sends are under way than the window allows"(world) {
    world.answer = (request) => (request.type === "send" ? undefined : world.usualAnswer(request));
    const client = await online(world, { window: 3 });
    for (const conversation_id of numbers(5)) client.send({ conversation_id, text: "hello" }).catch(() => {});
    await world.settle();
    equal(world.socket.asked("send").length, 3);
    world.socket.say({ id: world.socket.asked("send")[1].id, ...world.store(world.socket.asked("send")[1]) });
    await world.settle();
    equal(world.socket.asked("send").length, 4);
  },

  async "a new connection does not wait for what the old one was asked to wait for"(world) {
    world.answer = (request) =>
      request.type === "send" ? { type: "error", code: "busy", message: "full", retry_after_ms: 60_000 } : world.usualAnswer(request);
    const client = await online(world);
    const send = watch(client.send({ conversation_id: "1", text: "hello" }));
    await world.settle();
    world.answer = (request) => world.usualAnswer(request);
    world.socket.drop(1012);
    await world.advance(1_000);
    equal(send.state, "resolved");
  },

  async "what was under way when the connection broke goes out again under the same id, in order"(world) {
    world.answer = (request) => {
      if (request.type !== "send") return world.usualAnswer(request);
      world.store(request); // and the answer is lost
      return undefined;
    };
    const client = await online(world);
    const sends = ["one", "two", "three"].map((text) => watch(client.send({ conversation_id: "1", text })));
    await world.settle();
    world.answer = (request) => world.usualAnswer(request);
    world.socket.drop(1006);
    await world.advance(1_000);
    equal(sends.map(({ state }) => state), ["resolved", "resolved", "resolved"]);
    equal(sends.map(({ value }) => value.duplicate), [true, false, false]);
    equal(texts(world.stored), ["one", "two", "three"]);
    equal(client.outbox, []);
  },

  async "what the server refuses stays as failed, through a reload, until it is sent again, changed or dropped"(world) {
    const storage = new FakeStorage();
    const bad = new Set(["one", "two", "three"]);
    world.answer = (request) =>
      bad.has(request.text) ? { type: "error", code: "forbidden", message: "not now" } : world.usualAnswer(request);
    const client = await online(world, { storage });
    const sends = ["one", "two", "three", "four"].map((text) => watch(client.send({ conversation_id: "1", text })));
    await world.settle();
    equal(sends.map(({ state }) => state), ["forbidden", "forbidden", "forbidden", "resolved"]);
    const standing = (one) => one.outbox.map(({ text, state, error, kept }) => [text, state, error?.code, kept]);
    const failed = ["one", "two", "three"].map((text) => [text, "failed", "forbidden", true]);
    equal(standing(client), failed);
    client.close();

    const after = await online(world, { storage });
    equal(standing(after), failed);
    bad.delete("one");
    const [one, two, three] = after.outbox.map(({ client_message_id }) => client_message_id);
    const again = watch(after.retry(one));
    const changed = watch(after.retry(two, { text: "2" }));
    equal([after.drop(three), after.drop(three), after.drop("other")], [true, false, false]);
    equal(await outcome(after.retry("other")), "not_found");
    await world.settle();
    equal([again.state, changed.state, texts(world.stored)], ["resolved", "resolved", ["four", "one", "2"]]);
    ensure(world.stored.some(({ client_message_id }) => client_message_id === one), "sent again it is the same message");
    ensure(!world.stored.some(({ client_message_id }) => client_message_id === two), "with another text it is another one");
    equal([after.outbox, storage.length], [[], 0]);
  },

  async "what the client does not keep is told when it ends, also what was refused before"(world) {
    world.answer = (request) => {
      if (request.type !== "send") return world.usualAnswer(request);
      return request.text === "bad" ? { type: "error", code: "forbidden", message: "not now" } : undefined;
    };
    for (const end of [(client) => client.close(), async (client) => {
      world.socket.drop(1008);
      await client.close();
    }]) {
      const client = await online(world);
      for (const text of ["bad", "good"]) client.send({ conversation_id: "1", text }).catch(() => {});
      await world.settle();
      equal(client.outbox.map(({ text, state }) => [text, state]), [["bad", "failed"], ["good", "waiting"]]);
      client.heard.refused.length = 0;
      await end(client);
      equal([texts(client.heard.refused.map(({ fields }) => fields)), client.outbox], [["bad", "good"], []]);
      equal(await outcome(client.send({ conversation_id: "1", text: "late" })), "closed");
      equal(texts(client.heard.refused.map(({ fields }) => fields)), ["bad", "good", "late"]);
    }
  },

  async "what waits can be dropped, and what is under way cannot"(world) {
    world.answer = (request) => (request.type === "send" ? undefined : world.usualAnswer(request));
    const client = await online(world);
    const sends = ["one", "two"].map((text) => watch(client.send({ conversation_id: "1", text })));
    await world.settle();
    const [one, two] = client.outbox.map(({ client_message_id }) => client_message_id);
    equal([client.drop(one), client.drop(two)], [false, true]);
    await world.settle();
    equal(sends.map(({ state }) => state), ["pending", "closed"]);
  },

  async "after a conflict it goes out under another id"(world) {
    world.store({ client_message_id: "x", conversation_id: "1", text: "hello" });
    world.answer = (request) =>
      request.client_message_id === "x" ? { type: "error", code: "conflict", message: "taken" } : world.usualAnswer(request);
    const client = await online(world);
    equal(await outcome(client.send({ conversation_id: "1", text: "other", client_message_id: "x" })), "conflict");
    await client.retry("x");
    equal(texts(world.stored), ["hello", "other"]);
  },

  async "what a page before left goes out first, also where the clock was a day ahead then"(world) {
    const storage = new FakeStorage();
    const { now } = Date;
    try {
      Date.now = () => now() + 86_400_000;
      world.accept = () => {};
      const before = world.client(ChatClient, { storage });
      before.connect({ user: "ada" });
      for (const text of ["one", "two"]) before.send({ conversation_id: "1", text }).catch(() => {});
      await world.settle();
      Date.now = now;
      world.accept = (socket) => { socket.open(); socket.welcome(); };
      const after = world.client(ChatClient, { storage });
      after.connect({ user: "ada" });
      after.send({ conversation_id: "1", text: "three" }).catch(() => {});
      await world.settle();
      equal(texts(world.stored), ["one", "two", "three"]);
    } finally {
      Date.now = now;
    }
  },

  // ---- what a server should not say

  async "a server that asks to wait no time at all is not asked all the time"(world) {
    world.answer = (request) =>
      request.type === "send" ? { type: "error", code: "busy", message: "full", retry_after_ms: 0 } : world.usualAnswer(request);
    const client = await online(world);
    client.send({ conversation_id: "1", text: "hello" }).catch(() => {});
    await world.advance(10_000);
    ensure(world.socket.asked("send").length < 30, `${world.socket.asked("send").length} times`);
  },

  async "times out of range are bounded"(world) {
    world.heartbeatSeconds = -1;
    const client = await online(world);
    world.socket.say({ type: "bye", reason: "draining", retry_after_ms: 1e300 });
    world.socket.drop(1012);
    equal(client.heard.offline.at(-1).retryInMs, 300_000);
    await world.advance(300_000);
    equal(world.sockets.length, 2);
    world.socket.say({ type: "bye", reason: "draining", retry_after_ms: -5 });
    world.socket.drop(1012);
    equal(client.heard.offline.at(-1).retryInMs, 0);
    await world.advance(1);
    world.heartbeatSeconds = "soon";
    world.socket.say({ type: "bye", reason: "draining", retry_after_ms: "later" });
    world.socket.drop(1012);
    await world.advance(20_000);
    ensure(client.online, "online");
  },

  async "frames that make no sense change nothing"(world) {
    syncWith(world, state(2, 0, { last_message: message(2) }));
    const client = await online(world);
    const before = JSON.stringify(client.conversations);
    const junk = [
      null, 7, "text", [], {}, { type: 7 }, { type: "message" }, message(-1), message("3"), message(1e20), message(3, { from: null }), message(3, { text: 7 }),
      message(3, { conversation_id: 7 }), { ...edit(1, 1, "x"), change: null }, { ...edit(1, 1, "x"), rev: "1" }, reaction(1, null, 1),
      reaction(1, 1, -1), { type: "conversation" }, { type: "conversation", conversation_id: "1", kind: "group", change: 7 },
      { type: "receipt", conversation_id: "1" }, { type: "preferences", conversation_id: "1" }, { type: "sent" }, { type: "online" }, { type: "loggedout" },
      { type: "reset" }, { type: "welcome", user: "eve", epoch: "other" }, { type: "ok", id: "99" }, { type: "error" }, { type: "__proto__" }, { type: "constructor" },
    ];
    for (const frame of junk) world.socket.say(frame);
    world.socket.onmessage({ data: "{" });
    world.socket.onmessage({ data: new Uint8Array([1, 2]).buffer });
    await world.settle();
    equal(JSON.stringify(client.conversations), before);
    equal([client.user, client.heard.messages, client.heard.reset, client.heard.loggedout, client.heard.sent, client.heard.online.length], ["ada", [], [], [], [], 1]);
    world.socket.say(message(3));
    equal(client.heard.messages, ["message 3 3"]);
  },

  async "a field that makes no sense is left out, and the message is given without it"(world) {
    syncWith(world, state(0, 0));
    const client = await online(world);
    const sound = message(1, { mentions: ["ada"], attachments: ["f1"], reactions: [{ emoji: "👍", count: 2, me: false }], reply_preview: { seq: 1, from: "bob", text: "x" } });
    const bad = [
      { created_at: "yesterday" }, { created_at: 7 }, { created_at: undefined }, { edited_at: "soon" }, { edited_at: 5 }, { deleted: "yes" }, { mentions: "ada" }, { mentions: { length: 1 } },
      { mentions: [null, "ada", 7, "ada", {}] }, { attachments: "f1" }, { attachments: [["f1"], "f1", "f1", ""] }, { attributes: [1] }, { attributes: "x" }, { reply_to: "1" },
      { forward_of: 7 }, { forward_of: { conversation_id: [], seq: -1 } }, { reply_preview: "x" }, { reply_preview: { seq: 1, from: "bob" } }, { reply_preview: { seq: 1, from: "bob", text: "x", deleted: 1 } },
      { reactions: "👍" }, { reactions: [null, { emoji: 7, count: 1 }, { emoji: "👍", count: "2" }, { emoji: "👍", count: 2, me: "me" }] }, { message_id: {} }, { client_message_id: 5 },
    ];
    for (const [i, fields] of bad.entries()) world.socket.say({ ...sound, seq: i + 1, ...fields });
    equal(client.heard.message.length, bad.length, "given");
    for (const { type, ...one } of client.heard.message) {
      const isMissing = (value) => value === undefined;
      const all = (value, is) => isMissing(value) || (Array.isArray(value) && value.every(is) && new Set(value).size === value.length);
      const isText = (value) => typeof value === "string";
      ensure(Number.isFinite(Date.parse(one.created_at)), `created_at ${one.created_at}`);
      for (const name of ["edited_at", "message_id", "client_message_id"]) ensure(isMissing(one[name]) || isText(one[name]), `${name} ${one[name]}`);
      ensure(isMissing(one.edited_at) && isMissing(one.deleted) && isMissing(one.reply_to) && isMissing(one.attributes), JSON.stringify(one));
      ensure(all(one.mentions, isText) && all(one.attachments, isText), JSON.stringify(one));
      ensure(isMissing(one.reply_preview) || (isText(one.reply_preview.text) && isMissing(one.reply_preview.deleted)), JSON.stringify(one));
      ensure(all(one.reactions, ({ emoji, count, me }) => isText(emoji) && count === 2 && me !== "me"), JSON.stringify(one));
      ensure(isMissing(one.forward_of) || JSON.stringify(one.forward_of) === "{}", JSON.stringify(one));
    }
    const change = { kind: "added", rev: 1, at_seq: 1, by: 7, usernames: "bob", username: ["bob"], until: "never", name: {}, count: -1, slow_mode_seconds: "x" };
    world.socket.say({ type: "conversation", conversation_id: "1", kind: "group", name: 7, peers: "ada", description: [], change });
    equal(client.heard.conversation.at(-1), { type: "conversation", conversation_id: "1", kind: "group", change: { kind: "added", rev: 1, at_seq: 1 } });
  },

  async "what makes no sense in how a conversation stands is left out"(world) {
    const odd = { version: 1, muted_until: "tomorrow", archived: "no", archived_at_seq: -1, pinned: 7, unread_from: "2" };
    syncWith(world, state(2, 0, {
      kind: "direct", name: 7, peer: ["bob"], role: {}, description: 5, pinned: ["1", 2], unread_mentions: "many", slow_mode_seconds: "x", first_seq: 0,
      last_message: message(2, { created_at: "x" }), preferences: odd,
    }), { ...state(1, 0), conversation_id: "2", preferences: { version: "1" }, last_message: 7, pinned: "all" });
    const client = await online(world);
    await client.request("ping");
    equal(client.conversations.map(({ name, peer, role, description, pinned, unread_mentions, slow_mode_seconds, first_seq, last_message, preferences: told }) =>
      ({ name, peer, role, description, pinned, unread_mentions, slow_mode_seconds, first_seq, last_message: last_message?.created_at, told })), [
      { pinned: [2], unread_mentions: 0, first_seq: 1, last_message: "1970-01-01T00:00:00.000Z", told: preferences(1) },
      { name: "hikers", role: "member", pinned: [], unread_mentions: 0, first_seq: 1, told: { ...preferences(0) } },
    ]);
    equal((await client.send({ to: "bob", text: "hello" })).seq, 1);
  },

  async "answers have the lists that they should have, and in them what makes sense"(world) {
    const client = await online(world);
    const lists = {
      history: ["messages", [message(1)], [message(0), null]], pins: ["pins", [{ message: message(1), rev: 1 }], [{ message: 7 }]], edits: ["versions", [{ version: 1, text: "x", written_at: AT }], [{ version: 1 }]],
      reactions: ["reactions", [{ username: "bob" }], [{ username: 7 }]], members: ["members", [{ username: "bob", role: "new", received_seq: 1, read_seq: 1 }], ["bob"]],
      bans: ["bans", [{ username: "bob", until: null }], [{}]], invites: ["invites", [{ invite_id: "i", by: "bob" }], [{ invite_id: 7 }]], profiles: ["profiles", [{ username: "bob" }], [null]],
      contacts: ["users", [{ username: "bob", online: true }], [{ username: null }]], presence: ["users", [{ username: "bob", online: false }], [7]], blocked: ["usernames", ["bob"], [7, "bob"]],
      search: ["messages", [message(1, { highlights: [{ start: 0, end: 1 }] })], [message(1, { text: null })]], contact_requests: ["received", [{ username: "bob" }], ["bob"]],
    };
    for (const [type, [name, good, bad]] of Object.entries(lists)) {
      for (const [told, expected] of [[[...good, ...bad], good], [undefined, []], ["x", []], [{ length: 1 }, []]]) {
        world.answer = () => ({ type: "ok", [name]: told });
        equal((await client.request(type))[name], expected, `${type} ${JSON.stringify(told)}`);
      }
    }
    for (const [type, answer] of [["send", { seq: 1 }], ["react", { rev: 1 }], ["join", {}], ["create_group", { conversation_id: 7 }]]) {
      world.answer = () => ({ type: "ok", ...answer });
      equal(await outcome(client.request(type)), "internal", type);
    }
    for (const [error, expected] of [[{ code: "from_the_future", message: "new" }, ["from_the_future", "new"]], [{}, ["internal", ""]], [{ code: 7, message: {} }, ["internal", ""]]]) {
      world.answer = () => ({ type: "error", ...error });
      const { code, message: words } = await client.request("ping").catch((fault) => fault);
      equal([code, words], expected);
    }
  },

  async "an archive that another version has written, or nobody, is taken as far as it makes sense"(world) {
    const archive = new FakeArchive();
    const { preferences: _, ...old } = state(1, 0);
    const cursor = { seq: 1, rev: 0 };
    const good = { conversation: { ...old, preferences: preferences(0) }, cursor, messages: [message(1, { created_at: 7, mentions: "x" }), 7], hasOlder: false };
    const records = { 1: good, 2: { conversation: { ...old, conversation_id: "2" }, cursor }, 3: 7, 4: { ...good, cursor: { seq: "1" } } };
    await archive.write([["chat-archive/ada/epoch", "first"], ...Object.entries(records).map(([id, record]) => [`chat-archive/ada/c/${id}`, record])]);
    const client = world.client(ChatClient, { archive });
    ensure(await client.restore("ada"), "restored");
    equal(client.conversations.map(({ conversation_id }) => conversation_id), ["1"]);
    const { mentions, ...repaired } = message(1, { created_at: "1970-01-01T00:00:00.000Z" });
    equal((await client.kept("1")).messages, [repaired]);
    equal(await client.kept("3"), null);
  },

  async "answers that make no sense do not stop it"(world) {
    for (const answer of [{ conversations: null }, { conversations: [null, 7, {}, { conversation_id: "1" }] }, { conversations: [{ conversation_id: "1", kind: "group" }], gone: null }, {}]) {
      world.answer = (request) => (request.type === "sync" ? { type: "ok", ...answer } : { type: "ok" });
      const client = world.client(ChatClient);
      const connected = watch(client.connect());
      await world.advance(1_000);
      equal(connected.state, "resolved", JSON.stringify(answer));
      client.close();
    }
  },

  async "a sync without an end, and a history that goes round in circles, do not keep it busy for ever"(world) {
    syncWith(world, state(2, 0));
    const client = await online(world);
    let asked = 0;
    world.answer = (request) => {
      if (request.type === "sync") return { type: "ok", conversations: [state(9, 0, { has_more: true })] };
      if (request.type === "history") asked++;
      return request.type === "history" ? { type: "ok", messages: [message(3), message(4)], has_more: true } : { type: "ok" };
    };
    world.socket.drop(1006);
    await world.advance(1_000);
    ensure(asked < 5, `${asked} times`);
    ensure(client.online, "online");
    equal(client.heard.messages, ["message 3 3", "message 4 4"]);
  },

  async "messages that the server leaves out after the cursor are passed over"(world) {
    syncWith(world, state(2, 0));
    const client = await online(world);
    world.answer = (request) => {
      if (request.type === "sync") return { type: "ok", conversations: [state(9, 0, { has_more: true })] };
      return { type: "ok", messages: request.type === "history" && request.after < 9 ? [message(8), message(9)] : [], has_more: false };
    };
    world.socket.drop(1006);
    await world.advance(1_000);
    world.socket.say(message(10));
    equal(client.heard.messages, ["message 8 8", "message 9 9", "message 10 10"]);
  },

  async "a message that does not come is asked for"(world) {
    syncWith(world, state(2, 0));
    const client = await online(world);
    world.answer = (request) =>
      request.type === "sync" ? { type: "ok", conversations: [state(4, 0, { missed: [message(3), message(4)] })] } : { type: "ok" };
    world.socket.say(message(4));
    await world.advance(4_999);
    equal(client.heard.messages, []);
    await world.advance(1);
    equal(client.heard.messages, ["message 3 3", "message 4 4"]);
  },

  // ---- limits

  async "a text that is too long fails by itself, at once, with a message that says so"(world) {
    const client = await online(world);
    const long = watch(client.send({ conversation_id: "1", text: "ä".repeat(501) }));
    const next = watch(client.send({ conversation_id: "1", text: "ä".repeat(500) }));
    await world.settle();
    equal(long.state, "too_large");
    equal(long.error.message, "the text has 1002 bytes; at most 1000 are allowed");
    equal(next.state, "resolved");
    equal(client.heard.refused.length, 1);
    equal(world.sockets.length, 1, "the connection goes on");

    world.answer = () => undefined;
    client.send({ conversation_id: "1", text: "not answered" }).catch(() => {});
    const behind = watch(client.send({ conversation_id: "1", text: "x".repeat(1_001) }));
    await world.settle();
    equal(behind.state, "too_large");
  },

  async "a text that was sent before the limits were known fails when they are"(world) {
    const client = world.client(ChatClient);
    client.connect();
    const long = watch(client.send({ conversation_id: "1", text: "x".repeat(1_001) }));
    const next = watch(client.send({ conversation_id: "1", text: "fits" }));
    await world.settle();
    equal([long.state, next.state], ["too_large", "resolved"]);
  },

  async "a request that fits into no frame fails by itself"(world) {
    const client = await online(world);
    const large = watch(client.request("anything", { junk: "x".repeat(100_000) }));
    const send = watch(client.send({ conversation_id: "1", text: "x", attributes: { junk: "x".repeat(100_000) } }));
    await world.settle();
    equal([large.state, send.state], ["too_large", "too_large"]);
    ensure(client.online, "the connection goes on");
  },

  async "after 1009 the largest request fails, and everything else goes on"(world) {
    world.answer = (request, socket) => {
      if (request.bytes > 500) socket.drop(1009); // a proxy that takes less than the server says
      else if (request.type !== "send" || world.sockets.length > 1) return world.usualAnswer(request);
    };
    const client = await online(world);
    const sends = ["first", "x".repeat(900), "last"].map((text, i) => watch(client.send({ conversation_id: `${i}`, text })));
    const later = watch(client.send({ conversation_id: "1", text: "behind it" }));
    await world.advance(1_000);
    equal(sends.map(({ state }) => state), ["resolved", "too_large", "resolved"]);
    equal(later.state, "resolved");
    ensure(client.online, "it came back");
  },

  async "1009 for nothing that is under way ends the client"(world) {
    const client = await online(world);
    world.socket.drop(1009);
    await world.advance(60_000);
    equal(world.sockets.length, 1);
    equal(client.heard.offline.map(({ forGood }) => forGood), [true]);
  },

  // ---- reloads

  async "what is not acknowledged survives a reload and goes out once, in order"(world) {
    const storage = new FakeStorage();
    world.answer = (request) => (request.type === "send" ? undefined : world.usualAnswer(request));
    const before = await online(world, { storage });
    for (const text of ["one", "two", "three"]) before.send({ conversation_id: "1", text }).catch(() => {});
    await world.settle();
    world.store(world.socket.asked("send")[0]); // its answer does not arrive
    const ids = before.outbox.map(({ client_message_id }) => client_message_id);

    world.answer = (request) => world.usualAnswer(request);
    const after = await online(world, { storage });
    await world.settle();
    equal(world.stored.map(({ client_message_id }) => client_message_id), ids);
    equal(after.heard.sent.map(({ fields, reply }) => [fields.text, reply.duplicate]), [["one", true], ["two", false], ["three", false]]);
    equal(storage.length, 0);
  },

  async "a text from before the first connection survives a reload if the user is known"(world) {
    const storage = new FakeStorage();
    world.accept = () => {};
    const before = world.client(ChatClient, { storage });
    before.connect({ user: "ada" });
    before.send({ conversation_id: "1", text: "early" });
    const after = world.client(ChatClient, { storage });
    after.connect({ user: "ada" });
    await world.settle();
    equal(texts(after.outbox), ["early"]);

    world.user = "bob"; // who has not said who he is
    const bob = world.client(ChatClient, { storage });
    bob.connect();
    bob.send({ conversation_id: "1", text: "bob's" });
    world.answer = () => undefined;
    await world.settle();
    equal(storage.length, 1);
    world.socket.open();
    world.socket.welcome();
    equal(storage.length, 2);
  },

  async "nobody sends what another user left"(world) {
    const storage = new FakeStorage();
    world.answer = (request) => (request.type === "send" ? undefined : world.usualAnswer(request));
    world.store({ client_message_id: "c", conversation_id: "1", text: "hello" });
    const ada = await online(world, { storage });
    const send = watch(ada.send({ conversation_id: "1", text: "ada's" }));
    await world.settle();

    world.answer = (request) => world.usualAnswer(request);
    world.user = "eve";
    await online(world, { storage });
    await world.settle();
    equal(texts(world.stored), ["hello"]);

    world.sockets[0].drop(1006); // and the credentials of ada's client are eve's from now on
    await world.advance(1_000);
    equal(texts(world.stored), ["hello"]);
    equal(ada.heard.reset.length, 1);
    equal([send.state, send.error.kept], ["unauthorized", true]);

    world.user = "ada";
    await online(world, { storage });
    await world.settle();
    equal(texts(world.stored), ["hello", "ada's"]);
  },

  async "a storage that is full loses nothing while the page lives"(world) {
    const storage = new FakeStorage(0);
    world.answer = (request) => (request.type === "send" ? undefined : world.usualAnswer(request));
    const client = await online(world, { storage });
    const states = [];
    client.addEventListener("storage", ({ detail }) => states.push(detail.state));
    const sends = ["one", "two"].map((text) => watch(client.send({ conversation_id: "1", text })));
    await world.settle();
    equal([client.storage, client.outbox.map(({ kept }) => kept)], ["full", [false, false]]);
    storage.room = 1;
    world.socket.say({ id: world.socket.asked("send")[0].id, ...world.store(world.socket.asked("send")[0]) });
    await world.settle();
    equal(sends.map(({ state }) => state), ["resolved", "pending"]);
    client.send({ conversation_id: "1", text: "three" }).catch(() => {});
    await world.settle();
    client.close();
    await world.settle();
    equal(client.heard.refused.map(({ fields }) => fields.text).sort().length, 1, "those that are not kept are told");
    equal(states[0], "full");
  },

  async "what a slow storage has is sent when it has answered"(world) {
    const storage = new FakeArchive();
    world.accept = () => {};
    const before = world.client(ChatClient, { storage });
    before.connect({ user: "ada" }).catch(() => {});
    before.send({ conversation_id: "1", text: "kept" }).catch(() => {});
    await world.settle();
    before.close();
    await world.settle();
    world.accept = (socket) => {
      socket.open();
      socket.welcome();
    };
    const read = storage.read.bind(storage);
    let answer;
    storage.read = (prefix) => new Promise((resolve) => { answer = () => resolve(read(prefix)); });
    const client = await online(world, { storage });
    await world.advance(3_000);
    equal([client.outbox, client.storage, world.stored], [[], "unavailable", []]);
    answer();
    await world.settle();
    equal([texts(world.stored), client.storage], [["kept"], "ok"]);
  },

  async "discard empties the storage"(world) {
    const storage = new FakeStorage();
    world.answer = (request) => (request.type === "send" ? undefined : world.usualAnswer(request));
    const client = await online(world, { storage });
    const send = watch(client.send({ conversation_id: "1", text: "secret" }));
    ensure(storage.length === 1, "it is kept");
    client.discard();
    await world.settle();
    equal([send.state, storage.length], ["closed", 0]);
  },

  // ---- connect and close

  async "close() settles a connect() that is under way, at each of its stages"(world) {
    const stages = {
      login: { login: () => new Promise(() => {}) },
      url: { url: () => new Promise(() => {}) },
      opening: {},
      welcome: {},
      sync: {},
    };
    for (const [stage, options] of Object.entries(stages)) {
      world.accept = (socket) => {
        if (stage !== "opening") socket.open();
        if (stage === "sync") socket.welcome();
      };
      world.answer = () => undefined;
      const client = world.client(ChatClient, options);
      const connected = watch(client.connect());
      await world.settle();
      equal(connected.state, "pending", stage);
      const request = watch(client.request("members"));
      client.close();
      await world.advance(60_000);
      equal(connected.state, "closed", stage);
      ensure(request.state !== "pending", stage);
      equal(world.openSockets.length, 0, `sockets left after ${stage}:`);
    }
    equal(world.sockets.length, 3);
  },

  async "a login that answers after close() opens no socket"(world) {
    let answer;
    const client = world.client(ChatClient, { login: () => new Promise((resolve) => { answer = resolve; }) });
    client.connect().catch(() => {});
    await world.settle();
    client.close();
    const again = watch(client.connect());
    await world.settle();
    const [first] = [answer];
    client.close();
    first({});
    await world.settle();
    equal(world.sockets.length, 0);
    equal(again.state, "closed");
  },

  async "what is asked of a closed client fails at once"(world) {
    const client = world.client(ChatClient);
    equal(await outcome(client.send({ to: "bob", text: "early" })), "closed");
    equal(await outcome(client.request("ping")), "closed");
    client.connect();
    await world.settle();
    const hanging = watch(client.request("never"));
    world.answer = () => undefined;
    client.close();
    await world.settle();
    ensure(hanging.state !== "pending", "a request under way");
    equal(await outcome(client.send({ to: "bob", text: "late" })), "closed");
    equal(await outcome(client.request("ping")), "closed");
    equal(texts(client.heard.refused.map(({ fields }) => fields)), ["early", "late"]);
    client.close();
  },

  async "close() settles every send, and says which ones are kept"(world) {
    world.answer = (request) => (request.type === "send" ? undefined : world.usualAnswer(request));
    for (const storage of [null, new FakeStorage()]) {
      const client = await online(world, { storage });
      const sends = ["one", "two"].map((text) => watch(client.send({ conversation_id: "1", text })));
      client.close();
      await world.settle();
      equal(sends.map(({ state, error }) => [state, error.kept]), [["closed", !!storage], ["closed", !!storage]]);
      equal(client.heard.refused.length, storage ? 0 : 2);
    }
  },

  async "connect() twice is one connection"(world) {
    world.accept = () => {};
    const client = world.client(ChatClient);
    const all = [watch(client.connect()), watch(client.connect())];
    await world.settle();
    all.push(watch(client.connect()));
    await world.settle();
    world.socket.open();
    world.socket.welcome();
    await world.settle();
    all.push(watch(client.connect()));
    await world.settle();
    equal(all.map(({ state }) => state), ["resolved", "resolved", "resolved", "resolved"]);
    equal(world.sockets.length, 1);
  },

  async "close() and connect() again is a new connection, and the old one says no more"(world) {
    const client = await online(world);
    client.close();
    await client.connect();
    equal(world.openSockets.length, 1);
    equal(world.sockets.length, 2);
    ensure(client.online, "online");
  },

  async "an address that is none, or is missing, is told at once"() {
    for (const options of [undefined, {}, { url: "http://[" }]) {
      let thrown = null;
      try {
        new ChatClient(options);
      } catch (error) {
        thrown = error;
      }
      ensure(thrown instanceof TypeError, `new ChatClient(${JSON.stringify(options)})`);
    }
  },

  async "the credentials go into the query, and http becomes ws"(world) {
    let given = 0;
    await online(world, { url: "https://chat.example.org/v1/ws?device=laptop", login: () => ({ otp: `t${++given}` }), protocols: "chat" });
    equal(world.socket.url.href, "wss://chat.example.org/v1/ws?device=laptop&otp=t1");
    equal(world.socket.protocols, "chat");
    world.socket.drop(1006);
    await world.advance(1_000);
    equal(world.socket.url.searchParams.get("otp"), "t2", "each connection");
  },

  // ---- deadlines

  async "a connection without a welcome is given up, and tried again"(world) {
    world.accept = (socket) => socket.open();
    const client = world.client(ChatClient);
    const connected = watch(client.connect());
    await world.advance(14_999);
    equal(world.openSockets.length, 1);
    await world.advance(1);
    equal(world.openSockets.length, 0);
    world.accept = (socket) => { socket.open(); socket.welcome(); };
    await world.advance(1_000);
    equal(connected.state, "resolved");
  },

  async "a socket that fails before it opens is given up, also where no close is told"(world) {
    world.accept = (socket) => socket.onerror?.({});
    const client = world.client(ChatClient);
    const connected = watch(client.connect());
    await world.settle();
    world.accept = (socket) => { socket.open(); socket.welcome(); };
    await world.advance(1_000);
    equal(connected.state, "resolved");
  },

  async "it knows the time of the server"(world) {
    const client = world.client(ChatClient);
    ensure(Math.abs(client.now() - Date.now()) < 1_000, "the time here, until it is told");
    const hour = 3_600_000;
    world.accept = (socket) => {
      socket.open();
      world.serverTime = new Date(Date.now() + hour).toISOString();
      socket.welcome();
    };
    client.connect();
    await world.settle();
    ensure(Math.abs(client.now() - Date.now() - hour) < 1_000, "an hour ahead");
    world.serverTime = "soon";
    world.socket.welcome();
    ensure(Math.abs(client.now() - Date.now() - hour) < 1_000, "what is no time changes nothing");
  },

  async "a login that hangs is given up, and asked again"(world) {
    let asked = 0;
    const login = () => (++asked === 1 ? new Promise(() => {}) : { otp: "x" });
    const client = world.client(ChatClient, { login });
    const connected = watch(client.connect());
    await world.advance(16_000);
    equal([asked, connected.state], [2, "resolved"]);
  },

  async "a login that fails is asked again"(world) {
    let asked = 0;
    const login = () => {
      if (++asked < 3) throw new Error("the network");
      return {};
    };
    const client = world.client(ChatClient, { login });
    const connected = watch(client.connect());
    await world.advance(2_000);
    equal([asked, connected.state], [3, "resolved"]);
  },

  async "a request that is not answered fails after its deadline"(world) {
    world.answer = (request) => (request.type === "members" ? undefined : world.usualAnswer(request));
    const client = await online(world);
    const usual = watch(client.request("members"));
    const short = watch(client.request("members", {}, { timeoutMs: 100 }));
    await world.advance(100);
    equal([usual.state, short.state], ["pending", "unavailable"]);
    await world.advance(19_900);
    equal(usual.state, "unavailable");
    ensure(client.online, "the connection goes on");
  },

  async "a request fails when the connection is lost, and at once when there is none"(world) {
    world.answer = (request) => (request.type === "members" ? undefined : world.usualAnswer(request));
    const client = await online(world);
    const request = watch(client.request("members"));
    world.socket.drop(1006);
    await world.settle();
    equal(request.state, "unavailable");
    equal(await outcome(client.request("members")), "unavailable");
  },

  // ---- signs of life

  async "a server that stands still is noticed 5 s after its heartbeat was due"(world) {
    const client = await online(world);
    world.answer = () => undefined;
    await world.advance(29_999);
    equal(world.socket.asked("ping").length, 0);
    await world.advance(1);
    equal(world.socket.asked("ping").length, 1);
    await world.advance(4_999);
    equal(client.heard.offline.length, 0);
    await world.advance(1);
    equal(client.heard.offline.length, 1);
    equal(world.openSockets.length, 0);
  },

  async "whatever comes is a sign of life"(world) {
    const client = await online(world);
    world.answer = () => undefined;
    await world.advance(20_000);
    world.socket.say({ type: "presence", username: "bob", online: true });
    await world.advance(29_999);
    equal(world.socket.asked("ping").length, 0);
    await world.advance(1);
    equal(world.socket.asked("ping").length, 1);
    world.socket.say({ type: "presence", username: "bob", online: false }); // and no answer to the ping
    await world.advance(29_999);
    ensure(client.online, "still there");
  },

  async "a slow line on which bytes still leave is not taken for dead"(world) {
    const client = await online(world);
    world.answer = () => undefined;
    world.socket.bufferedAmount = 90_000;
    await world.advance(30_000);
    world.socket.bufferedAmount = 50_000;
    await world.advance(5_000);
    ensure(client.online, "still there");
    await world.advance(5_000); // nothing leaves any more
    equal(client.heard.offline.length, 1);
  },

  async "when the browser goes offline the connection is tried at once"(world) {
    const client = await online(world);
    world.answer = () => undefined;
    window.dispatchEvent(new Event("offline"));
    await world.advance(3_000);
    window.dispatchEvent(new Event("offline")); // a new question is no sign of life
    await world.advance(2_000);
    equal(client.heard.offline.length, 1);
  },

  async "when the browser is online again the client does not wait"(world) {
    Math.random = () => 0.9;
    const client = await online(world);
    world.accept = (socket) => socket.drop(1006);
    world.socket.drop(1006);
    await world.advance(60_000);
    const tries = world.sockets.length;
    world.accept = (socket) => { socket.open(); socket.welcome(); };
    window.dispatchEvent(new Event("online"));
    await world.advance(500);
    equal(world.sockets.length, tries + 1);
    ensure(client.online, "online");
  },

  // ---- coming back

  async "it comes back with full jitter, up to 30 s"(world) {
    Math.random = () => 0.999;
    world.accept = (socket) => socket.drop(1006);
    const client = world.client(ChatClient);
    client.connect().catch(() => {});
    await world.advance(120_000);
    const waits = client.heard.offline.map(({ retryInMs }) => retryInMs);
    equal(waits.slice(0, 8), [500, 999, 1998, 3996, 7992, 15984, 29970, 29970]);
    Math.random = () => 0.1;
    await world.advance(60_000);
    equal(client.heard.offline.at(-1).retryInMs, 3_000);
  },

  async "a connection that lasted counts as a success, and one that did not as a failure"(world) {
    Math.random = () => 0.999;
    const client = await online(world);
    for (let i = 0; i < 3; i++) {
      world.socket.drop(1006);
      await world.advance(5_000);
    }
    equal(client.heard.offline.map(({ retryInMs }) => retryInMs), [500, 999, 1998]);
    await world.advance(30_000);
    world.socket.drop(1006);
    equal(client.heard.offline.at(-1).retryInMs, 500);
  },

  async "after a bye it comes back when the server asked it to"(world) {
    const client = await online(world);
    world.socket.say({ type: "bye", reason: "draining", retry_after_ms: 2_310 });
    world.socket.drop(1012);
    window.dispatchEvent(new Event("online"));
    await world.advance(2_309);
    equal(world.sockets.length, 1);
    await world.advance(1);
    equal(world.sockets.length, 2);
    equal(client.heard.offline.map(({ retryInMs, forGood }) => [retryInMs, forGood]), [[2_310, false]]);
  },

  async "it comes back after every close that passes"(world) {
    for (const code of [1001, 1005, 1006, 1011, 1012, 1013]) {
      const client = await online(world);
      world.socket.drop(code);
      await world.advance(500);
      ensure(client.online, String(code));
      client.close();
    }
  },

  async "after 1008 it does not come back, and everything settles"(world) {
    const storage = new FakeStorage();
    world.answer = (request) => (request.type === "send" ? undefined : world.usualAnswer(request));
    const client = await online(world, { storage });
    const send = watch(client.send({ conversation_id: "1", text: "hello" }));
    const request = watch(client.request("send"));
    await world.settle();
    world.socket.drop(1008);
    await world.advance(60_000);
    equal([send.state, send.error.kept, request.state], ["closed", true, "unavailable"]);
    equal(client.heard.offline.map(({ code, forGood }) => [code, forGood]), [[1008, true]]);
    equal(world.sockets.length, 1);
    equal(await outcome(client.send({ conversation_id: "1", text: "more" })), "closed");

    world.answer = (request) => world.usualAnswer(request);
    await client.connect(); // as one likes
    await world.settle();
    equal(texts(world.stored), ["hello"]);
  },

  async "after 4401 it asks for new credentials once, and then gives up"(world) {
    const asked = [];
    const login = ({ refused }) => { asked.push(refused); return {}; };
    world.accept = (socket) => { socket.open(); socket.drop(4401); };
    const client = world.client(ChatClient, { login });
    const connected = watch(client.connect());
    const send = watch(client.send({ conversation_id: "1", text: "hello" }));
    await world.advance(60_000);
    equal(asked, [false, true]);
    equal([connected.state, send.state], ["unauthorized", "unauthorized"]);
    equal(client.heard.loggedout.length, 1);
    equal(world.openSockets.length, 0);
  },

  async "after 4401 new credentials help, each time"(world) {
    const asked = [];
    const client = await online(world, { login: ({ refused }) => { asked.push(refused); return {}; } });
    for (let i = 0; i < 3; i++) {
      world.socket.drop(4401);
      await world.advance(10_000);
      ensure(client.online, "online again");
    }
    equal(asked, [false, true, true, true]);
  },

  async "without a login there is nothing to renew after 4401"(world) {
    const client = await online(world);
    world.socket.drop(4401);
    await world.advance(60_000);
    equal([world.sockets.length, client.heard.loggedout.length], [1, 1]);
  },

  async "a login that says unauthorized or forbidden ends the client"(world) {
    for (const code of ["unauthorized", "forbidden"]) {
      const client = world.client(ChatClient, { login: () => { throw new ChatError(code, "no"); } });
      equal(await outcome(client.connect()), code);
      equal(client.heard.loggedout.map(({ error }) => error.code), [code]);
    }
    equal(world.sockets.length, 0);
  },

  async "after 4403 it gives up at once"(world) {
    let asked = 0;
    world.accept = (socket) => { socket.open(); socket.drop(4403); };
    const client = world.client(ChatClient, { login: () => { asked++; } });
    const connected = watch(client.connect());
    await world.advance(60_000);
    equal([asked, connected.state, client.heard.loggedout.length], [1, "forbidden", 1]);
  },

  // ---- the stream

  async "messages are given in order, each once, whatever comes twice, early or while it was away"(world) {
    const message = (seq, text = String(seq)) =>
      ({ type: "message", conversation_id: "1", message_id: `m${seq}`, seq, from: "bob", client_message_id: `c${seq}`, text });
    const state = (last_seq, more = {}) =>
      ({ conversation_id: "1", kind: "direct", peer: "bob", last_seq, read_seq: 0, unread: last_seq, rev: 0, has_more: false, ...more });
    let syncs = [state(2)];
    world.answer = (request) => (request.type === "sync" ? { type: "ok", conversations: syncs } : world.usualAnswer(request));
    const client = await online(world);
    for (const seq of [3, 5, 3, 4, 4, 2]) world.socket.say(message(seq));
    equal(texts(client.heard.message), ["3", "4", "5"]);
    world.socket.drop(1006);
    syncs = [state(8, { missed: [message(6), message(7)], has_more: true })];
    world.answer = (request) => {
      if (request.type === "history") return { type: "ok", messages: [message(8)], has_more: false };
      return request.type === "sync" ? { type: "ok", conversations: syncs } : { type: "ok" };
    };
    await world.advance(1_000);
    equal(world.socket.asked("sync")[0].cursors, { 1: { seq: 5, rev: 0, read_seq: 0 } });
    equal(texts(client.heard.message), ["3", "4", "5", "6", "7", "8"]);
  },

  async "a sync comes in pages, and what happens between them is given once"(world) {
    const message = (conversation_id, seq) =>
      ({ type: "message", conversation_id, message_id: `m${seq}`, seq, from: "bob", client_message_id: `c${seq}`, text: `${conversation_id}:${seq}` });
    const state = (conversation_id, last_seq) =>
      ({ conversation_id, kind: "group", name: conversation_id, last_seq, read_seq: 0, unread: last_seq, rev: 0, has_more: false });
    let shown = [];
    world.answer = (request) => {
      if (request.type !== "sync") return world.usualAnswer(request);
      if (!request.page) return { type: "ok", conversations: [state("1", 4)], next_page: "1" };
      shown = client.conversations.map(({ conversation_id }) => conversation_id);
      world.socket.say(message("2", 7)); // it is in the next page, too
      world.socket.say(message("2", 8));
      return { type: "ok", conversations: [state("2", 7)] };
    };
    const client = world.client(ChatClient);
    const connected = watch(client.connect());
    await world.settle();
    equal(connected.state, "resolved", "connect()");
    equal(shown, ["1"], "while the second page is on its way");
    equal(world.socket.asked("sync").map(({ page }) => page ?? "first"), ["first", "1"]);
    equal(client.conversations.map(({ conversation_id, last_seq }) => [conversation_id, last_seq]), [["1", 4], ["2", 8]]);
    equal(texts(client.heard.message).at(-1), "2:8");
    world.socket.say(message("2", 9));
    equal(texts(client.heard.message).filter((text) => text === "2:8").length, 1);
    equal(texts(client.heard.message).at(-1), "2:9");
  },

  async "a conversation that is deleted is gone"(world) {
    const state = { conversation_id: "1", kind: "group", name: "hikers", last_seq: 3, read_seq: 0, unread: 3, rev: 0, has_more: false };
    world.answer = (request) => (request.type === "sync" ? { type: "ok", conversations: [state] } : world.usualAnswer(request));
    const client = await online(world);
    equal(client.conversations.length, 1);
    world.socket.say({ type: "conversation", conversation_id: "1", kind: "group", name: "hikers", change: { kind: "deleted", rev: 1, at_seq: 3, by: "" } });
    equal(client.conversations.length, 0);
  },

  async "another database makes everything void that is known"(world) {
    const state = { conversation_id: "1", kind: "group", name: "hikers", last_seq: 3, read_seq: 0, unread: 3, rev: 0, has_more: false };
    world.answer = (request) => (request.type === "sync" ? { type: "ok", conversations: [state] } : world.usualAnswer(request));
    const client = await online(world);
    equal(client.heard.reset.length, 0);
    world.epoch = "second";
    world.socket.drop(1012);
    await world.advance(1_000);
    equal(client.heard.reset.length, 1);
    equal(world.socket.asked("sync")[0].cursors, {});
  },

  async "a sync that the server does not take is followed by one without cursors"(world) {
    const state = { conversation_id: "1", kind: "group", name: "hikers", last_seq: 3, read_seq: 0, unread: 3, rev: 0, has_more: false };
    world.answer = (request) => {
      if (request.type !== "sync") return world.usualAnswer(request);
      if (Object.keys(request.cursors).length) return { type: "error", code: "too_large", message: "no" };
      return { type: "ok", conversations: [state] };
    };
    const client = await online(world);
    world.socket.drop(1006);
    await world.advance(3_000);
    ensure(client.online, "online");
    equal(client.heard.reset.length, 1);
  },

  // ---- versions

  async "what a message said before is a request"(world) {
    const client = await online(world);
    const version = { version: 2, text: "Helo", written_at: "2026-03-01T09:30:00.000Z" };
    world.answer = () => ({ type: "ok", versions: [version], has_more: true });
    const page = { conversation_id: "1", seq: 3, limit: 1, after: 1 };
    equal(await client.edits(page), { versions: [version], has_more: true });
    const [{ bytes, id, ...asked }] = world.socket.asked("edits");
    equal(asked, { ...page, type: "edits" });
    world.answer = () => ({ type: "error", code: "forbidden", message: "off" });
    equal(await outcome(client.edits({ conversation_id: "1", seq: 3 })), "forbidden");
  },

  // ---- pins

  async "pins are requests, and the conversation has them as the events tell"(world) {
    syncWith(world, state(3, 5, { pinned: [2, 1] }));
    const client = await online(world);
    equal(client.conversations[0].pinned, [2, 1]);
    const before = client.conversations[0].pinned;
    for (const frame of [pinned(3, 6), pinned(1, 7), unpinned(2, 8), deletion(3, 9)]) world.socket.say(frame);
    equal(client.conversations[0].pinned, [1]);
    equal(before, [2, 1], "what was given away stays");
    equal(client.conversations[0].name, "hikers");
    world.socket.say(pinned(2, 10));
    world.socket.drop(1006);
    await world.advance(3_000);
    equal(world.socket.asked("sync")[0].cursors["1"].rev, 10, "the cursor has them");
    world.answer = ({ type, conversation_id, seq }) => ({ type: "ok", conversation_id, seq, rev: type === "pin" ? 11 : 12 });
    equal(await client.pin({ conversation_id: "1", seq: 1 }), { conversation_id: "1", seq: 1, rev: 11 });
    equal(await client.unpin({ conversation_id: "1", seq: 1 }), { conversation_id: "1", seq: 1, rev: 12 });
    const [{ bytes, id, ...asked }] = world.socket.asked("unpin");
    equal(asked, { conversation_id: "1", seq: 1, type: "unpin" });
    const pin = { message: message(1), pinned_by: "bob", pinned_at: "2026-03-01T09:31:00.000Z", rev: 7 };
    world.answer = () => ({ type: "ok", pins: [pin], has_more: true });
    equal(await client.pins({ conversation_id: "1", limit: 1, after: 9 }), { pins: [pin], has_more: true });
    const [{ limit, after }] = world.socket.asked("pins");
    equal([limit, after], [1, 9]);
    world.answer = () => ({ type: "error", code: "too_large", message: "no" });
    equal(await outcome(client.pin({ conversation_id: "1", seq: 2 })), "too_large");
  },

  async "who was away has the pins of the answer, and no old event takes them back"(world) {
    syncWith(world, state(3, 5, { pinned: [2, 1] }));
    const client = await online(world);
    syncWith(world, state(3, 8, { pinned: [3] }));
    world.socket.drop(1006);
    await world.advance(3_000);
    equal(client.conversations[0].pinned, [3]);
    world.socket.say(unpinned(3, 7)); // older than the answer
    equal(client.conversations[0].pinned, [3]);
    syncWith(world, state(3, 9));
    world.socket.drop(1006);
    await world.advance(3_000);
    equal(client.conversations[0].pinned, [], "there are none any more");
  },

  async "a pin that overtakes a page of the sync is kept, and one that is on the page counts once"(world) {
    syncWith(world, state(3, 5, { pinned: [1] }));
    const client = await online(world);
    world.answer = (request) => {
      if (request.type !== "sync") return world.usualAnswer(request);
      world.answer = (other) => world.usualAnswer(other);
      for (const frame of [unpinned(1, 6), pinned(2, 7), pinned(3, 8)]) world.socket.say(frame);
      return { type: "ok", conversations: [state(3, 7, { pinned: [2] })] };
    };
    world.socket.say({ type: "resync" });
    await world.settle();
    equal(client.conversations[0].pinned, [3, 2]);
  },

  // ---- reports, and messages that expire

  async "a report is one request"(world) {
    const client = await online(world);
    await client.report({ conversation_id: "7", seq: 3, reason: "rude" });
    equal(world.socket.asked("report").map(({ bytes, id, ...fields }) => fields), [{ conversation_id: "7", seq: 3, reason: "rude", type: "report" }]);
  },

  async "what has expired is dropped, by an event and by a sync"(world) {
    const reply = message(4, { reply_to: 1, reply_preview: { seq: 1, from: "bob", text: "one" } });
    syncWith(world, state(4, 5, { pinned: [4, 1], last_message: reply, first_seq: undefined }));
    const client = await online(world);
    equal(client.conversations[0].first_seq, 1);
    const change = (kind, rev, more) => ({
      type: "conversation", conversation_id: "1", kind: "group", name: "hikers", change: { kind, rev, at_seq: 4, by: "", ...more },
    });
    world.socket.say(change("expired", 6, { first_seq: 3 }));
    equal(client.heard.expired, [{ conversation_id: "1", first_seq: 3 }]);
    const [{ first_seq, pinned: pins, last_message }] = client.conversations;
    equal([first_seq, pins, last_message.reply_to, last_message.reply_preview], [3, [4], 1, undefined]);
    world.socket.say(change("retention_set", 7, { retention_seconds: 86_400 }));
    equal(client.conversations[0].retention_seconds, 86_400);
    world.socket.say(change("retention_set", 8, { retention_seconds: null }));
    equal(client.conversations[0].retention_seconds, undefined);

    syncWith(world, state(9, 12, { first_seq: 8, retention_seconds: 60, missed: [message(8), message(9)], last_message: message(9) }));
    world.socket.say({ type: "resync" });
    await world.settle();
    equal(client.heard.message.map(({ seq }) => seq), [8, 9], "the stream goes on at the first that is there");
    equal(client.heard.expired.at(-1), { conversation_id: "1", first_seq: 8 });
    equal([client.conversations[0].first_seq, client.conversations[0].pinned, client.conversations[0].retention_seconds], [8, [], 60]);

    syncWith(world, state(12, 13, { first_seq: 13 }));
    world.socket.say({ type: "resync" });
    await world.settle();
    equal(client.conversations[0].last_message, undefined, "all have expired");
    world.socket.say({ type: "message", ...message(13) });
    equal(client.heard.message.at(-1).seq, 13);
  },

  // ---- reactions

  async "a reaction is one request, and told here as the event that the others get"(world) {
    syncWith(world, state(2, 3, { last_message: message(2) }));
    const client = await online(world);
    world.answer = ({ type, conversation_id, seq }) =>
      type === "react" ? { type: "ok", conversation_id, seq, rev: 4, count: 2 } : undefined;
    equal(await client.react({ conversation_id: "1", seq: 2, emoji: "👍", on: true }), { conversation_id: "1", seq: 2, rev: 4, count: 2 });
    const [{ bytes, id, ...asked }] = world.socket.asked("react");
    equal(asked, { conversation_id: "1", seq: 2, emoji: "👍", on: true, type: "react" });
    equal(client.heard.reaction, [{ ...reaction(2, 4, 2), username: "ada", me: true }]);
    equal(client.conversations[0].last_message.reactions, [{ emoji: "👍", count: 2, me: true }]);
    world.answer = () => ({ type: "ok", conversation_id: "1", seq: 2, rev: 4, count: 2 });
    await client.react({ conversation_id: "1", seq: 2, emoji: "👍", on: true });
    equal(client.heard.reaction.length, 1, "nothing has changed");
    world.answer = () => ({ type: "error", code: "conflict", message: "the message was deleted" });
    equal(await outcome(client.react({ conversation_id: "1", seq: 2, emoji: "👍", on: true })), "conflict");
    world.answer = ({ type }) => ({ type: "ok", reactions: [{ username: "bob", emoji: ["👍"] }], has_more: true });
    equal(await client.reactions({ conversation_id: "1", seq: 2, limit: 1 }), { reactions: [{ username: "bob", emoji: ["👍"] }], has_more: true });
  },

  async "reactions are told in order, and the cursor has them"(world) {
    syncWith(world, state(2, 0, { last_message: message(2) }));
    const client = await online(world);
    for (const frame of [reaction(1, 1, 1), edit(1, 2, "one"), reaction(1, 3, 2, { username: "cleo" }), reaction(1, 3, 2)]) world.socket.say(frame);
    world.socket.say(reaction(1, 4, 1, { on: false }));
    equal(client.heard.reaction.map(({ rev, count, on, me }) => [rev, count, on, me]), [[1, 1, true, false], [3, 2, true, false], [4, 1, false, false]]);
    world.socket.drop(1006);
    await world.advance(5_000);
    equal(world.socket.asked("sync")[0].cursors, { 1: { seq: 2, rev: 4, read_seq: 0 } });
  },

  async "the answer to a reaction may come after later changes, and nothing is asked for"(world) {
    syncWith(world, state(2, 0, { last_message: message(2) }));
    const client = await online(world);
    world.answer = () => undefined;
    const reacting = client.react({ conversation_id: "1", seq: 2, emoji: "👍", on: true });
    await world.settle();
    const { id } = world.socket.asked("react")[0];
    world.socket.say(reaction(2, 2, 2));
    world.socket.say(reaction(2, 3, 3, { username: "cleo" }));
    equal(client.heard.reaction, []);
    world.socket.say({ type: "ok", id, conversation_id: "1", seq: 2, rev: 1, count: 1 });
    await reacting;
    equal(client.heard.reaction.map(({ rev, me }) => [rev, me]), [[1, true], [2, false], [3, false]]);
    equal(client.conversations[0].last_message.reactions, [{ emoji: "👍", count: 3, me: true }]);
    equal(world.socket.asked("sync").length, 1);
  },

  async "a reaction whose answer is lost is asked for"(world) {
    syncWith(world, state(2, 0, { last_message: message(2) }));
    const client = await online(world);
    world.answer = () => undefined;
    const reacting = outcome(client.react({ conversation_id: "1", seq: 2, emoji: "👍", on: true }));
    await world.settle();
    world.socket.say(reaction(2, 2, 2));
    equal(world.socket.asked("sync").length, 1);
    const now = message(2, { rev: 2, reactions: [{ emoji: "👍", count: 2, me: true }] });
    syncWith(world, state(2, 2, { changes: [now], last_message: now }));
    await world.advance(20_000);
    equal(await reacting, "unavailable");
    equal(client.heard.message_edited.map(({ reactions }) => reactions), [now.reactions]);
    equal(client.heard.reaction, [], "the message has it already");
  },

  async "a reaction that comes while a sync is under way waits, and is not told if the answer has it"(world) {
    syncWith(world, state(2, 1, { last_message: message(2) }));
    const client = await online(world);
    world.socket.drop(1006);
    world.answer = (request) => {
      if (request.type !== "sync") return world.usualAnswer(request);
      world.socket.say(reaction(2, 2, 1));
      world.socket.say(reaction(2, 3, 2, { username: "cleo" }));
      return { type: "ok", conversations: [state(2, 2, { changes: [message(2, { rev: 2, reactions: [{ emoji: "👍", count: 1, me: false }] })] })] };
    };
    await world.advance(5_000);
    equal(client.heard.message_edited.length, 1);
    equal(client.heard.reaction.map(({ rev }) => rev), [3]);
  },

  async "a reaction that came during a sync that broke off is told after the next one"(world) {
    syncWith(world, state(2, 1, { last_message: message(2) }));
    const client = await online(world);
    world.socket.drop(1006);
    world.answer = (request) => {
      if (request.type !== "sync") return world.usualAnswer(request);
      world.socket.say(reaction(2, 2, 1));
      syncWith(world, state(2, 3, { changes: [changed(edit(1, 3, "one"))] }));
      world.socket.drop(1006);
    };
    await world.advance(10_000);
    equal(world.socket.asked("sync")[0].cursors[1].rev, 2);
    equal([client.heard.reaction.map(({ rev }) => rev), texts(client.heard.message_edited)], [[2], ["one"]]);
    equal(client.conversations[0].last_message.reactions, [{ emoji: "👍", count: 1, me: false }]);
  },

  async "a reaction that overtakes the message, or the answer to its send, is told after it"(world) {
    syncWith(world, state(2, 0));
    const client = await online(world);
    await client.timeline("1").load();
    world.answer = () => undefined;
    client.send({ conversation_id: "1", text: "3" }).catch(() => {});
    await world.settle();
    world.socket.say(reaction(3, 1, 1));
    equal(client.heard.reaction, []);
    const { id } = world.socket.asked("send")[0];
    world.socket.say({ type: "ok", id, conversation_id: "1", message_id: "m3", seq: 3, created_at: "2026-03-01T09:30:00.000Z" });
    await world.settle();
    equal(client.heard.reaction.length, 1);
    equal(client.timeline("1").messages.map(({ seq, reactions }) => [seq, reactions]), [[3, [{ emoji: "👍", count: 1, me: false }]]]);
  },

  "a message takes reactions in, each once"() {
    const plain = message(1);
    const one = withReaction(plain, { ...reaction(1, 1, 1), me: false });
    equal(one, { ...plain, rev: 1, reactions: [{ emoji: "👍", count: 1, me: false }] });
    const two = withReaction(one, { ...reaction(1, 3, 2), me: true });
    equal(two.reactions, [{ emoji: "👍", count: 2, me: true }]);
    equal(withReaction(two, { ...reaction(1, 2, 7), me: false }), two, "it is older");
    const edited = withOwnReactions({ ...plain, rev: 4, text: "x", reactions: [{ emoji: "👍", count: 2 }, { emoji: "❤️", count: 1 }] }, two);
    equal(edited.reactions, [{ emoji: "👍", count: 2, me: true }, { emoji: "❤️", count: 1, me: false }]);
    const off = withReaction(edited, { ...reaction(1, 5, 1, { on: false }), me: true });
    equal(off.reactions[0], { emoji: "👍", count: 1, me: false });
    equal(withReaction(one, { ...reaction(1, 6, 0, { on: false }), me: false }), { ...plain, rev: 6 });
    equal(withOwnReactions({ ...plain, rev: 9 }, two), { ...plain, rev: 9 });
  },

  // ---- groups

  async "a change of a group is shown in the list, also what it has no more"(world) {
    syncWith(world, state(2, 1, { description: "old", slow_mode_seconds: 30 }));
    const client = await online(world);
    equal([client.conversations[0].description, client.conversations[0].slow_mode_seconds], ["old", 30]);
    const change = { kind: "updated", rev: 2, at_seq: 2, by: "bob", description: null, avatar_url: "https://a/b.png" };
    world.socket.say({
      type: "conversation", conversation_id: "1", kind: "group", name: "hikers", avatar_url: "https://a/b.png", slow_mode_seconds: 30, change,
    });
    const [{ name, description, avatar_url, slow_mode_seconds }] = client.conversations;
    equal([name, description ?? null, avatar_url, slow_mode_seconds], ["hikers", null, "https://a/b.png", 30]);
    equal(client.heard.conversation.at(-1).change.description, null);
  },

  async "updates, bans and silences are one request each"(world) {
    const until = new Date("2030-01-31T12:00:00.000Z");
    world.answer = (request) =>
      request.type === "bans" ? { type: "ok", bans: [{ username: "bob", by: "ada", at: "x" }], has_more: false } : world.usualAnswer(request);
    const client = await online(world);
    await client.updateGroup("1", { description: null, slow_mode_seconds: 30 });
    await client.ban({ conversation_id: "1", username: "bob", until });
    await client.unban({ conversation_id: "1", username: "bob" });
    await client.silence({ conversation_id: "1", username: "bob", until: null });
    equal(await client.bans({ conversation_id: "1" }), { bans: [{ username: "bob", by: "ada", at: "x" }], has_more: false });
    const asked = (type) => world.socket.asked(type).map(({ bytes, id, ...fields }) => fields);
    equal(asked("update_group"), [{ description: null, slow_mode_seconds: 30, conversation_id: "1", type: "update_group" }]);
    equal(asked("ban"), [{ conversation_id: "1", username: "bob", until: "2030-01-31T12:00:00.000Z", type: "ban" }]);
    equal(asked("unban"), [{ conversation_id: "1", username: "bob", type: "unban" }]);
    equal(asked("silence"), [{ conversation_id: "1", username: "bob", until: null, type: "silence" }]);
  },

  async "invites are made, listed, revoked and used with one request each"(world) {
    const invite = { invite_id: "i", by: "ada", created_at: "x", max_uses: 5 };
    const answers = {
      create_invite: { code: "c", ...invite },
      invites: { invites: [{ ...invite, uses: 1 }], has_more: false },
      join: { conversation_id: "7", name: "hikers" },
    };
    world.answer = (request) => (answers[request.type] ? { type: "ok", ...answers[request.type] } : world.usualAnswer(request));
    const client = await online(world);
    const { code, max_uses } = await client.createInvite({ conversation_id: "7", expires_in: 60, max_uses: 5 });
    equal([code, max_uses], ["c", 5]);
    equal(await client.invites({ conversation_id: "7", limit: 2 }), answers.invites);
    equal(await client.join("c"), answers.join);
    await client.revokeInvite({ code: "c" });
    await client.revokeInvite({ conversation_id: "7", invite_id: "i" });
    const asked = (type) => world.socket.asked(type).map(({ bytes, id, ...fields }) => fields);
    equal(asked("create_invite"), [{ conversation_id: "7", expires_in: 60, max_uses: 5, type: "create_invite" }]);
    equal(asked("invites"), [{ conversation_id: "7", limit: 2, type: "invites" }]);
    equal(asked("join"), [{ code: "c", type: "join" }]);
    equal(asked("revoke_invite"), [
      { code: "c", type: "revoke_invite" },
      { conversation_id: "7", invite_id: "i", type: "revoke_invite" },
    ]);
  },

  async "privacy is set and asked with one request each, and told by events"(world) {
    const privacy = { last_seen: "contacts", read_receipts: false, version: 3 };
    world.answer = (request) =>
      request.type.endsWith("privacy") ? { type: "ok", ...privacy } : world.usualAnswer(request);
    const client = await online(world);
    equal(await client.setPrivacy({ last_seen: "contacts" }), privacy);
    equal(await client.privacy(), privacy);
    const [{ bytes, id, ...asked }] = world.socket.asked("set_privacy");
    equal(asked, { last_seen: "contacts", type: "set_privacy" }, "what is left out");
    world.socket.say({ type: "privacy", ...privacy, version: 4 });
    equal(client.heard.privacy, [{ type: "privacy", ...privacy, version: 4 }]);
  },

  async "what is announced is there until it is withdrawn or over, by the clock of the server"(world) {
    const hour = 3_600_000;
    const start = Date.parse("2026-03-01T09:00:00.000Z");
    const realNow = Date.now;
    const time = (hours) => new Date(start + hours * hour).toISOString();
    const announced = (id, hours, more) => ({ id, text: `text ${id}`, kind: "info", at: time(0), until: time(hours), ...more });
    try {
      Date.now = () => start + 5 * hour + world.now; // five hours ahead
      world.heartbeatSeconds = 1e6; // it says nothing for long
      world.serverTime = time(0);
      world.announcements = [announced("1", 1), announced("2", 40 * 24)];
      const client = world.client(ChatClient);
      const told = [];
      for (const type of ["announcement", "announcement_withdrawn", "announcements"]) {
        client.addEventListener(type, ({ detail }) => told.push(`${type} ${detail?.id ?? client.announcements.map(({ id }) => id)}`));
      }
      equal(client.announcements, [], "before the first connection");
      client.connect();
      await world.settle();
      equal(client.announcements, world.announcements);
      world.socket.say({ type: "announcement", ...announced("3", 2, { kind: "warning" }) });
      world.socket.say({ type: "announcement", ...announced("3", 2, { kind: "warning" }) }); // once more
      equal(client.announcements[2], announced("3", 2, { kind: "warning" }), "without a type");
      world.socket.say({ type: "announcement_withdrawn", id: "9" }); // nobody knows it
      equal(told.splice(0), ["announcement 1", "announcement 2", "announcements 1,2", "announcement 3", "announcements 1,2,3", "announcement_withdrawn 9"]);
      await world.advance(hour - 1);
      equal(told, []);
      await world.advance(1);
      equal(told.splice(0), ["announcements 2,3"], "one is over");
      world.socket.say({ type: "announcement_withdrawn", id: "3" });
      equal(told.splice(0), ["announcements 2", "announcement_withdrawn 3"]);
      world.announcements = [announced("2", 40 * 24), announced("4", 40 * 24)];
      world.serverTime = time(1);
      world.socket.drop(1006);
      equal(client.announcements.length, 1, "also while the server is away");
      await world.advance(2_000);
      equal(told.splice(0), ["announcement 4", "announcements 2,4"], "the news of the absence");
      world.announcements = undefined;
      world.serverTime = new Date(start + world.now).toISOString();
      world.socket.drop(1006);
      await world.advance(2_000);
      equal(told.splice(0), ["announcements "], "withdrawn in the absence");
      world.socket.say({ type: "announcement", ...announced("6", 90 * 24) });
      equal(client.announcements.length, 1);
      client.close();
      equal(client.announcements, []);
    } finally {
      Date.now = realNow;
    }
  },

  async "an announcement may last longer than a timer"(world) {
    const start = Date.parse("2026-03-01T09:00:00.000Z");
    const day = 86_400_000;
    const timer = globalThis.setTimeout;
    globalThis.setTimeout = (work, ms, ...values) => {
      ensure(!(ms >= 2 ** 31), "a timer that fires at once, because it cannot wait so long");
      return timer(work, ms, ...values);
    };
    const announcements = new Announcements(() => start + world.now, () => {});
    announcements.received({ type: "announcement", id: "1", until: new Date(start + 40 * day).toISOString() });
    await world.advance(40 * day - 1);
    equal(announcements.shown.length, 1);
    await world.advance(1);
    equal(announcements.shown, []);
  },

  async "profiles are set and asked with one request each"(world) {
    const ada = { username: "ada", display_name: "Ada" };
    const answers = { set_profile: ada, profiles: { profiles: [ada, { username: "bob" }] } };
    world.answer = (request) => (answers[request.type] ? { type: "ok", ...answers[request.type] } : world.usualAnswer(request));
    const client = await online(world);
    equal(await client.setProfile({ display_name: "Ada", avatar_url: null }), ada);
    equal(await client.profiles(["ada", "bob"]), answers.profiles.profiles);
    const asked = (type) => world.socket.asked(type).map(({ bytes, id, ...fields }) => fields);
    equal(asked("set_profile"), [{ display_name: "Ada", avatar_url: null, type: "set_profile" }]);
    equal(asked("profiles"), [{ usernames: ["ada", "bob"], type: "profiles" }]);
  },

  async "a group in slow mode holds up nobody but itself"(world) {
    let slow = true;
    world.answer = (request) =>
      request.type === "send" && request.text === "a1" && slow
        ? { type: "error", code: "rate_limited", message: "slow mode", retry_after_ms: 20_000 }
        : world.usualAnswer(request);
    const client = await online(world);
    for (const text of ["a1", "a2"]) client.send({ conversation_id: "1", text });
    await world.advance(100);
    for (const text of ["b1", "b2"]) client.send({ conversation_id: "2", text });
    await world.advance(1_000);
    equal(texts(world.stored), ["b1", "b2"]);
    slow = false;
    await world.advance(20_000);
    equal(texts(world.stored), ["b1", "b2", "a1", "a2"]);
  },

  // ---- preferences

  async "preferences are told by the sync, by events and by the answer, and the cursor has their version"(world) {
    syncWith(world, state(2, 0, { unread: 0, preferences: preferences(0) }));
    const client = await online(world);
    equal(client.conversations[0].preferences, preferences(0));
    world.answer = (request) => {
      if (request.type !== "preferences") return world.usualAnswer(request);
      return { type: "ok", conversation_id: "1", ...preferences(1, { muted_until: request.muted_until }) };
    };
    const told = await client.setPreferences("1", { muted_until: "2027-01-01T00:00:00.000Z" });
    equal(told, { conversation_id: "1", ...preferences(1, { muted_until: "2027-01-01T00:00:00.000Z" }) });
    const [{ bytes, id, ...asked }] = world.socket.asked("preferences");
    equal(asked, { conversation_id: "1", muted_until: "2027-01-01T00:00:00.000Z", type: "preferences" }, "what is left out");
    world.socket.say({ type: "preferences", conversation_id: "1", ...preferences(3, { pinned: true }) });
    world.socket.say({ type: "preferences", conversation_id: "1", ...preferences(2) }); // was overtaken
    equal(client.conversations[0].preferences, preferences(3, { pinned: true }));
    world.socket.drop(1006);
    await world.advance(5_000);
    equal(world.socket.asked("sync")[0].cursors, { 1: { seq: 2, rev: 0, read_seq: 0, preferences: 3 } });
  },

  async "the next message takes a conversation out of the archive, whichever comes first"(world) {
    syncWith(world, state(2, 0, { preferences: preferences(1, { archived: true, archived_at_seq: 2 }) }));
    const client = await online(world);
    equal(client.conversations[0].preferences.archived, true);
    world.socket.say(message(3));
    equal(client.conversations[0].preferences, preferences(1));
    world.socket.say({ type: "preferences", conversation_id: "1", ...preferences(2, { archived: true, archived_at_seq: 2 }) });
    equal(client.conversations[0].preferences, preferences(2), "it was archived before the message");
  },

  async "what is marked as unread is counted by the server, and a read ends it"(world) {
    syncWith(world, state(4, 0, { read_seq: 4, unread: 0, preferences: preferences(1) }));
    const client = await online(world);
    syncWith(world, state(4, 0, { read_seq: 4, unread: 2, preferences: preferences(2, { unread_from: 3 }) }));
    world.socket.say({ type: "preferences", conversation_id: "1", ...preferences(2, { unread_from: 3 }) });
    await world.settle();
    equal(world.socket.asked("sync")[1].cursors, { 1: { seq: 4, rev: 0, read_seq: 4 } }, "to be told again");
    equal([client.conversations[0].unread, client.conversations[0].read_seq], [2, 4]);
    await client.read("1", 2);
    equal(world.socket.asked("read").length, 0, "below the mark nothing is news");
    await client.read("1", 4);
    equal(world.socket.asked("read")[0].seq, 4);
    syncWith(world, state(4, 0, { read_seq: 4, unread: 0, preferences: preferences(3) }));
    world.socket.say({ type: "preferences", conversation_id: "1", ...preferences(3) });
    await world.settle();
    equal([client.conversations[0].unread, client.conversations[0].preferences.unread_from], [0, null]);
  },

  async "preferences that overtake the answer of a sync hold, and those of an earlier membership do not"(world) {
    syncWith(world, state(2, 1, { preferences: preferences(5) }));
    const client = await online(world);
    world.socket.drop(1006);
    world.answer = (request) => {
      if (request.type !== "sync") return world.usualAnswer(request);
      world.socket.say({ type: "preferences", conversation_id: "1", ...preferences(7, { pinned: true }) });
      return { type: "ok", conversations: [state(2, 1, { preferences: preferences(6) })] };
    };
    await world.advance(5_000);
    equal(client.conversations[0].preferences, preferences(7, { pinned: true }));
    world.socket.drop(1006);
    syncWith(world, state(2, 3, { preferences: preferences(0) })); // removed and added meanwhile
    await world.advance(5_000);
    equal(client.conversations[0].preferences, preferences(0));
    world.socket.say({ type: "preferences", conversation_id: "1", ...preferences(1, { pinned: true }) });
    equal(client.conversations[0].preferences.pinned, true);
  },

  // ---- search

  async "a search is one request, and gives the page with the place to go on at"(world) {
    const found = { ...message(2, { text: "Fish" }), highlights: [{ start: 0, end: 4 }] };
    let answer = { type: "ok", messages: [found], has_more: true, next_before: "17-1" };
    world.answer = (request) => (request.type === "search" ? answer : world.usualAnswer(request));
    const client = await online(world);
    equal(await client.search("fish"), { messages: [found], has_more: true, next_before: "17-1", indexing: false });
    answer = { type: "ok", messages: [], has_more: false, indexing: true };
    equal(await client.search("fish", { conversation_id: "1", from: "bob", before: "17-1", limit: 5 }),
      { messages: [], has_more: false, next_before: undefined, indexing: true });
    const asked = world.socket.asked("search").map(({ bytes, id, ...rest }) => rest);
    equal(asked, [
      { query: "fish", type: "search" },
      { query: "fish", conversation_id: "1", from: "bob", before: "17-1", limit: 5, type: "search" },
    ]);
    answer = { type: "error", code: "forbidden", message: "off" };
    equal(await outcome(client.search("fish")), "forbidden");
  },

  // ---- edits and deletions

  async "an edit and a deletion are one request each, and a text that is too long is none"(world) {
    const answers = { edit: { rev: 4, edited_at: "2026-03-01T09:31:00.000Z" }, delete: { rev: 5 } };
    world.answer = (request) => {
      const { type, conversation_id, seq } = request;
      return answers[type] ? { type: "ok", conversation_id, seq, ...answers[type] } : world.usualAnswer(request);
    };
    const client = await online(world);
    const attributes = { colour: "red" };
    equal(await client.edit({ conversation_id: "1", seq: 2, text: "better", mentions: ["bob"], attributes }),
      { conversation_id: "1", seq: 2, rev: 4, edited_at: "2026-03-01T09:31:00.000Z" });
    equal(await client.delete({ conversation_id: "1", seq: 3 }), { conversation_id: "1", seq: 3, rev: 5 });
    const [{ bytes, id, ...asked }] = world.socket.asked("edit");
    equal(asked, { conversation_id: "1", seq: 2, text: "better", mentions: ["bob"], attributes, type: "edit" });
    const long = watch(client.edit({ conversation_id: "1", seq: 2, text: "ä".repeat(501) }));
    await world.settle();
    equal(long.error.message, "the text has 1002 bytes; at most 1000 are allowed");
    equal([world.socket.asked("edit").length, world.socket.asked("delete").length], [1, 1]);
    answers.edit = { type: "error", code: "busy", message: "later" };
    equal(await outcome(client.edit({ conversation_id: "1", seq: 2, text: "better" })), "busy");
    equal(world.socket.asked("edit").length, 2, "it is tried once");
    world.socket.drop(1006);
    equal(await outcome(client.delete({ conversation_id: "1", seq: 3 })), "unavailable");
  },

  async "changes are told in order, and the cursor has them"(world) {
    syncWith(world, state(2, 0, { last_message: message(2) }));
    const client = await online(world);
    for (const frame of [edit(1, 1, "one"), edit(2, 2, "two"), edit(2, 3, "too"), deletion(1, 4)]) world.socket.say(frame);
    equal(client.heard.messages, ["message_edited 1 one", "message_edited 2 two", "message_edited 2 too", "message_deleted 1 "]);
    equal(client.heard.message_deleted[0].change.by, "bob");
    equal(client.conversations[0].last_message.text, "too");
    world.socket.say(deletion(2, 5));
    equal(client.conversations[0].last_message.deleted, true);
    world.socket.say({ type: "conversation", conversation_id: "1", kind: "group", name: "climbers", change: { kind: "renamed", rev: 6, at_seq: 2, by: "bob" } });
    world.socket.drop(1006);
    await world.advance(5_000);
    equal(world.socket.asked("sync")[0].cursors, { 1: { seq: 2, rev: 6, read_seq: 0 } });
    equal(client.heard.messages.length, 5);
  },

  async "a message that changes before it is given is given as it is now, and not as it was"(world) {
    syncWith(world, state(2, 0));
    const client = await online(world);
    world.socket.say(message(4));
    world.socket.say(edit(4, 1, "four"));
    world.socket.say(message(4));
    equal(client.heard.messages, []);
    world.socket.say(message(3));
    equal(client.heard.messages, ["message 3 3", "message 4 four"]);
    equal(client.conversations[0].last_message.text, "four");
    world.socket.say(edit(5, 2, "five")); // its own, from elsewhere, ahead of the acknowledgement
    world.socket.say(message(5));
    equal(client.heard.messages.slice(2), ["message 5 five"]);
    equal(client.heard.message.at(-1).change, undefined);
  },

  async "a forward is given with the text that the server has copied, and in its place"(world) {
    const client = await online(world);
    await client.send({ conversation_id: "7", text: "before" });
    const forward_of = { conversation_id: "8", seq: 3 };
    await client.send({ conversation_id: "7", forward_of });
    await client.send({ conversation_id: "7", text: "with a comment", forward_of });
    await world.settle();
    equal(client.heard.messages, ["message 1 before", "message 2 copied", "message 3 with a comment"]);
    equal(client.heard.message.map((one) => one.forward_of), [undefined, forward_of, forward_of]);
    equal(world.socket.asked("send")[1].text, undefined);
  },

  async "what this user may not read is passed over"(world) {
    syncWith(world, state(3, 0));
    const client = await online(world);
    syncWith(world, state(9, 4, { reset: true, missed: [message(8), message(9)] })); // removed, and added behind 7
    world.socket.say({ type: "resync" });
    await world.settle();
    equal(client.heard.message.map(({ seq }) => seq), [8, 9]);
    world.socket.say(message(10));
    equal(client.heard.message.at(-1).seq, 10);
  },

  async "an answer that waits is given with the answered message as it is now"(world) {
    syncWith(world, state(2, 0));
    const client = await online(world);
    const answer = (seq, preview) => message(seq, { reply_to: 1, reply_preview: { seq: 1, from: "bob", text: "1", ...preview } });
    world.socket.say(answer(4));
    world.socket.say(answer(5, { text: "read later", rev: 3, edited: true }));
    world.socket.say(edit(1, 1, "one"));
    world.socket.say(message(3));
    equal(client.heard.message.slice(1).map(({ reply_preview }) => reply_preview), [
      { seq: 1, from: "bob", text: "one", rev: 1, edited: true },
      { seq: 1, from: "bob", text: "read later", rev: 3, edited: true },
    ]);
    equal(client.conversations[0].last_message.reply_preview.text, "read later");
    world.socket.say(edit(2, 2, "another"));
    world.socket.say(edit(1, 3, "read later"));
    world.socket.say(deletion(1, 4));
    equal(client.conversations[0].last_message.reply_preview, { seq: 1, from: "bob", text: "", rev: 4, deleted: true });
  },

  async "an answer on the screen changes with the message that it answers"(world) {
    const shown = message(4, { reply_to: 1, reply_preview: previewOf(message(1)) });
    equal(shown.reply_preview, { seq: 1, from: "bob", text: "1" });
    const edited = withPreviewOf(shown, edit(1, 2, "one"));
    equal(edited, { ...shown, reply_preview: { seq: 1, from: "bob", text: "one", rev: 2, edited: true } });
    const gone = withPreviewOf(edited, { ...deletion(1, 3), edited_at: "2026-03-01T09:31:00.000Z" });
    equal(gone.reply_preview, { seq: 1, from: "bob", text: "", rev: 3, deleted: true });
    for (const other of [edit(1, 1, "zero"), edit(2, 9, "two"), edit(1, 9, "x", { conversation_id: "2" })]) {
      ensure(withPreviewOf(edited, other) === edited, "it stays");
    }
    equal(withPreviewOf(message(5), edit(1, 2, "one")).reply_preview, undefined);
    equal(previewOf(message(1, { text: "😀".repeat(141) })).text, "😀".repeat(140));
    const family = "👨‍👩‍👧";
    equal(previewOf(message(1, { text: "x".repeat(137) + family + "yy" })).text, "x".repeat(137));
    equal(previewOf(message(1, { text: "x".repeat(135) + family })).text, "x".repeat(135) + family);
  },

  async "unread messages and mentions are counted, and counted anew where a change may be about them"(world) {
    const states = [state(2, 0, { unread: 2, unread_mentions: 0 }), state(5, 2, { unread: 4, unread_mentions: 1 })];
    world.answer = (request) => {
      if (request.type !== "sync") return world.usualAnswer(request);
      return { type: "ok", conversations: states.splice(0, 1) };
    };
    const client = await online(world);
    const counts = () => client.conversations.map(({ unread, unread_mentions }) => [unread, unread_mentions])[0];
    world.socket.say(message(3, { mentions: ["carol"] }));
    world.socket.say(message(4, { from: client.user, mentions: [client.user] }));
    equal(counts(), [3, 0]);
    world.socket.say(deletion(3, 1));
    equal(counts(), [2, 0]);
    world.socket.say(message(5));
    equal([counts(), world.socket.asked("sync").length], [[3, 0], 1]);
    world.socket.say(edit(5, 2, "for you", { mentions: [client.user] }));
    await world.settle();
    equal([counts(), world.socket.asked("sync").length], [[4, 1], 2]);
    world.socket.say(message(6, { mentions: ["carol", client.user] }));
    equal(counts(), [5, 2]);
    client.read("1", 6).catch(() => {});
    equal(counts(), [0, 0]);
  },

  async "a receipt of an earlier membership, and a read that fails, leave what is read to the server"(world) {
    syncWith(world, state(7, 0));
    const sync = world.answer;
    const client = await online(world);
    const [known] = client.conversations;
    equal([known.read_seq, known.unread], [0, 7]);
    world.answer = (request) => (request.type === "read" ? undefined : sync(request));
    client.read("1", 7).catch(() => {});
    await world.settle();
    const { id } = world.socket.asked("read")[0];
    const membership = (kind, rev) =>
      world.socket.say({ type: "conversation", conversation_id: "1", kind: "group", name: "hikers", change: { kind, rev, at_seq: 7, by: "bob", username: "ada", role: "member" } });
    membership("removed", 1);
    syncWith(world, state(7, 2), state(7, 2));
    membership("added", 2);
    await world.settle();
    const toldLate = () => equal([client.conversations[0].read_seq, client.conversations[0].unread], [0, 7]);
    for (const frame of [{ type: "ok", id }, { type: "receipt", conversation_id: "1", username: "ada", kind: "read", seq: 7 }]) {
      syncWith(world, state(7, 2));
      world.socket.say(frame);
      await world.advance(400);
      toldLate();
    }
    world.answer = (request) => (request.type === "read" ? { type: "error", code: "busy", message: "later" } : { type: "ok", conversations: [state(7, 2)] });
    equal(await outcome(client.read("1", 7)), "busy");
    await world.advance(400);
    toldLate();
  },

  async "who is removed while a sync is under way is out, whatever its answer still says"(world) {
    syncWith(world, state(3, 1));
    const client = await online(world);
    const asked = [];
    world.answer = (request) => void (request.type === "sync" && asked.push(request.id));
    world.socket.say({ type: "resync" });
    await world.settle();
    const membership = (kind, rev) =>
      ({ type: "conversation", conversation_id: "1", kind: "group", name: "hikers", change: { kind, rev, at_seq: 3, by: "bob", username: "ada", role: "member" } });
    world.socket.say(membership("removed", 2));
    world.socket.say({ type: "ok", id: asked[0], conversations: [state(3, 1)] });
    await world.settle();
    equal([client.conversations, client.heard.gone], [[], [{ conversation_id: "1" }]]);
    syncWith(world, state(3, 3, { role: "admin" }));
    world.socket.say(membership("added", 3));
    await world.settle();
    equal(client.conversations.map(({ role }) => role), ["admin"]);
  },

  async "an edit that takes a mention back is counted by a server that tells only what is news to the cursor"(world) {
    let now = state(3, 0, { unread: 3, unread_mentions: 0 });
    world.answer = ({ type, cursors }) => {
      if (type !== "sync") return { type: "ok" };
      const { seq, rev, read_seq } = cursors["1"] ?? {};
      const isKnown = seq === now.last_seq && rev === now.rev && read_seq === now.read_seq;
      return { type: "ok", conversations: isKnown ? [] : [now] };
    };
    const client = await online(world);
    const counts = () => client.conversations.map(({ read_seq, unread, unread_mentions }) => [read_seq, unread, unread_mentions])[0];
    now = state(4, 0, { unread: 4, unread_mentions: 1 });
    world.socket.say(message(4, { mentions: ["ada"] }));
    equal(counts(), [0, 4, 1]);
    now = state(4, 1, { unread: 4, unread_mentions: 0 });
    world.socket.say(edit(4, 1, "for nobody"));
    await world.settle();
    equal(counts(), [0, 4, 0]);
    const sync = world.answer;
    const held = [];
    world.answer = (request) => (request.type === "sync" ? void held.push({ id: request.id, ...sync(request), conversations: [now] }) : sync(request));
    world.socket.say({ type: "resync" });
    await world.settle();
    client.read("1", 4); // its answer overtakes that to the sync, which is older
    await world.settle();
    world.answer = sync;
    now = state(4, 1, { read_seq: 4, unread: 0, unread_mentions: 0 });
    world.socket.say(held[0]);
    await world.advance(400);
    equal(counts(), [4, 0, 0]);
  },

  async "what is deleted while a sync is under way is taken off the count of that sync, once"(world) {
    syncWith(world, state(1, 1, { unread: 1 }));
    const client = await online(world);
    world.socket.drop(1006);
    world.answer = (request) => {
      if (request.type !== "sync") return world.usualAnswer(request);
      world.socket.say(deletion(2, 3));
      const missed = [message(2, { text: "", rev: 3, deleted: true }), message(3)];
      const changes = [changed(deletion(1, 4))];
      return { type: "ok", conversations: [state(3, 2, { unread: 3, missed, changes })] };
    };
    await world.advance(5_000);
    equal(client.conversations[0].unread, 1);
    world.socket.say(deletion(1, 4));
    equal(client.conversations[0].unread, 1);
    world.socket.say(deletion(3, 5));
    equal(client.conversations[0].unread, 0);
  },

  async "whose reactions they are is known, whichever state of a message comes first"(world) {
    const reactions = (me) => [{ emoji: "👍", count: 1, ...(me !== undefined && { me }) }];
    syncWith(world, state(1, 0));
    const client = await online(world);
    world.socket.drop(1006);
    world.answer = (request) => {
      if (request.type !== "sync") return world.usualAnswer(request);
      world.socket.say(edit(1, 4, "one", { reactions: reactions() }));
      world.socket.say(edit(2, 3, "two", { reactions: reactions() }));
      const changes = [message(1, { rev: 2, reactions: reactions(true) })];
      return { type: "ok", conversations: [state(2, 2, { missed: [message(2, { rev: 1, reactions: reactions(true) })], changes })] };
    };
    await world.advance(5_000);
    equal(client.heard.messages, ["message 2 two", "message_edited 1 one"]);
    equal([client.heard.message[0].reactions, client.heard.message_edited[0].reactions], [reactions(true), reactions(true)]);
  },

  async "who is added to a group with a history is told its newest message"(world) {
    syncWith(world);
    const client = await online(world);
    syncWith(world, state(3, 1, { read_seq: 3, unread: 0, last_message: message(3) }));
    world.socket.say({ type: "conversation", conversation_id: "1", kind: "group", name: "hikers", change: { kind: "added", rev: 1, at_seq: 3, by: "bob", username: "ada", role: "member" } });
    await world.settle();
    equal(world.socket.asked("sync")[1].cursors, {});
    equal(client.conversations.map(({ last_message }) => last_message.text), ["3"]);
    equal([client.heard.message, client.heard.gone, client.heard.reset], [[], [], []]);
    world.socket.say({ type: "resync" });
    await world.settle();
    equal(world.socket.asked("sync")[2].cursors[1].seq, 3);
    world.socket.say(message(4));
    equal(texts(client.heard.message), ["4"]);
  },

  async "no message is given in a state that is older than before"(world) {
    syncWith(world, state(2, 0));
    const client = await online(world);
    world.socket.say(message(3, { text: "third", rev: 2 })); // read after the changes that are told now
    world.socket.say(edit(3, 1, "second"));
    world.socket.say(edit(3, 2, "third"));
    world.socket.say(edit(2, 3, "four", { rev: 4 })); // another change follows
    world.socket.say(edit(2, 4, "four"));
    equal(client.heard.messages, ["message 3 third", "message_edited 2 four"]);
    world.socket.drop(1006);
    await world.advance(5_000);
    equal(world.socket.asked("sync")[0].cursors[1].rev, 4);
  },

  async "what changed while it was away is told after what was missed"(world) {
    syncWith(world, state(3, 1, { last_message: message(3) }));
    const client = await online(world);
    world.socket.drop(1006);
    syncWith(world, state(5, 6, {
      missed: [message(4, { text: "four", rev: 5 }), message(5, { text: "last", rev: 6 })],
      last_message: message(5), // read a moment earlier
      changes: [changed(deletion(1, 2)), changed(edit(3, 4, "three"))],
    }));
    await world.advance(5_000);
    equal(client.heard.messages, ["message 4 four", "message 5 last", "message_deleted 1 ", "message_edited 3 three"]);
    equal(client.conversations[0].last_message.text, "last");
    world.socket.drop(1006);
    await world.advance(5_000);
    equal(world.socket.asked("sync")[0].cursors, { 1: { seq: 5, rev: 6, read_seq: 0 } });

    world.socket.drop(1006);
    syncWith(world, state(5, 7, { changes: [changed(edit(5, 7, "five"))] }));
    await world.advance(5_000);
    equal(client.conversations[0].last_message.text, "five");
  },

  async "events that come between the pages of a sync, and overtake them, change nothing back"(world) {
    const other = (more) => ({ ...state(2, 2, more), conversation_id: "0" });
    syncWith(world, other(), state(3, 1, { last_message: message(3) }));
    const client = await online(world);
    world.socket.drop(1006);
    const changes = [changed(edit(1, 2, "one")), changed(edit(2, 4, "two, again")), changed(edit(3, 5, "three"))];
    world.answer = (request) => {
      if (request.type !== "sync") return world.usualAnswer(request);
      if (!request.page) return { type: "ok", conversations: [other({ rev: 3 })], next_page: "0" };
      world.socket.say(edit(2, 3, "two")); // 2 was before the first page
      world.socket.say({ type: "conversation", conversation_id: "1", kind: "group", name: "climbers", change: { kind: "renamed", rev: 6, at_seq: 3, by: "bob" } });
      return { type: "ok", conversations: [state(3, 5, { changes })] };
    };
    await world.advance(5_000);
    equal(client.heard.messages, ["message_edited 1 one", "message_edited 2 two, again", "message_edited 3 three"]);
    equal(client.conversations[1].name, "climbers");
    syncWith(world);
    world.socket.say(edit(2, 4, "two, again"));
    world.socket.say(edit(3, 5, "three"));
    world.socket.say(edit(1, 7, "one more"));
    equal(client.heard.messages.slice(3), ["message_edited 1 one more"]);
    world.socket.drop(1006);
    await world.advance(5_000);
    equal(world.socket.asked("sync")[0].cursors[1], { seq: 3, rev: 7, read_seq: 0 });
  },

  async "a change of the group that was lost is in the answer, whatever else overtook that"(world) {
    syncWith(world, state(1, 1));
    const client = await online(world);
    world.answer = (request) => {
      if (request.type !== "sync") return world.usualAnswer(request);
      world.socket.say(edit(1, 4, "of later"));
      return { type: "ok", conversations: [state(1, 3, { name: "climbers", description: "on Mondays", role: "admin" })] };
    };
    world.socket.say(edit(1, 3, "a later one")); // rev 2 is lost
    await world.settle();
    const [{ name, description, role }] = client.conversations;
    equal([name, description, role], ["climbers", "on Mondays", "admin"]);
    const renamed = (name, rev) =>
      ({ type: "conversation", conversation_id: "1", kind: "group", name, change: { kind: "renamed", rev, at_seq: 1, by: "bob" } });
    world.socket.say(renamed("hikers", 2)); // late: the answer has it
    equal(client.conversations[0].name, "climbers");
    world.socket.say(renamed("walkers", 5));
    equal(client.conversations[0].name, "walkers");
  },

  async "a change that was lost is asked for, before the next one is told"(world) {
    syncWith(world, state(3, 1));
    const client = await online(world);
    syncWith(world, state(3, 3, { changes: [changed(edit(1, 2, "one")), changed(edit(2, 3, "two"))] }));
    world.socket.say(edit(2, 3, "two"));
    equal(client.heard.messages, []);
    await world.settle();
    equal(world.socket.asked("sync")[1].cursors[1].rev, 1);
    equal(client.heard.messages, ["message_edited 1 one", "message_edited 2 two"]);
    world.socket.say(edit(1, 4, "more"));
    equal(client.heard.messages.length, 3);
    equal(world.socket.asked("sync").length, 2);
  },

  async "too many changes make void what is cached of one conversation, and of no other"(world) {
    const other = { ...state(9, 1), conversation_id: "0" };
    syncWith(world, other, state(3, 1, { last_message: message(3) }));
    const client = await online(world);
    world.socket.drop(1006);
    syncWith(world, state(4, 300, { reset: true, missed: [message(4)] }));
    const sync = world.answer;
    world.answer = (request) => {
      if (request.type !== "history") return sync(request);
      return { type: "ok", messages: [message(4, { text: "four", rev: 299 })], has_more: true };
    };
    await world.advance(5_000);
    equal(client.heard.reset, [{ conversation_id: "1" }]);
    equal(client.heard.messages, ["message 4 4"]);
    equal(client.conversations.map(({ last_message }) => last_message?.text), [undefined, "four"]);
    equal(world.socket.asked("history").map(({ conversation_id, limit }) => [conversation_id, limit]), [["1", 1]]);
    world.socket.say(edit(2, 301, "two"));
    equal(client.heard.messages.slice(1), ["message_edited 2 two"]);
    world.socket.drop(1006);
    await world.advance(5_000);
    equal(world.socket.asked("sync")[0].cursors[1], { seq: 4, rev: 301, read_seq: 0 });
  },

  async "what comes while a sync makes void what is cached counts after it"(world) {
    syncWith(world, state(3, 1, { last_message: message(3) }));
    const client = await online(world);
    world.socket.drop(1006);
    world.answer = (request) => {
      if (request.type === "history") return { type: "ok", messages: [message(3)], has_more: true };
      if (request.type !== "sync") return world.usualAnswer(request);
      world.socket.say(edit(2, 300, "contained"));
      world.socket.say(edit(3, 301, "three"));
      world.socket.say(reaction(1, 302, 1));
      return { type: "ok", conversations: [state(3, 300, { reset: true })] };
    };
    await world.advance(5_000);
    equal(client.heard.messages, ["message_edited 3 three"]);
    equal(client.heard.reaction.map(({ rev }) => rev), [302]);
    world.socket.say(edit(1, 303, "one"));
    await world.settle();
    equal([client.heard.messages.length, world.socket.asked("sync").length], [2, 1]);
  },

  async "where no cursor fits into the frame, changes make void what is cached"(world) {
    const other = (rev, more) => ({ ...state(9, rev, more), conversation_id: "0" });
    world.limits.max_frame_bytes = 150; // room for one
    const last_message = message(3, { created_at: "2026-03-01T09:31:00.000Z" });
    syncWith(world, other(1, { last_message: message(9) }), state(3, 1, { last_message }));
    const client = await online(world);
    world.socket.drop(1006);
    syncWith(world, other(1));
    await world.advance(5_000);
    equal(Object.keys(world.socket.asked("sync")[0].cursors), ["1"]);
    equal(client.heard.reset, []);
    world.socket.drop(1006);
    syncWith(world, other(2));
    await world.advance(5_000);
    equal(client.heard.reset, [{ conversation_id: "0" }]);
    equal(client.conversations.map(({ last_message }) => last_message?.text), [undefined, "3"]);
  },

  // ---- timelines

  async "a timeline has the newest messages, and pages before and after them"(world) {
    const all = numbers(200).map((text, i) => message(i + 1));
    world.answer = (request) => {
      if (request.type === "sync") return { type: "ok", conversations: [state(200, 0)] };
      return request.type === "history" ? page(all, request) : { type: "ok" };
    };
    const client = await online(world);
    const timeline = client.timeline("1");
    ensure(timeline === client.timeline("1"), "one for each conversation");
    await Promise.all([timeline.load(), timeline.load()]);
    equal(world.socket.asked("history").length, 1, "requests");
    equal(ends(timeline), [151, 200, true, false]);
    await timeline.loadOlder(100);
    equal(ends(timeline), [51, 200, true, false]);
    await timeline.loadOlder();
    await timeline.loadOlder();
    equal(ends(timeline), [1, 200, false, false]);
    await timeline.loadAround(100, 21);
    equal(ends(timeline), [90, 110, true, true]);
    world.socket.say(message(201));
    equal(ends(timeline), [90, 110, true, true]);
    all.push(message(201));
    await timeline.loadNewer(50);
    await timeline.loadNewer(50);
    equal(ends(timeline), [90, 201, true, false]);
    world.socket.say(message(202));
    equal(ends(timeline), [90, 202, true, false]);
    equal(client.heard.timeline.map(({ kind }) => kind), ["replaced", "added", "added", "replaced", "added", "added", "added"]);
    equal(timeline.messages.map(({ seq }) => seq), numbers(113).map((one) => Number(one) + 90));
  },

  async "the messages of a timeline are as they are now, whatever overtakes what"(world) {
    syncWith(world, state(3, 0));
    const client = await online(world);
    const timeline = client.timeline("1");
    const sync = world.answer;
    world.answer = (request) => (request.type === "history" ? undefined : sync(request));
    const loading = watch(timeline.load());
    await world.settle();
    const { id } = world.socket.asked("history")[0];
    world.socket.say(edit(1, 1, "new"));
    world.socket.say(reaction(2, 2, 1));
    world.socket.say(message(4));
    const answer = { reply_to: 1, reply_preview: previewOf(message(1)) };
    world.socket.say({ type: "ok", id, messages: [message(1), message(2, { rev: 2, reactions: [{ emoji: "👍", count: 1, me: false }] }), message(3, answer)], has_more: false });
    await world.settle();
    equal(loading.state, "resolved");
    equal(texts(timeline.messages), ["new", "2", "3", "4"]);
    equal(timeline.messages[1].reactions, [{ emoji: "👍", count: 1, me: false }]);
    equal(timeline.messages[2].reply_preview.text, "new");
    world.socket.say(edit(1, 3, "newer"));
    equal([texts(timeline.messages), timeline.messages[2].reply_preview.text], [["newer", "2", "3", "4"], "newer"]);
    equal(client.heard.timeline.at(-1).messages.map(({ seq }) => seq), [1, 3]);
    world.socket.say(deletion(4, 4));
    equal(timeline.messages[3].deleted, true);
    world.socket.say({ type: "conversation", conversation_id: "1", kind: "group", name: "hikers", change: { kind: "expired", rev: 5, at_seq: 4, by: "", first_seq: 3 } });
    equal(ends(timeline), [3, 4, false, false]);
    equal(timeline.messages[0].reply_preview, undefined);
    world.socket.say({ type: "conversation", conversation_id: "1", kind: "group", name: "hikers", change: { kind: "removed", rev: 6, at_seq: 4, by: "bob", username: "ada" } });
    equal([timeline.messages, client.heard.gone], [[], [{ conversation_id: "1" }]]);
  },

  async "a page of a timeline that overtakes the stream is brought up to date by what the stream gives"(world) {
    const reply = { reply_to: 3, reply_preview: previewOf(message(3)) };
    const all = [message(1), message(2), message(3), message(4, reply)];
    syncWith(world, state(2, 0));
    const client = await online(world);
    const timeline = client.timeline("1");
    world.answer = (request) => (request.type === "history" ? page(all, request) : undefined);
    world.socket.say({ type: "resync" });
    await timeline.load();
    world.socket.say(edit(3, 1, "three"));
    const { id } = world.socket.asked("sync").at(-1);
    world.socket.say({ type: "ok", id, conversations: [state(4, 0, { missed: all.slice(2) })] });
    await world.settle();
    equal(client.heard.messages, ["message 3 three", "message 4 4"]);
    equal(texts(timeline.messages), ["1", "2", "three", "4"]);
    equal(timeline.messages[3].reply_preview.text, "three");
  },

  async "a timeline goes on after an absence, and is read anew where too much has changed"(world) {
    syncWith(world, state(3, 1));
    let all = [message(1), message(2), message(3)];
    const answered = () => {
      const sync = world.answer;
      world.answer = (request) => (request.type === "history" ? page(all, request) : sync(request));
    };
    answered();
    const client = await online(world);
    const timeline = client.timeline("1");
    await timeline.load();
    world.socket.drop(1006);
    equal(await outcome(timeline.loadNewest()), "unavailable");
    syncWith(world, state(5, 2, { missed: [message(4), message(5)], changes: [changed(edit(1, 2, "one"))] }));
    answered();
    await world.advance(5_000);
    equal(texts(timeline.messages), ["one", "2", "3", "4", "5"]);
    world.socket.drop(1006);
    all = all.map(({ seq }) => message(seq, { text: `changed ${seq}`, rev: 300 }));
    syncWith(world, state(5, 300, { reset: true }));
    answered();
    await world.advance(5_000);
    equal(texts(timeline.messages), ["changed 1", "changed 2", "changed 3"]);
  },

  async "the memory of timelines is bounded, and what is on a screen stays"(world) {
    const seqs = new Map();
    world.answer = (request) => {
      if (request.type === "sync") return { type: "ok", conversations: numbers(30).map((conversation_id) => ({ ...state(0, 0), conversation_id })) };
      return request.type === "history" ? { type: "ok", messages: [], has_more: false } : { type: "ok" };
    };
    const client = await online(world);
    const timelines = numbers(30).map((id) => client.timeline(id));
    for (const timeline of timelines) await timeline.load();
    timelines[0].keep();
    for (let i = 0; i < 30 * 1_100; i++) {
      const conversation_id = String(Math.floor(i / 1_100));
      seqs.set(conversation_id, (seqs.get(conversation_id) ?? 0) + 1);
      world.socket.say(message(seqs.get(conversation_id), { conversation_id }));
    }
    const counts = timelines.map(({ messages }) => messages.length);
    equal([counts[0], counts[1], counts[29], counts.reduce((a, b) => a + b)], [1_000, 0, 1_000, 10_000]);
    equal(ends(timelines[0]), [101, 1_100, true, false]);
  },

  async "timelines on a screen are there after another connection, also those that could not be fetched"(world) {
    syncWith(world, state(2, 0), { ...state(2, 0), conversation_id: "2" });
    const sync = world.answer;
    const client = await online(world);
    const [one, other] = ["1", "2"].map((id) => client.timeline(id));
    one.keep();
    other.keep();
    world.answer = (request) => (request.type === "history" ? page([message(1), message(2)].map(changed), request) : sync(request));
    await one.load();
    world.socket.drop(1006);
    equal(await outcome(other.load()), "unavailable");
    await world.advance(1_000);
    equal([ends(one), ends(other)], [[1, 2, false, false], [1, 2, false, false]]);
  },

  async "a timeline with a window moves over the history, and keeps what is before the eyes"(world) {
    const all = numbers(300).map((one) => changed(message(Number(one) + 1)));
    syncWith(world, state(300, 0));
    const sync = world.answer;
    world.answer = (request) => (request.type === "history" ? page(all, request) : sync(request));
    const client = await online(world);
    const timeline = client.timeline("1");
    timeline.window = 80;
    await timeline.load();
    await timeline.loadOlder();
    equal(ends(timeline), [201, 280, true, true]);
    await timeline.loadNewer();
    equal(ends(timeline), [221, 300, true, false]);
    const say = (seq) => {
      all.push(changed(message(seq)));
      world.socket.say(message(seq));
    };
    for (let seq = 301; seq <= 310; seq++) say(seq);
    equal(ends(timeline), [231, 310, true, false]);
    timeline.follows = false;
    for (let seq = 311; seq <= 400; seq++) say(seq);
    equal(ends(timeline), [231, 390, true, true]);
    await timeline.loadNewer();
    equal(ends(timeline), [321, 400, true, false]);
    timeline.follows = true;
    say(401);
    equal(ends(timeline), [322, 401, true, false]);
    equal(timeline.messages.map(({ seq }) => seq), numbers(80).map((one) => Number(one) + 322));
  },

  async "a timeline goes to the first unread message and to a day"(world) {
    const all = numbers(300).map((one) => changed(message(Number(one) + 1, { created_at: new Date(Number(one) * 3_600_000).toISOString() })));
    syncWith(world, state(300, 0, { read_seq: 100, unread: 200 }));
    const sync = world.answer;
    world.answer = (request) => (request.type === "history" ? page(all, request) : sync(request));
    const client = await online(world);
    const timeline = client.timeline("1");
    await timeline.loadUnread(20);
    equal(ends(timeline), [91, 111, true, true]);
    client.read("1", 292);
    await timeline.loadUnread(20);
    equal(ends(timeline), [281, 300, true, false]);
    equal([await timeline.loadAt(new Date(199.5 * 3_600_000), 20), ends(timeline)], [201, [191, 211, true, true]]);
    equal(await timeline.loadAt(0), 1);
    equal(await timeline.loadAt(1e12), 300);
    ensure(world.socket.asked("history").length < 40, "by halving");
  },

  async "a change of a group that overtakes the page of the sync that tells the group is asked for"(world) {
    let syncs = 0;
    world.answer = (request) => {
      if (request.type !== "sync") return world.usualAnswer(request);
      if (syncs++) return { type: "ok", conversations: [state(2, 2, { description: "new" })] };
      world.socket.say({ type: "conversation", conversation_id: "1", kind: "group", name: "hikers", description: "new",
        change: { kind: "updated", rev: 2, at_seq: 2, by: "bob" } });
      return { type: "ok", conversations: [state(2, 1)] };
    };
    const client = await online(world);
    equal([syncs, client.conversations[0].description], [2, "new"]);
  },

  // ---- the archive

  async "what was seen is there without a connection after a restart, and goes on from there"(world) {
    const archive = new FakeArchive();
    syncWith(world, state(2, 1, { last_message: message(2) }));
    const before = await online(world, { archive });
    world.socket.say(message(3));
    world.socket.say(edit(3, 2, "three"));
    world.socket.say(reaction(3, 3, 1));
    world.socket.say(message(4, { reply_to: 3, reply_preview: previewOf(message(3)) }));
    await world.advance(1_000);
    world.socket.say(edit(3, 4, "THREE", { reactions: [{ emoji: "👍", count: 1 }] }));
    await world.advance(1_000);
    before.close();

    const after = world.client(ChatClient, { archive });
    ensure(await after.restore("ada"), "restored");
    equal(after.conversations, before.conversations);
    equal(await after.restore("bob"), false);
    const timeline = after.timeline("1");
    await timeline.load();
    equal(timeline.messages.map(({ seq, text }) => [seq, text]), [[3, "THREE"], [4, "4"]]);
    equal([timeline.messages[0].reactions, timeline.messages[1].reply_preview.text], [[{ emoji: "👍", count: 1, me: false }], "THREE"]);
    equal([after.conversations.length, after.conversations[0].last_message.text, timeline.hasOlder], [1, "4", true]);

    syncWith(world, state(5, 5, { missed: [message(5)], changes: [changed(edit(4, 5, "four"))] }));
    after.connect();
    await world.settle();
    equal(world.socket.asked("sync")[0].cursors, { 1: { seq: 4, rev: 4, read_seq: 0 } });
    equal(texts(timeline.messages), ["THREE", "four", "5"]);
    equal(after.heard.messages, ["message 5 5", "message_edited 4 four"]);
  },

  async "what was missed since is left out if it is very much"(world) {
    const archive = new FakeArchive();
    syncWith(world, state(2, 0));
    const before = await online(world, { archive });
    world.socket.say(message(3));
    await world.advance(1_000);
    before.close();
    const after = world.client(ChatClient, { archive });
    await after.restore("ada");
    const timeline = after.timeline("1");
    await timeline.load();
    const all = numbers(500).map((text, i) => message(i + 1));
    world.answer = (request) => {
      if (request.type === "sync") return { type: "ok", conversations: [state(500, 0, { has_more: true, missed: all.slice(3, 103) })] };
      return request.type === "history" ? page(all, request) : { type: "ok" };
    };
    after.connect();
    await world.settle();
    equal([after.heard.reset, after.heard.messages], [[{ conversation_id: "1" }], []]);
    equal(ends(timeline), [451, 500, true, false]);
    world.socket.say(message(501));
    equal(after.heard.messages, ["message 501 501"]);
  },

  async "an archive does not count what is known but not given yet"(world) {
    const archive = new FakeArchive();
    syncWith(world, state(2, 1));
    const before = await online(world, { archive });
    world.socket.say(message(3));
    world.answer = (request) => {
      if (request.type === "history") return null; // the sync does not end
      return request.type === "sync" ? { type: "ok", conversations: [state(5, 2, { changes: [edit(2, 2, "new")] })] } : world.usualAnswer(request);
    };
    world.socket.say({ type: "resync" });
    await world.advance(300);
    before.close();
    await world.settle();
    equal(archivedCursors(archive), [{ seq: 3, rev: 1 }]);
  },

  async "an archive has the changes that came while a page of history was under way"(world) {
    const archive = new FakeArchive();
    syncWith(world, state(3, 0));
    let page = { type: "ok", messages: [message(2), message(3)], has_more: true };
    world.answer = (request) => (request.type === "history" ? page : request.type === "sync" ? { type: "ok", conversations: [state(3, 0)] } : world.usualAnswer(request));
    const client = await online(world, { archive });
    await client.timeline("1").load();
    world.socket.say(edit(3, 1, "first"));
    await world.advance(300);
    page = null; // is under way
    client.timeline("1").loadOlder().catch(() => {});
    await world.settle();
    world.socket.say(edit(3, 2, "second"));
    await world.advance(300);
    equal(archivedCursors(archive), [{ seq: 3, rev: 2 }]);
    equal(records(archive).map(({ messages }) => messages.at(-1).text), ["second"]);
    client.close();
  },

  async "an archive of another database is forgotten, and so is one of a user who signs out"(world) {
    const archive = new FakeArchive();
    syncWith(world, state(2, 0, { last_message: message(2) }));
    const before = await online(world, { archive });
    await world.advance(1_000);
    before.close();
    world.epoch = "second";
    const after = world.client(ChatClient, { archive });
    await after.restore("ada");
    equal(after.conversations.length, 1);
    world.answer = (request) => (request.type === "sync" ? { type: "ok", conversations: [] } : { type: "ok" });
    after.connect();
    await world.advance(1_000);
    equal([world.socket.asked("sync")[0].cursors, after.conversations, after.heard.reset.length], [{}, [], 1]);
    after.discard();
    await world.settle();
    equal([...archive.records.keys()], []);
  },

  async "the newest messages are kept once they were fetched, with what comes before and after the answer"(world) {
    const archive = new FakeArchive();
    const all = numbers(60).map((text, i) => message(i + 1));
    syncWith(world, state(60, 0, { last_message: message(60) }));
    const sync = world.answer;
    world.answer = (request) => (request.type === "history" ? page(all, request) : sync(request));
    const before = await online(world, { archive });
    await world.advance(1_000);
    equal(texts((await before.kept("1")).messages), ["60"]);
    world.answer = (request) => (request.type === "history" ? null : sync(request)); // is under way
    before.history({ conversation_id: "1" }).catch(() => {});
    await world.settle();
    const [asked] = world.socket.asked("history");
    world.socket.say(message(61));
    await world.advance(1_000);
    world.socket.say({ ...page(all, {}), id: asked.id });
    world.socket.say(edit(60, 1, "sixty"));
    world.socket.say(pinned(61, 2));
    await world.advance(1_000);
    const last = await before.kept("1");
    equal([last.messages.length, last.has_more], [51, true]);
    before.close();

    const after = world.client(ChatClient, { archive });
    await after.restore("ada");
    const { messages, has_more, changes } = await after.kept("1");
    equal([messages[0].seq, messages.at(-1).seq, messages.at(-2).text, has_more], [11, 61, "sixty", true]);
    equal(changes.map(({ change }) => [change.kind, change.rev]), [["pinned", 2]]);
    equal(await after.kept("2"), null);
  },

  async "a page that was fetched before everything became void is not kept"(world) {
    const archive = new FakeArchive();
    const all = numbers(60).map((text, i) => message(i + 1));
    syncWith(world, state(60, 0, { last_message: message(60) }));
    const sync = world.answer;
    world.answer = (request) => (request.type === "history" ? null : sync(request));
    const client = await online(world, { archive });
    client.history({ conversation_id: "1" }).catch(() => {});
    await world.settle();
    const [asked] = world.socket.asked("history");
    world.answer = (request) => (request.type === "sync" ? { type: "ok", conversations: [state(60, 900, { reset: true, last_message: message(60, { text: "now", rev: 899 }) })] } : null);
    world.socket.say({ type: "resync" });
    await world.settle();
    world.socket.say({ ...page(all, {}), id: asked.id });
    await world.advance(1_000);
    equal((await client.kept("1")).messages.map(({ text }) => text), ["now"]);
    client.close();
  },

  async "an archive keeps the newest messages also of a timeline that goes elsewhere while they are written"(world) {
    const all = numbers(200).map((one) => changed(message(Number(one) + 1)));
    syncWith(world, state(200, 0));
    const sync = world.answer;
    world.answer = (request) => (request.type === "history" ? page(all, request) : sync(request));
    const archive = new FakeArchive();
    const client = await online(world, { archive });
    await client.timeline("1").load();
    const read = archive.read.bind(archive);
    archive.read = async (prefix) => {
      await client.timeline("1").loadAround(20);
      return read(prefix);
    };
    all.push(changed(message(201)));
    world.socket.say(message(201));
    await world.advance(1_000);
    archive.read = read;
    equal(records(archive)[0].messages.at(-1).seq, 201);
  },

  async "an archive that is full or gone disturbs nothing"(world) {
    const archive = new FakeArchive();
    archive.fault = new Error("no room");
    syncWith(world, state(2, 0));
    const client = world.client(ChatClient, { archive, storage: archive });
    equal(await client.restore("ada"), false);
    const connected = watch(client.connect());
    await world.settle();
    equal(connected.state, "resolved");
    world.socket.say(message(3));
    await world.advance(1_000);
    equal([client.heard.messages, client.storage], [["message 3 3"], "unavailable"]);
    client.close();
  },

  async "a browser keeps all of it in IndexedDB"(world) {
    if (!globalThis.indexedDB) return; // as in Node
    const { IndexedDbStorage } = await import("../webjars/chat-engine/storage/indexed-db.js");
    const storage = new IndexedDbStorage(`test ${Math.random()}`);
    world.restore(); // the clock of the browser
    equal(await storage.read("a/"), []);
    await storage.write([["a/1", { text: "one" }], ["a/2", "two"], ["b/1", 3]]);
    await storage.write([["a/1", undefined], ["a/3", "three"]]);
    equal(await storage.read("a/"), [["a/2", "two"], ["a/3", "three"]]);
    const failed = await storage.write([["a/4", "four"], ["a/5", () => {}]]).then(() => "done", ({ name }) => name);
    equal([failed, await storage.read("a/")], ["DataCloneError", [["a/2", "two"], ["a/3", "three"]]]);
    await storage.clear();
    equal(await storage.read(""), []);
    const nowhere = new IndexedDbStorage("test", null);
    equal(await nowhere.read("").then(() => "done", ({ message }) => message), "there is no IndexedDB here");
  },

  // ---- receipts

  async "a message of one's own is sent, delivered and read as the others tell"(world) {
    syncWith(world, state(3, 0));
    const client = await online(world);
    const told = [];
    client.addEventListener("members", ({ detail }) => told.push(detail.conversation_id));
    const mine = message(3, { from: "ada" });
    equal(client.deliveryOf(mine), { state: "sent", received: [], read: [] });
    const members = (read_seq) => ["ada", "bob", "carol"].map((username) =>
      ({ username, role: "member", joined_at: "", received_seq: username === "bob" ? 3 : 1, read_seq: username === "bob" ? read_seq : 1 }));
    const sync = world.answer;
    world.answer = (request) => (request.type === "members" ? { type: "ok", rev: 0, members: members(2), has_more: false } : sync(request));
    const receipt = (username, kind, seq) => world.socket.say({ type: "receipt", conversation_id: "1", username, kind, seq });
    const loading = client.loadMembers("1");
    receipt("bob", "read", 3); // overtakes the answer
    await loading;
    equal(client.deliveryOf(mine), { state: "sent", received: ["bob"], read: ["bob"] });
    receipt("carol", "received", 3);
    equal(client.deliveryOf(mine), { state: "delivered", received: ["bob", "carol"], read: ["bob"] });
    receipt("carol", "read", 3);
    receipt("carol", "read", 2); // late
    equal(client.deliveryOf(mine).state, "read");
    ensure(told.length >= 3 && told.every((id) => id === "1"), "events");
    world.socket.drop(1006);
    await world.advance(1_000);
    equal(world.socket.asked("members").length, 1, "read again");
  },

  async "the members of a conversation are kept up to date, also while they are read"(world) {
    syncWith(world, state(3, 0));
    const client = await online(world);
    const member = (username, more) => ({ username, role: "member", joined_at: AT, received_seq: 0, ...more });
    const answers = [[member("ada")], [member("ada"), member("bob")], [member("ada"), member("bob", { role: "admin" })]];
    const sync = world.answer;
    world.answer = (request) => (request.type === "members" ? { type: "ok", rev: 0, members: answers.shift(), has_more: false } : sync(request));
    const change = (kind, more) =>
      world.socket.say({ type: "conversation", conversation_id: "1", kind: "group", name: "hikers", change: { kind, rev: 1, at_seq: 3, by: "ada", username: "bob", ...more } });
    equal(client.membersOf("1"), undefined);
    const loading = client.loadMembers("1");
    change("added"); // the answer under way may be older
    await loading;
    const first = client.membersOf("1");
    equal(first.map(({ username }) => username), ["ada", "bob"]);
    ensure(first === client.membersOf("1"), "the same until it changes");
    change("role_set", { rev: 2, role: "admin" });
    await world.settle();
    equal(client.membersOf("1").map(({ role }) => role), ["member", "admin"]);
    world.socket.say({ type: "receipt", conversation_id: "1", username: "bob", kind: "read", seq: 2 });
    equal(client.membersOf("1")[1], { username: "bob", role: "admin", joined_at: AT, received_seq: 2, read_seq: 2 });
    change("deleted", { rev: 3 });
    equal(client.membersOf("1"), undefined);
  },

  async "in a group with several pages of members a message is delivered once all have it"(world) {
    syncWith(world, state(3, 0));
    const client = await online(world);
    const all = numbers(2_500).map((name) => `m${name.padStart(4, "0")}`);
    const sync = world.answer;
    world.answer = (request) => {
      if (request.type !== "members") return sync(request);
      const from = all.findIndex((name) => !(name <= request.after));
      const members = all.slice(from, from + 1_000).map((username) => ({ username, role: "member", received_seq: username === "m2499" ? 2 : 3, read_seq: 0 }));
      return { type: "ok", rev: 0, members, has_more: from + 1_000 < all.length };
    };
    await client.loadMembers("1");
    equal(world.socket.asked("members").length, 3);
    equal(client.deliveryOf(message(3, { from: "ada" })).state, "sent");
    equal(client.deliveryOf(message(2, { from: "ada" })).state, "delivered");
    world.answer = (request) => (request.type === "members" ? { type: "ok", members: [{ username: "bob" }], has_more: true } : sync(request));
    await client.loadMembers("1");
    ensure(world.socket.asked("members").length < 1_100, "a list without an end");
  },

  async "what it has received it tells once a second"(world) {
    syncWith(world, { ...state(2, 0), read_seq: 1, unread: 1 });
    await online(world);
    await world.advance(1_000);
    world.socket.say(message(3));
    world.socket.say(message(4, { from: "ada" }));
    world.socket.say(message(5));
    await world.advance(1_000);
    equal(world.socket.asked("received").map(({ seq }) => seq), [2, 5]);
  },

  // ---- the types

  async "the types name what there is"() {
    const types = await (await fetch("/webjars/chat-engine/chat-client.d.ts")).text();
    const declared = types.slice(types.indexOf("export class ChatClient"));
    const classes = [ChatClient.prototype, Object.getPrototypeOf(ChatClient.prototype)];
    const members = classes.flatMap(Object.getOwnPropertyNames).filter((name) => name !== "constructor");
    for (const name of members) ensure(new RegExp(`^  (get )?${name}[(<]`, "m").test(declared), `${name} is not declared`);
    for (const [, name] of declared.matchAll(/^  (?:get )?(\w+)\(/gm)) {
      ensure(name === "constructor" || name in ChatClient.prototype, `${name} is declared but does not exist`);
    }
  },
};

async function outcome(promise) {
  try {
    return await promise;
  } catch (error) {
    return error.code ?? String(error);
  }
}

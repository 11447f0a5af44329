import { Cell, put } from "./cell.js";
import { client, on, pages } from "./chat.js";

/** conversation id -> [{ username, role, joined_at, read_seq, received_seq }], of the conversations that were open */
export const members = new Cell(new Map());

const UNCONCERNED = new Set(["pinned", "unpinned", "renamed", "updated", "expired", "retention_set", "silenced"]); // changes that leave the list as it is

const loading = new Map(); // conversation id -> { done, again }

/** Fetches all of them. Who asks meanwhile gets another look at the end: a group can have 20,000, and many come at once. */
export function loadMembers(id) {
  const under = loading.get(id);
  if (under) {
    under.again = true;
    return under.done;
  }
  const load = { again: false, done: Promise.resolve() };
  loading.set(id, load);
  load.done = fetchAll(id, load).finally(() => loading.delete(id));
  return load.done;
}

async function fetchAll(id, load) {
  do {
    load.again = false;
    const list = await pages("members", { conversation_id: id, limit: 1_000 }, "members", "username");
    const before = new Map(members.value.get(id)?.map((one) => [one.username, one]));
    put(members, id, list.map((one) => later(one, before.get(one.username)))); // receipts may have overtaken the answer
  } while (load.again);
}

function later(one, { read_seq = 0, received_seq = 0 } = {}) {
  const isNews = read_seq > (one.read_seq ?? 0) || received_seq > one.received_seq;
  if (!isNews) return one;
  const read = Math.max(one.read_seq ?? 0, read_seq);
  return { ...one, ...(read && { read_seq: read }), received_seq: Math.max(one.received_seq, received_seq) };
}

on("receipt", ({ conversation_id: id, username, kind, seq }) => {
  const list = members.value.get(id);
  if (!list) return;
  const told = { received_seq: seq, ...(kind === "read" && { read_seq: seq }) };
  put(members, id, list.map((one) => (one.username === username ? later(one, told) : one)));
});

on("conversation", ({ conversation_id: id, change }) => {
  if (members.value.has(id) && !UNCONCERNED.has(change?.kind)) loadMembers(id).catch(() => {});
});

const audiences = new WeakMap(); // list of members -> how far the last of the others is

/**
 * How far one's own message has come: "sent", "delivered" to all others, or "read" by all of them.
 *
 * @param {number} seq
 * @param {?{ username: string, read_seq?: number, received_seq: number }[]} list
 */
export function progressOf(seq, list, me) {
  if (!list) return "sent";
  if (!audiences.has(list)) audiences.set(list, audienceOf(list, me));
  const { read, received } = audiences.get(list);
  return read >= seq ? "read" : received >= seq ? "delivered" : "sent";
}

function audienceOf(list, me) {
  let [read, received, others] = [Infinity, Infinity, 0];
  for (const { username, read_seq = 0, received_seq } of list) {
    if (username === me) continue;
    others++;
    read = Math.min(read, read_seq);
    received = Math.min(received, received_seq);
  }
  return others ? { read, received } : { read: 0, received: 0 };
}

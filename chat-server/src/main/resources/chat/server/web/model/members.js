import { Cell, put } from "./cell.js";
import { client, on, pages } from "./chat.js";

/** conversation id -> [{ username, role, joined_at, read_seq, received_seq }], of the conversations that were open */
export const members = new Cell(new Map());

export async function loadMembers(id) {
  put(members, id, await pages("members", { conversation_id: id, limit: 100 }, "members", "username"));
}

on("receipt", ({ conversation_id: id, username, kind, seq }) => {
  const list = members.value.get(id);
  if (!list) return;
  const told = kind === "read" ? { read_seq: seq, received_seq: seq } : { received_seq: seq };
  const later = (one) => ({
    ...one,
    ...(told.read_seq && { read_seq: Math.max(one.read_seq ?? 0, seq) }),
    received_seq: Math.max(one.received_seq, seq),
  });
  put(members, id, list.map((one) => (one.username === username ? later(one) : one)));
});

on("conversation", ({ conversation_id: id }) => {
  if (members.value.has(id)) loadMembers(id).catch(() => {});
});

/**
 * How far one's own message has come: "sent", "delivered" to all others, or "read" by all of them.
 *
 * @param {number} seq
 * @param {?{ username: string, read_seq?: number, received_seq: number }[]} list
 */
export function progressOf(seq, list, me) {
  const audience = (list ?? []).filter(({ username }) => username !== me);
  if (!audience.length) return "sent";
  if (audience.every(({ read_seq = 0 }) => read_seq >= seq)) return "read";
  return audience.every(({ received_seq }) => received_seq >= seq) ? "delivered" : "sent";
}

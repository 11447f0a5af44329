import { Cell, put } from "./cell.js";
import { client, on } from "./chat.js";
import { nameOf } from "./people.js";

const MOST = 100; // of a conversation

/** conversation id -> [{ rev, at_seq, at, change }], ascending: what happened to a conversation. */
export const notes = new Cell(new Map());

const SHOWN = new Set(["added", "removed", "role_set", "renamed", "updated", "banned", "unbanned", "silenced", "pinned", "unpinned", "retention_set", "peer_replaced"]);

on("conversation", ({ conversation_id: id, change }) => {
  if (!change || !SHOWN.has(change.kind)) return;
  const before = notes.value.get(id) ?? [];
  if (before.some(({ rev }) => rev === change.rev)) return;
  const list = [...before, noteOf(change, new Date().toISOString())].sort((a, b) => a.rev - b.rev).slice(-MOST);
  put(notes, id, list);
});

/** Those of before, as far as this browser was told. */
export async function loadNotes(id) {
  const { changes = [] } = (await client.kept(id)) ?? {};
  const shown = changes.filter(({ change }) => SHOWN.has(change.kind)).map(({ at, change }) => noteOf(change, at));
  if (shown.length && !notes.value.has(id)) put(notes, id, shown);
}

const noteOf = (change, at) => ({ rev: change.rev, at_seq: change.at_seq, at, change });

/** The sentence of a change. */
export function describeChange(change, me) {
  const name = (username) => (username === me ? "you" : nameOf(username));
  const who = change.by ? capital(name(change.by)) : "The server";
  const list = (change.usernames ?? (change.username ? [change.username] : [])).map(name);
  const more = change.count > list.length ? ` and ${change.count - list.length} others` : "";
  const whom = (list.length > 4 ? `${list.slice(0, 4).join(", ")} and ${list.length - 4} others` : list.join(", ")) + more;
  const alone = change.username && change.username === change.by;
  switch (change.kind) {
    case "added": return alone ? `${who} joined` : `${who} added ${whom}`;
    case "removed": return alone ? `${who} left` : `${who} removed ${whom}`;
    case "role_set": return `${who} made ${whom} ${change.role === "owner" ? "the owner" : change.role === "admin" ? "an admin" : "a member"}`;
    case "renamed": return `${who} renamed the group to “${change.name}”`;
    case "updated": return `${who} ${updated(change)}`;
    case "banned": return `${who} banned ${whom}`;
    case "unbanned": return `${who} lifted the ban of ${whom}`;
    case "silenced": return change.until ? `${who} silenced ${whom}` : `${who} let ${whom} write again`;
    case "pinned": return `${who} pinned a message`;
    case "unpinned": return `${who} unpinned a message`;
    case "retention_set": return "Another time was set for keeping messages";
    default: return `${who} has another name now`;
  }
}

function updated({ name, description, slow_mode_seconds, history }) {
  if (name) return `renamed the group to “${name}”`;
  if (description) return "changed the description";
  if (description === null) return "removed the description";
  if (slow_mode_seconds !== undefined) return slow_mode_seconds ? `switched slow mode on: a message every ${slow_mode_seconds} s` : "switched slow mode off";
  if (history) return history === "joined" ? "hid earlier messages from new members" : "let new members read earlier messages";
  return "changed the group";
}

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

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
  const who = !change.by ? "The server" : change.by === me ? "You" : nameOf(change.by);
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

/** What one call has changed; it may be several things. */
function updated({ name, description, slow_mode_seconds: slow, history }) {
  const parts = [
    name && `renamed the group to “${name}”`,
    description && "changed the description",
    description === null && "removed the description",
    slow > 0 && `switched slow mode on: a message every ${slow} s`,
    slow === 0 && "switched slow mode off",
    history && (history === "joined" ? "hid earlier messages from new members" : "let new members read earlier messages"),
  ];
  return parts.filter(Boolean).join(", ") || "changed the group";
}

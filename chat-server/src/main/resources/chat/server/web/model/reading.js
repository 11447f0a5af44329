import { client } from "./chat.js";
import { findConversation } from "./conversations.js";

const AFTER_MS = 250;
const SEEN_MS = 500;

let timer = 0;
let furthest = { id: "", seq: 0 };

/** Somebody has this message before their eyes, and those before it. Told once scrolling has come to rest. */
export function seen(id, seq) {
  if (document.hidden || !document.hasFocus() || !seq) return;
  if (furthest.id !== id) furthest = { id, seq: 0 };
  furthest.seq = Math.max(furthest.seq, seq);
  timer ||= setTimeout(tell, AFTER_MS);
}

function tell() {
  timer = 0;
  const { id, seq } = furthest;
  const conversation = findConversation(id);
  if (!client.online || !conversation) return;
  const marked = conversation.preferences?.unread_from;
  if (seq > conversation.read_seq && !marked) client.read(id, seq).catch(() => {});
}

/** Where the unread messages of a conversation begin; 0 for nowhere. */
export function firstUnread(id) {
  const { unread = 0, read_seq = 0, preferences } = findConversation(id) ?? {};
  return preferences?.unread_from ?? (unread ? read_seq + 1 : 0);
}

let markedHere = ""; // a conversation, since it was opened

/** Marks a conversation as unread from a message on. */
export function markUnread(id, seq) {
  markedHere = id;
  return client.setPreferences(id, { unread_from: seq });
}

/** For a conversation that is opened: marks of before are seen to. */
export const forgetMark = () => (markedHere = "");

/** Who opens a conversation that they marked as unread has seen to it. What they mark after that stays. */
export function endMarkSoon(id) {
  setTimeout(() => {
    const marked = findConversation(id)?.preferences?.unread_from;
    if (marked && markedHere !== id) client.setPreferences(id, { unread_from: null }).catch(() => {});
  }, SEEN_MS);
}

import { dayOf } from "../text/time.js";

const TOGETHER_MS = 5 * 60_000; // messages of one author that are one group

/**
 * What stands below one another in a conversation: the messages, and between them days, the line above what is new, and
 * what happened to the conversation.
 *
 * @param {{
 *   messages: any[], notes: any[], pending: any[], failed: any[], unreadFrom: number, atStart: boolean, atEnd: boolean,
 * }} given ascending
 * @returns {{ key: string, kind: string, [more: string]: any }[]}
 */
export function rowsOf({ messages, notes, pending, failed, unreadFrom, atStart, atEnd, me }) {
  const rows = [];
  let before = /** @type {any} */ (null);
  let noted = 0;
  const from = messages[0]?.seq ?? 0;
  const shownNotes = notes.filter(({ at_seq }) => at_seq >= from || atStart);
  const takeNotes = (upTo) => {
    for (; noted < shownNotes.length && shownNotes[noted].at_seq < upTo; noted++) {
      rows.push({ kind: "note", key: `n${shownNotes[noted].rev}`, note: shownNotes[noted] });
      before = null;
    }
  };
  for (const message of messages) {
    takeNotes(message.seq);
    if (!before || dayOf(before.created_at) !== dayOf(message.created_at)) {
      const day = dayOf(message.created_at);
      const shown = rows.some(({ kind, at }) => kind === "day" && at === day);
      if (!shown) rows.push({ kind: "day", key: `d${day}`, at: day });
      before = null;
    }
    if (unreadFrom && message.seq >= unreadFrom && !rows.some(({ kind }) => kind === "unread")) {
      rows.push({ kind: "unread", key: "unread" });
      before = null;
    }
    rows.push({ kind: "message", key: keyOfMessage(message, me), message, first: !belongs(before, message), own: message.from === me });
    before = message;
  }
  if (!atEnd) return rows;
  takeNotes(Infinity);
  const there = new Set(messages.slice(-50).map(({ client_message_id: id }) => id));
  for (const fields of pending.filter(({ client_message_id: id }) => !there.has(id))) {
    rows.push({ kind: "pending", key: `c${fields.client_message_id}`, fields, first: before?.from !== me });
    before = { from: me };
  }
  for (const fields of failed) rows.push({ kind: "failed", key: `f${fields.client_message_id}`, fields });
  return rows;
}

/** One's own messages keep the key that they had while they were on their way. */
const keyOfMessage = ({ seq, from, client_message_id: id }, me) => (from === me && id ? `c${id}` : `s${seq}`);

function belongs(before, { from, created_at }) {
  return before?.from === from && Date.parse(created_at) - Date.parse(before.created_at) < TOGETHER_MS;
}

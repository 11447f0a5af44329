import { client, on } from "./chat.js";
import { findConversation } from "./conversations.js";
import { onEnter } from "./session.js";
import { Timeline } from "./timeline.js";

const MOST = 12; // conversations whose messages are at hand

const timelines = new Map(); // conversation id -> Timeline, the one opened last at the end

onEnter(() => timelines.clear());

export function timelineOf(id) {
  const timeline = timelines.get(id) ?? new Timeline(id);
  timelines.delete(id);
  timelines.set(id, timeline);
  if (timelines.size > MOST) timelines.delete(timelines.keys().next().value);
  return timeline;
}

/**
 * Shows a conversation: at a message, at the first unread one, or at the end. What is at hand is shown at once.
 *
 * @param {string} id
 * @param {?number} seq
 * @returns {Promise<void>}
 */
export async function showConversation(id, seq) {
  const timeline = timelineOf(id);
  const { atEnd, messages } = timeline.state.value;
  if (seq !== null) return timeline.has(seq) ? undefined : timeline.goTo(seq);
  if (atEnd && messages.length) return undefined;
  const shown = messages.length ? undefined : timeline.showKept();
  return client.online ? refresh(timeline) : shown; // when it is online, everything is looked at again
}

function refresh(timeline) {
  const conversation = findConversation(timeline.id);
  const { read_seq = 0, unread = 0, last_seq = 0, first_seq = 1 } = conversation ?? {};
  const away = unread > 0 && last_seq - read_seq > 40;
  return away ? timeline.goTo(Math.max(read_seq + 1, first_seq)) : timeline.goToEnd();
}

const each = (type, work) =>
  on(type, (detail) => timelines.get(detail.conversation_id) && work(timelines.get(detail.conversation_id), detail));

each("message", (timeline, message) => timeline.receive(message));
each("message_edited", (timeline, message) => timeline.change(message));
each("message_deleted", (timeline, message) => timeline.change(message));
each("reaction", (timeline, reaction) => timeline.react(reaction));
each("expired", (timeline, { first_seq }) => timeline.expire(first_seq));

on("reset", (detail) => {
  for (const timeline of timelines.values()) {
    if (detail && detail.conversation_id !== timeline.id) continue;
    timeline.clear();
    if (client.online || detail) timeline.goToEnd();
  }
});

/** What was shown from the browser's own store, or could not be fetched, may be old. */
on("online", () => {
  for (const timeline of timelines.values()) {
    const { messages, atEnd, failed } = timeline.state.value;
    const last = findLast(timeline.id);
    if (failed || !messages.length || (atEnd && timeline.newest < last) || !timeline.fresh) refresh(timeline);
    timeline.fresh = true;
  }
});

const findLast = (id) => client.conversations.find(({ conversation_id }) => conversation_id === id)?.last_seq ?? 0;

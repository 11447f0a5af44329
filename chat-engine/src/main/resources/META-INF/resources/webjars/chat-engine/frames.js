import { count, flag, id, ids, list, may, must, object, or, orNull, seq, shape, text, time } from "./fields.js";

/**
 * What the protocol says of frames, field by field. A field that makes no sense is left out, or gets a value that says the least; a frame
 * without the fields that it is about is passed over. So a server of another version, or a hostile one, can stop a client,
 * but not bring it into a state that it does not leave, and applications find in each field what its type says.
 */

/** Events that the client itself makes: no frame may pass for one. */
const OWN_EVENTS = new Set([
  "conversations", "sent", "refused", "outbox", "storage", "online", "offline", "loggedout", "reset", "expired", "gone", "timeline", "members",
]);

const NO_TIME = "1970-01-01T00:00:00.000Z";
const created = or(time, NO_TIME);
const yes = (value) => value === true || undefined;

const MESSAGE = {
  conversation_id: must(id), seq: must(seq), from: must(text), text: must(text), rev: may(count),
  message_id: text, client_message_id: text, created_at: created, edited_at: time, deleted: yes,
  mentions: ids, attachments: ids, attributes: object, reply_to: seq, forward_of: shape({ conversation_id: id, seq }),
  reply_preview: shape({ seq: must(seq), from: must(text), text: must(text), rev: count, edited: yes, deleted: yes }),
  reactions: list(shape({ emoji: must(id), count: must(count), me: flag })),
};
const soundMessage = shape(MESSAGE);
const changedMessage = shape({ ...MESSAGE, rev: must(seq), change: must(shape({ rev: must(seq), at_seq: count, by: text })) });

const GROUP = {
  name: text, description: orNull(text), avatar_url: orNull(text), slow_mode_seconds: orNull(count), history: orNull(text),
};
const change = shape({
  ...GROUP, kind: must(text), rev: must(count), at_seq: count, by: text, username: text, usernames: ids, count, role: text, seq,
  until: orNull(time), first_seq: seq, retention_seconds: orNull(count),
});

const PREFERENCES = {
  muted_until: or(time, null), archived: or(flag, false), archived_at_seq: or(count, null), pinned: or(flag, false), unread_from: or(seq, null),
  version: must(count),
};
const PRESENCE = { username: must(text), online: or(flag, false), last_seen_at: time };
const PRIVACY = { last_seen: text, read_receipts: flag };
const announcement = shape({ id: must(id), text: must(text), kind: or(text, "info"), at: created, until: must(time) });

const RULES = {
  message: soundMessage,
  message_edited: changedMessage,
  message_deleted: changedMessage,
  reaction: shape({ conversation_id: must(id), seq: must(seq), rev: must(seq), emoji: must(id), username: must(text), count: must(count), on: or(flag, false) }),
  receipt: shape({ conversation_id: must(id), username: must(text), seq: must(count), kind: text }),
  preferences: shape({ ...PREFERENCES, conversation_id: must(id) }),
  conversation: shape({ ...GROUP, conversation_id: must(id), kind: must(text), peers: ids, change: may(change) }),
  typing: shape({ conversation_id: must(id), username: must(text), on: or(flag, false) }),
  presence: shape(PRESENCE),
  privacy: shape(PRIVACY),
  announcement,
  announcement_withdrawn: shape({ id: must(id) }),
};

/**
 * An event that can be worked on; undefined if it cannot. One of a type that is not known here is for the application to look at.
 *
 * @param {any} frame
 */
export function soundEvent(frame) {
  const { type } = frame;
  if (!id(type) || OWN_EVENTS.has(type)) return undefined;
  return Object.hasOwn(RULES, type) ? RULES[type](frame) : frame;
}

/** How a conversation stands: what an older server does not tell is added. */
const STATE = {
  ...GROUP, conversation_id: must(id), kind: must(text), peer: text, role: text,
  last_seq: or(count, 0), read_seq: or(count, 0), unread: or(count, 0), unread_mentions: count,
  first_seq: seq, retention_seconds: orNull(count), last_message: soundMessage, pinned: list(seq), preferences: shape(PREFERENCES),
};

/** What a sync says of a conversation: how it stands, and what has happened since the cursor. */
const news = shape({
  ...STATE, rev: or(count, 0), has_more: flag, reset: flag, missed: list(soundMessage), changes: list(shape({ ...MESSAGE, rev: must(seq) })),
});

const USERS = { users: or(list(shape(PRESENCE)), []) };
const somebody = list(shape({ username: must(id), requested_at: time }));
const named = shape({ conversation_id: must(id) });

/** The answers to requests, by the type of these. Lists are there, be they empty. */
const ANSWERS = {
  sync: shape({ conversations: or(list(news), []), gone: or(ids, []) }),
  send: shape({ message_id: text, conversation_id: must(id), seq: must(seq), created_at: created, duplicate: flag }),
  react: shape({ rev: must(count), count: must(count) }),
  history: shape({ messages: or(list(soundMessage), []) }),
  search: shape({
    messages: or(list(shape({ ...MESSAGE, highlights: or(list(shape({ start: must(count), end: must(count) })), []) })), []),
  }),
  pins: shape({ pins: or(list(shape({ message: must(soundMessage), pinned_by: text, pinned_at: time })), []) }),
  edits: shape({ versions: or(list(shape({ version: must(count), text: must(text), written_at: created })), []) }),
  reactions: shape({ reactions: or(list(shape({ username: must(id), emoji: ids })), []) }),
  members: shape({
    members: or(list(shape({ username: must(id), role: or(text, "member"), received_seq: or(count, 0), read_seq: count, joined_at: time })), []),
  }),
  bans: shape({ bans: or(list(shape({ username: must(id), until: orNull(time) })), []) }),
  invites: shape({ invites: or(list(shape({ invite_id: must(id), by: text, expires_at: orNull(time) })), []) }),
  create_group: named,
  join: named,
  profiles: shape({ profiles: or(list(shape({ username: must(id), display_name: orNull(text), avatar_url: orNull(text), bot: flag })), []) }),
  presence: shape(USERS),
  contacts: shape(USERS),
  contact_requests: shape({ received: or(somebody, []), sent: or(somebody, []) }),
  blocked: shape({ usernames: or(ids, []) }),
  privacy: shape(PRIVACY),
  set_privacy: shape(PRIVACY),
  preferences: shape(PREFERENCES),
};

/**
 * The answer to a request of a type; undefined if it does not answer it.
 *
 * @param {string} type
 * @param {any} answer
 */
export function soundAnswer(type, answer) {
  return Object.hasOwn(ANSWERS, type) ? ANSWERS[type](answer) : answer;
}

/** What an archive has of a conversation, which another version may have written; undefined if that is of no use. */
export const soundRecord = shape({
  conversation: must(shape({ ...STATE, pinned: or(list(seq), []), preferences: must(shape(PREFERENCES)) })),
  cursor: must(shape({ seq: must(count), rev: must((rev) => (Number.isSafeInteger(rev) ? rev : undefined)) })),
  messages: or(list(soundMessage), []),
  changes: or(list(shape({ at: created, change: must(change) })), []),
});

/** The announcements of a welcome. @returns {any[]} */
export const soundAnnouncements = or(list(announcement), []);

/** Code and text of an error, which may be of a kind that is not known here. */
export const soundError = ({ code, message }) => ({ code: id(code) ?? "internal", message: text(message) ?? "" });

/**
 * A number within bounds; undefined if it is none.
 *
 * @param {unknown} value
 * @param {number} least
 * @param {number} most
 */
export function within(value, least, most) {
  return typeof value === "number" && !Number.isNaN(value) ? Math.min(Math.max(value, least), most) : undefined;
}

/** The limits of a welcome, without those that are no numbers. */
export function soundLimits(limits) {
  const entries = limits && typeof limits === "object" ? Object.entries(limits) : [];
  return Object.fromEntries(entries.filter(([, value]) => typeof value !== "number" || seq(value)));
}

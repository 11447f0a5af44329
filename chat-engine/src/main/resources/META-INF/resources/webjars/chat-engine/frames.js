/**
 * Whether what a server sends is what the protocol says. A frame that is not is passed over, and so are numbers out of
 * range: a server of another version, or a hostile one, can stop a client, but not bring it into a state that it does not leave.
 */

/** Events that the client itself makes: no frame may pass for one. */
const OWN_EVENTS = new Set([
  "conversations", "sent", "refused", "outbox", "storage", "online", "offline", "loggedout", "reset", "expired", "gone", "timeline", "receipts",
]);

const isText = (value) => typeof value === "string";
const isId = (value) => isText(value) && value !== "";
const isCount = (value) => Number.isSafeInteger(value) && value >= 0;
const isSeq = (value) => isCount(value) && value > 0;
const isChange = (change) => !!change && isText(change.kind) && isCount(change.rev);

function isMessage(message) {
  const { conversation_id, seq, from, text, rev = 0, reactions = [], mentions = [] } = message ?? {};
  return isId(conversation_id) && isSeq(seq) && isText(from) && isText(text) && isCount(rev)
    && Array.isArray(reactions) && reactions.every((one) => isText(one?.emoji) && isCount(one.count)) && Array.isArray(mentions);
}

const isChangedMessage = (frame) => isMessage(frame) && isSeq(frame.rev) && isSeq(frame.change?.rev);

const RULES = {
  message: isMessage,
  message_edited: isChangedMessage,
  message_deleted: isChangedMessage,
  reaction: ({ conversation_id, seq, rev, emoji, username, count }) =>
    isId(conversation_id) && isSeq(seq) && isSeq(rev) && isId(emoji) && isText(username) && isCount(count),
  receipt: ({ conversation_id, username, seq }) => isId(conversation_id) && isText(username) && isCount(seq),
  preferences: ({ conversation_id, version }) => isId(conversation_id) && isCount(version),
  conversation: ({ conversation_id, kind, peers = [], change }) =>
    isId(conversation_id) && isText(kind) && Array.isArray(peers) && (!change || isChange(change)),
  typing: ({ conversation_id, username }) => isId(conversation_id) && isText(username),
  presence: ({ username }) => isText(username),
};

/** Whether an event can be worked on. One of a type that is not known here is for the application to look at. */
export function isSound(frame) {
  const { type } = frame;
  return isId(type) && !OWN_EVENTS.has(type) && (!Object.hasOwn(RULES, type) || RULES[type](frame));
}

/** The messages of an answer, without those that are none. */
export function soundMessages(messages) {
  return Array.isArray(messages) ? messages.filter(isMessage) : [];
}

/**
 * How a server says that conversations stand: what an older one does not tell is added, what makes no sense is left out.
 *
 * @returns {object[]}
 */
export function soundStates(states) {
  if (!Array.isArray(states)) return [];
  return states.filter((state) => isId(state?.conversation_id) && isText(state.kind)).map((state) => ({
    ...state,
    last_seq: countOr(state.last_seq, 0),
    read_seq: countOr(state.read_seq, 0),
    unread: countOr(state.unread, 0),
    rev: countOr(state.rev, 0),
    ...(state.last_message && { last_message: soundMessages([state.last_message])[0] }),
    ...(state.missed && { missed: soundMessages(state.missed) }),
    ...(state.changes && { changes: soundMessages(state.changes).filter(({ rev }) => isSeq(rev)) }),
    ...(state.pinned && { pinned: Array.isArray(state.pinned) ? state.pinned.filter(isSeq) : [] }),
  }));
}

const countOr = (value, otherwise) => (isCount(value) ? value : otherwise);

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
  return Object.fromEntries(entries.filter(([, value]) => typeof value !== "number" || isSeq(value)));
}

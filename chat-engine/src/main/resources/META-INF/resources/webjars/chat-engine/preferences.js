/**
 * How this user sees the conversations. Events, answers and syncs may overtake one another: of two states the one with
 * the higher version holds.
 */

export const NONE = Object.freeze({
  muted_until: null, archived: false, archived_at_seq: null, pinned: false, unread_from: null, version: 0,
});

/** The preferences of a frame or of a state, as they are when the conversation has come to this seq. */
export function preferencesAt({ muted_until, archived, archived_at_seq, pinned, unread_from, version }, lastSeq) {
  const inArchive = archived && lastSeq <= archived_at_seq; // the next message takes it out
  return {
    muted_until, archived: inArchive, archived_at_seq: inArchive ? archived_at_seq : null, pinned, unread_from, version,
  };
}

/** The seq of the first unread message of a conversation; 0 if nothing is unread. */
export function firstUnread({ unread = 0, read_seq = 0, preferences }) {
  return preferences?.unread_from ?? (unread ? read_seq + 1 : 0);
}

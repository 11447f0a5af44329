/**
 * The seqs of the pinned messages of a conversation, those that were pinned last first, after a change: an event
 * `conversation` of the kind `pinned` or `unpinned`, or `message_deleted`.
 *
 * @param {number[]} pinned
 * @param {{ on: boolean, seq: number }} change
 * @returns {number[]}
 */
export function withPin(pinned, { on, seq }) {
  if (!on && !pinned.includes(seq)) return pinned;
  const others = pinned.filter((other) => other !== seq);
  return on ? [seq, ...others] : others;
}

/** What a frame says of the pins: { on, seq, rev }, or undefined. */
export function pinChange({ type, seq, change }) {
  if (type === "message_deleted") return { on: false, seq, rev: change.rev };
  if (change?.kind !== "pinned" && change?.kind !== "unpinned") return undefined;
  return { on: change.kind === "pinned", seq: change.seq, rev: change.rev };
}

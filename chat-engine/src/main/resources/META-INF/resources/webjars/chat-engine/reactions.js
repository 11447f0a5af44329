/**
 * The reactions of a message as a reader sees them: [{ emoji, count, me }]. Events are the same for all readers, so
 * they do not say which reactions are the reader's; it follows from what was read before, and from the events about
 * the reader's own reactions.
 */

/**
 * A message after the event `reaction`.
 *
 * @template {{ rev?: number, reactions?: any[] }} M
 * @param {M} message
 * @param {{ rev: number, emoji: string, on: boolean, count: number, me: boolean }} reaction
 * @returns {M}
 */
export function withReaction(message, { rev, emoji, on, count, me }) {
  const isNews = rev > (message.rev ?? 0); // else its count is in the message already, or a later one
  const reactions = (message.reactions ?? []).map((one) => ({ ...one }));
  let found = reactions.find((one) => one.emoji === emoji);
  if (!found && isNews && count > 0) reactions.push((found = { emoji, count, me: false }));
  if (found && isNews) found.count = count;
  if (found && me) found.me = on;
  return withReactions(message, reactions.filter((one) => one.count > 0), isNews ? rev : message.rev);
}

/**
 * A later state of a message: where it does not say which reactions are the reader's, those stay so.
 *
 * @template {{ rev?: number, reactions?: any[] }} M
 * @param {M} message
 * @param {{ reactions?: any[] }} before
 * @returns {M}
 */
export function withOwnReactions(message, before) {
  if (!message.reactions) return message;
  const own = new Set((before.reactions ?? []).filter(({ me }) => me).map(({ emoji }) => emoji));
  const reactions = message.reactions.map((one) => ({ ...one, me: one.me ?? own.has(one.emoji) }));
  return withReactions(message, reactions, message.rev);
}

/** @returns {any} of the type of the message */
function withReactions(message, reactions, rev) {
  const { reactions: before, ...changed } = message;
  if (rev !== undefined) changed.rev = rev;
  return reactions.length ? { ...changed, reactions } : changed;
}

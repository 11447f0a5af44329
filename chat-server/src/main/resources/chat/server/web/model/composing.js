import { Cell, put } from "./cell.js";
import { client, on } from "./chat.js";
import { members } from "./members.js";

/** key of a conversation -> { reply } or { edit }: the message that is answered or edited */
export const composing = new Cell(new Map());

export const startReply = (key, reply) => put(composing, key, { reply });
export const startEdit = (key, edit) => put(composing, key, { edit });
export const endComposing = (key) => put(composing, key, undefined);

on("message_deleted", ({ conversation_id: id, seq }) => {
  const { reply, edit } = composing.value.get(id) ?? {};
  if ((reply ?? edit)?.seq === seq) endComposing(id);
});

/** Whether a text has @name in it, and not as the beginning of a longer name. */
function names(text, name) {
  return text.split(`@${name}`).slice(1).some((rest) => !/^[\p{L}\p{N}_-]/u.test(rest));
}

/** The members whom a text names. */
export function mentionsIn(text, { conversation_id: id, peer }) {
  const candidates = members.value.get(id)?.map(({ username }) => username) ?? [peer];
  return candidates.filter((name) => name && name !== client.user && names(text, name)).slice(0, client.limits?.max_mentions ?? 50);
}

/** Keeps the mentions that the text still names. */
export function edit({ conversation_id, seq, text: before, mentions = [], attributes }, text) {
  const kept = mentions.filter((name) => names(text, name) || !names(before, name));
  const all = [...new Set([...kept, ...mentionsIn(text, { conversation_id })])];
  return client.edit({ conversation_id, seq, text, mentions: all, attributes });
}

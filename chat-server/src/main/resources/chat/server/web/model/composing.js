import { Cell, put } from "./cell.js";
import { client, on, whenOnline } from "./chat.js";
import { draftOf, giveBack, setDraft } from "./drafts.js";
import { members } from "./members.js";
import { onEnter } from "./session.js";

/** key of a conversation -> { reply } or { edit }: the message that is answered or edited. It outlives a reload, as drafts do. */
export const composing = new Cell(new Map());

onEnter(() => (composing.value = new Map()));

const itemOf = (key) => `composing ${key}`;

export function startReply(key, reply) {
  begin(key, { reply: essential(reply) });
}

export function startEdit(key, edit) {
  begin(key, { edit: essential(edit), text: edit.text });
}

function begin(key, state) {
  const unsaved = unsavedIn(key);
  keep(key, state);
  put(composing, key, state);
  if (unsaved) giveBack(key, unsaved);
}

/** What an edit has made of a text, if it is another one. */
function unsavedIn(key) {
  const { edit } = composing.value.get(key) ?? {};
  const text = edit && writtenIn(key);
  return text !== edit?.text ? text : "";
}

const keep = (key, state) => setDraft(itemOf(key), state && JSON.stringify(state));

/** What the composer shows of a message, and an edit starts from. */
const essential = ({ conversation_id, seq, from, text, mentions, attributes, attachments }) =>
  ({ conversation_id, seq, from, text, mentions, attributes, attachments });

/** Takes up what this user was about when the page was left. */
export function resumeComposing(key) {
  if (composing.value.has(key)) return;
  const state = kept(key);
  if (typeof (state?.edit ?? state?.reply)?.text === "string") put(composing, key, state);
}

function kept(key) {
  try {
    return JSON.parse(draftOf(itemOf(key)) || "null");
  } catch {
    return null; // somebody else has written it
  }
}

/** What is written where one writes: while a message is edited that is not the draft. */
export const writtenIn = (key) => (composing.value.get(key)?.edit ? kept(key)?.text ?? composing.value.get(key).edit.text : draftOf(key));

export function write(key, text) {
  const { edit } = composing.value.get(key) ?? {};
  if (edit) keep(key, { edit, text });
  else setDraft(key, text);
}

export function endComposing(key) {
  keep(key, "");
  put(composing, key, undefined);
}

on("message_deleted", ({ conversation_id: id, seq }) => {
  resumeComposing(id);
  const { reply, edit } = composing.value.get(id) ?? {};
  if ((reply ?? edit)?.seq !== seq) return;
  const unsaved = unsavedIn(id);
  endComposing(id);
  if (unsaved) giveBack(id, unsaved); // there is nothing to edit any more
});

/** Whether a text has @name in it, and not as the beginning of a longer name. */
function names(text, name) {
  return text.split(`@${name}`).slice(1).some((rest) => !/^[\p{L}\p{N}_-]/u.test(rest));
}

/** The members whom a text names. */
export function mentionsIn(text, { conversation_id: id, peer }) {
  if (!text.includes("@")) return [];
  const candidates = members.value.get(id)?.map(({ username }) => username) ?? [peer];
  return candidates.filter((name) => name && name !== client.user && names(text, name)).slice(0, client.limits?.max_mentions ?? 50);
}

/** Keeps the mentions that the text still names. */
export async function edit({ conversation_id, seq, text: before, mentions = [], attributes }, text) {
  await whenOnline();
  const kept = mentions.filter((name) => names(text, name) || !names(before, name));
  const all = [...new Set([...kept, ...mentionsIn(text, { conversation_id })])];
  return client.edit({ conversation_id, seq, text, mentions: all, attributes });
}

import { newMessageId } from "../chat-client.js";
import { Cell } from "./cell.js";
import { client, on } from "./chat.js";
import { composing, startReply } from "./composing.js";
import { conversationWith } from "./conversations.js";
import { giveBack, moveDraft } from "./drafts.js";
import { replaceRoute, route } from "./route.js";
import { onEnter } from "./session.js";
import { messageAt } from "./timelines.js";
import { toast } from "./toasts.js";
import { addUploaded } from "./uploads.js";

/** What the client has not sent yet, in order: the fields of `send`, and a `state`: "waiting" or "failed" with an `error`. */
export const outbox = new Cell([]);

/** Whether an entry goes to what is open: it may name a conversation by its user, which had no id yet. */
export const goesTo = ({ conversation_id: id, to }, here, peer) => (id ? id === here.conversation_id : to === peer);

function take() {
  const entries = client.outbox;
  if (entries.length || outbox.value.length) outbox.value = entries;
}

let sending = ""; // the id of what is just being given to the client
let refusal = /** @type {any} */ (null);

/**
 * Sends; the outbox tells what becomes of it.
 *
 * @returns {any} null, or why the client does not even take it: then only the caller has it
 */
export function send(fields) {
  sending = newMessageId();
  refusal = null;
  client.send({ client_message_id: sending, ...fields }).catch(() => {});
  sending = "";
  take();
  return refusal;
}

/** Puts what was not sent back to where it was written: the text, the files, and what it answers. */
export function putBack(key, { text = "", attachments = [], reply_to: seq }) {
  giveBack(key, text);
  addUploaded(key, attachments);
  const answered = seq && messageAt(key, seq);
  if (answered && !composing.value.has(key)) startReply(key, answered);
}

let homeless = []; // fields of messages that nobody has any more

on("refused", ({ fields, error }) => {
  if (fields.client_message_id === sending) refusal = error;
  if (client.outbox.some(({ client_message_id: id }) => id === fields.client_message_id)) {
    refusal = null; // it is shown as failed
  } else if (!sending) {
    if (!homeless.length) queueMicrotask(putAllBack);
    homeless.push(fields);
  }
});

function putAllBack() {
  const all = homeless.reverse(); // each goes before what is there
  homeless = [];
  for (const fields of all) putBack(fields.conversation_id ?? conversationWith(fields.to)?.conversation_id ?? `@${fields.to}`, fields);
  const isForward = ({ text, attachments, forward_of: forward }) => forward && !text && !attachments?.length;
  if (all.some(isForward)) toast("A message that you forwarded was not sent. Forward it again.", true);
  if (!all.every(isForward)) toast("What was not sent yet is back where you wrote it.", true);
}

export const retry = (id) => client.retry(id).catch(() => {});

export const discard = (id) => client.drop(id);

onEnter(take);
for (const event of ["outbox", "message", "refused", "online", "offline"]) on(event, take);

on("sent", ({ fields: { to }, reply }) => {
  take();
  if (!to) return;
  moveDraft(`@${to}`, reply.conversation_id);
  if (route.value.peer === to) replaceRoute(reply.conversation_id);
});

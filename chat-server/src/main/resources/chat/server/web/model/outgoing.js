import { Cell } from "./cell.js";
import { client, on } from "./chat.js";
import { moveDraft } from "./drafts.js";
import { replaceRoute, route } from "./route.js";
import { onEnter } from "./session.js";

/** What the client has not sent yet, in order: the fields of `send`, and a `state`: "waiting" or "failed" with an `error`. */
export const outbox = new Cell([]);

/** Whether an entry goes to what is open: it may name a conversation by its user, which had no id yet. */
export const goesTo = ({ conversation_id: id, to }, here, peer) => (id ? id === here.conversation_id : to === peer);

function take() {
  const entries = client.outbox;
  if (entries.length || outbox.value.length) outbox.value = entries;
}

/** Sends; the outbox tells what becomes of it. */
export function send(fields) {
  client.send(fields).catch(() => {});
  take();
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

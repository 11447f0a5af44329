import { Cell } from "./cell.js";
import { onEnter } from "./session.js";
import { browserTexts } from "./storage.js";

/**
 * What this user has typed and not sent, for each conversation. It outlives a reload. Conversations are named by their
 * id, or by "@" and the other user while there is none.
 */

/** Counts the drafts that began or ended: for the list of conversations. */
export const draftsChanged = new Cell(0);

let user = ""; // who is in, or was until the login was ended elsewhere

onEnter((username) => (user = username));

const item = (key) => `chat-draft/${encodeURIComponent(user)}/${key}`;

export const draftOf = (key) => browserTexts.getItem(item(key)) ?? "";

export function setDraft(key, text) {
  const before = draftOf(key);
  if (text) browserTexts.setItem(item(key), text);
  else browserTexts.removeItem(item(key));
  if (!before !== !text) draftsChanged.value++;
}

/** Puts a text that was not sent before what is there, and before the eyes of who writes there. */
export function giveBack(key, text) {
  const draft = draftOf(key);
  setDraft(key, text && draft ? `${text}\n${draft}` : text || draft);
  dispatchEvent(new CustomEvent("chat-draft", { detail: key }));
}

/** The conversation has got its id. */
export function moveDraft(from, to) {
  const text = draftOf(from);
  setDraft(from, "");
  if (text) giveBack(to, text);
}

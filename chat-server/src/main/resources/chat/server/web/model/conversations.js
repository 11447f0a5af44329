import { Cell } from "./cell.js";
import { client, on } from "./chat.js";
import { inNextFrame } from "./frame.js";
import { nameOf } from "./people.js";
import { onEnter } from "./session.js";

const FOR_GOOD = "9999-12-31T23:59:59.999Z";

/** As the client has them, which keeps them over a reload. */
export const conversations = new Cell([]);

/** Whether the list is as the server has it: what is not in it is not this user's to see. */
export const isListKnown = new Cell(false);

export const findConversation = (id) => conversations.value.find(({ conversation_id }) => conversation_id === id);
export const conversationWith = (peer) => conversations.value.find((one) => one.kind === "direct" && one.peer === peer);

/** The client changes its objects; views compare. */
function take() {
  conversations.value = client.conversations.map((one) => ({ ...one }));
  if (client.online) isListKnown.value = true;
}

/** Many events at once are drawn once. */
const takeSoon = () => inNextFrame(take);

on("conversations", takeSoon);
on("online", takeSoon);
on("message", takeSoon);
on("receipt", takeSoon);

onEnter(() => {
  isListKnown.value = false;
  take();
});

export const isMuted = ({ preferences }) => !!preferences?.muted_until && Date.parse(preferences.muted_until) > client.now();
export const isArchived = ({ preferences }) => !!preferences?.archived;
export const isPinned = ({ preferences }) => !!preferences?.pinned;

/** A kind that is not known here is shown as a group is. */
export const titleOf = ({ kind, name, peer }) => (kind === "direct" ? nameOf(peer) : name ?? "Group");

/** When something last happened in it. */
const time = ({ last_message }) => last_message?.created_at ?? "";

/** The pinned ones first, and of those and of the others the latest first. */
export function inOrder(list) {
  return [...list].sort((a, b) => Number(isPinned(b)) - Number(isPinned(a)) || time(b).localeCompare(time(a)));
}

/** What calls for attention, in all: what is muted does only where somebody is mentioned. */
export function attention(list) {
  return list.reduce((sum, one) => sum + (isMuted(one) ? one.unread_mentions : one.unread || (one.preferences?.unread_from ? 1 : 0)), 0);
}

export const mute = (one, untilTime = FOR_GOOD) => client.setPreferences(one.conversation_id, { muted_until: untilTime });
export const unmute = (one) => client.setPreferences(one.conversation_id, { muted_until: null });
export const archive = (one, archived) => client.setPreferences(one.conversation_id, { archived });
export const pinConversation = (one, pinned) => client.setPreferences(one.conversation_id, { pinned });
export const markAllRead = (one) => client.read(one.conversation_id, one.last_seq);

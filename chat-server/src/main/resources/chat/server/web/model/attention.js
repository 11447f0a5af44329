import { Cell } from "./cell.js";
import { client, on } from "./chat.js";
import { attention, conversations, findConversation, isMuted, titleOf } from "./conversations.js";
import { inNextFrame } from "./frame.js";
import { nameOf } from "./people.js";
import { openConversation, route } from "./route.js";

/** What has just come in the open conversation, in words: what a screen reader says once. */
export const announced = new Cell("");

const MOST_SPOKEN = 300;
const MOST_AT_ONCE = 5; // more are counted: nobody listens that fast
let toAnnounce = [];

// ---- the title and the icon of the page

let counted = -1;
conversations.follow((list) => {
  const count = attention(list);
  if (count === counted) return; // the system is told at a price
  counted = count;
  document.title = count ? `(${count}) Chat` : "Chat";
  if (count) navigator.setAppBadge?.(count).catch(() => {});
  else navigator.clearAppBadge?.().catch(() => {});
});

// ---- notifications that are shown

let looked = "";
conversations.follow((list) => {
  const now = `${list.length} ${list.filter(({ unread }) => unread).map(({ conversation_id }) => conversation_id)}`;
  if (now === looked) return;
  looked = now;
  closeRead().catch(() => {});
});

/** Takes back those of conversations that were read, here or on another device. */
async function closeRead() {
  const registration = await navigator.serviceWorker?.getRegistration();
  for (const shown of (await registration?.getNotifications()) ?? []) {
    if (findConversation(shown.tag)?.unread === 0) shown.close();
  }
}

// ---- messages that come in

on("message", (message) => {
  if (message.from === client.user || !client.online) return; // what was missed is counted, not told
  const isOpen = route.value.conversation_id === message.conversation_id;
  if (isOpen) {
    toAnnounce.push(message);
    inNextFrame(announce);
  }
  if (!isOpen || document.hidden) notify(message);
});

function announce() {
  const messages = toAnnounce;
  toAnnounce = [];
  const words = messages.slice(0, MOST_AT_ONCE).map((message) => `${nameOf(message.from)}: ${textOf(message).slice(0, MOST_SPOKEN)}`);
  announced.value = messages.length > MOST_AT_ONCE ? `${messages.length} new messages` : words.join("\n");
}

export function textOf({ deleted, text, attachments }) {
  if (deleted) return "Message deleted";
  if (text) return text;
  return attachments?.length > 1 ? `${attachments.length} files` : "File";
}

async function notify(message) {
  const conversation = findConversation(message.conversation_id) ?? {};
  if (globalThis.Notification?.permission !== "granted" || !document.hidden || isMuted(conversation)) return;
  const isGroup = conversation.kind === "group";
  const options = {
    body: isGroup ? `${nameOf(message.from)}: ${textOf(message)}` : textOf(message),
    tag: message.conversation_id,
    icon: "/favicon.svg",
    data: { conversation_id: message.conversation_id },
  };
  const title = isGroup ? titleOf(conversation) : nameOf(message.from);
  const registration = await navigator.serviceWorker?.getRegistration();
  if (registration) return registration.showNotification(title, options);
  const shown = new Notification(title, options);
  shown.onclick = () => {
    window.focus();
    openConversation(message.conversation_id);
  };
}

navigator.serviceWorker?.addEventListener("message", ({ data }) => {
  if (data?.conversation_id) openConversation(data.conversation_id);
});

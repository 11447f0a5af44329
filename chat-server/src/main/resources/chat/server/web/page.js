// The page: who can be talked to on the left, one conversation on the right. What it knows of
// conversations it asks of the client; of its own it has the contacts, the drafts and what is on the screen.

import { ChatClient, newMessageId } from "./chat-client.js";
import { Drafts } from "./drafts.js";
import { MessageList } from "./message-list.js";
import { callsForAttention, inOrder, isArchived, marks, menu, unreadOf } from "./own-view.js";

const PAGE = 50;
const MOST_NAMES = 20; // of those who react
const TYPING_MS = 3_000; // others see it cease after six seconds
const TYPING_LOST_MS = 7_000; // the server tells the end after six, unless that event is lost
const PARTING_WORDS = "chat-parting-words"; // what the door says after a reload

const client = new ChatClient();
const $ = (id) => document.getElementById(id);
const field = $("write").elements.text;
const contacts = new Map(); // username -> online
const list = new MessageList($("messages"), $("news"), {
  username: () => client.username,
  seen: markRead,
  edit: (message, text) => attempt(() => edit(message, text)),
  answer: (message) => {
    answer(message);
    field.focus();
  },
  goTo: (seq) => list.goTo(seq),
  remove: ({ conversation_id, seq }) => attempt(() => client.delete({ conversation_id, seq })),
  react: ({ conversation_id, seq }, emoji, on) => attempt(() => client.react({ conversation_id, seq, emoji, on })),
  whoReacts: ({ conversation_id, seq }, emoji) =>
    client.reactions({ conversation_id, seq, emoji, limit: MOST_NAMES }).catch(() => undefined),
});
let drafts = null;
let open = null; // { conversation_id } or, before its first message, { to }
let answered = null; // the message that is being answered
let typedAt = 0;
let typing = new Map(); // username -> timer, in the open conversation

function element(tag, text, className = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  made.className = className;
  return made;
}

// ---- what the page says, each kind at its own place

/** Shows what went wrong in place of throwing it at nobody. */
async function attempt(work) {
  showError("");
  try {
    return await work();
  } catch (error) {
    showError(error.message);
  }
}

function showError(text) {
  $("error").textContent = text;
}

function showStatus(text) {
  $("status").textContent = text;
}

// ---- the list of talks

/** Conversations in the order of this user's view, and then the contacts with whom there is none yet. */
function talks() {
  const conversations = inOrder(client.conversations);
  const known = new Set(conversations.map((conversation) => conversation.peer));
  const others = [...contacts.keys()].filter((name) => !known.has(name)).sort();
  return [...conversations, ...others.map((peer) => ({ peer, unread: 0 }))];
}

function isOpen({ conversation_id, peer }) {
  if (!open) return false;
  return open.conversation_id ? open.conversation_id === conversation_id : open.to === peer;
}

function drawTalks() {
  const all = talks();
  const archived = all.filter(isArchived);
  $("talks").replaceChildren(...all.filter((talk) => !isArchived(talk)).map(drawTalk));
  $("archived").replaceChildren(...archived.map(drawTalk));
  $("archive").hidden = !archived.length;
  const unread = client.conversations.filter(callsForAttention).reduce((sum, { unread }) => sum + unread, 0);
  document.title = unread ? `(${unread}) Chat` : "Chat";
  drawMenu();
}

function drawTalk(talk) {
  const button = document.createElement("button");
  const name = element("span", talk.peer ?? talk.name);
  if (contacts.get(talk.peer)) name.append(element("span", " ●", "dot"));
  name.append(element("span", marks(talk), "marks"));
  const badge = callsForAttention(talk) ? "badge" : "badge quiet";
  button.append(name, unreadOf(talk) ? element("span", `${talk.unread_mentions ? "@ " : ""}${unreadOf(talk)}`, badge) : "");
  const { text = talk.peer ? "" : "group", deleted } = talk.last_message ?? {};
  button.append(element("small", deleted ? "deleted" : text));
  if (isOpen(talk)) button.setAttribute("aria-current", "true");
  button.onclick = () => attempt(() => show(talk));
  const item = document.createElement("li");
  item.append(button);
  return item;
}

/** Of the open conversation, once it has begun. */
function drawMenu() {
  const talk = client.conversations.find(({ conversation_id }) => conversation_id === open?.conversation_id);
  $("menu").hidden = !talk;
  if (talk) $("choices").replaceChildren(...menu(talk, (edit) => attempt(() => prefer(talk, edit))));
}

async function prefer({ conversation_id }, edit) {
  $("menu").open = false;
  if (edit.unread_from) leave(); // what is on the screen would be read at once
  await client.setPreferences(conversation_id, edit);
}

async function loadContacts() {
  const { users } = await client.request("contacts");
  for (const { username, online } of users) contacts.set(username, online);
  drawTalks();
}

// ---- the open conversation

/** What a draft is kept under. */
const draftOf = ({ conversation_id, to }) => conversation_id ?? begunWith(to)?.conversation_id ?? `@${to}`;
const begunWith = (name) => client.conversations.find(({ peer }) => peer === name);

async function show(talk) {
  if (talk.conversation_id && talk.peer) drafts.move(`@${talk.peer}`, talk.conversation_id); // it has begun meanwhile
  open = talk.conversation_id ? { conversation_id: talk.conversation_id } : { to: talk.peer };
  typedAt = 0;
  $("title").textContent = talk.peer ?? talk.name;
  $("members").textContent = "";
  $("invite").hidden = talk.kind !== "group";
  $("write").hidden = false;
  list.clear();
  forgetTyping();
  answer(null);
  write(drafts.get(draftOf(open)));
  field.focus();
  drawTalks();
  showPending();
  await fill(open);
}

function leave() {
  open = null;
  $("title").textContent = "Choose whom to talk to";
  $("members").textContent = "";
  $("write").hidden = $("invite").hidden = true;
  list.clear();
  forgetTyping();
  drawTalks();
}

function showPending() {
  client.outbox.filter(isForOpen).forEach((message) => list.addPending(message));
}

/** Without a connection it is filled when there is one again. */
async function fill(here) {
  if (!here?.conversation_id || !client.online) return;
  try {
    if (!$("invite").hidden) showMembers(here).catch(() => {});
    const request = { conversation_id: here.conversation_id, limit: PAGE };
    const { messages, has_more } = await client.request("history", request);
    if (open !== here) return;
    list.addPage(messages, has_more, () => attempt(loadEarlier));
    markRead();
  } catch (error) {
    if (client.online) throw error;
  }
}

async function loadEarlier() {
  const here = open;
  const request = { conversation_id: here.conversation_id, before: list.oldest, limit: PAGE };
  const { messages, has_more } = await client.request("history", request);
  if (open === here) list.addPage(messages, has_more, () => attempt(loadEarlier));
}

async function showMembers(here) {
  const { rev, members } = await client.request("members", { conversation_id: here.conversation_id });
  if (open !== here || rev < here.membersRev) return; // an answer that a newer one overtook
  here.membersRev = rev;
  here.members = members.map(({ username }) => username);
  $("members").textContent = here.members.join(", ");
}

/** Reads what is on the screen, and not what lies below it. */
function markRead() {
  if (document.hidden || !open?.conversation_id || !list.atBottom || !list.newest) return;
  client.read(open.conversation_id, list.newest).catch(() => {});
}

/** The first message between two users, from whichever side, gives their conversation its id. */
function begin(conversationId) {
  drafts.move(`@${open.to}`, conversationId);
  open.conversation_id = conversationId;
  open.to = undefined;
}

// ---- writing

const isForOpen = (message) => !!open && draftOf(message) === draftOf(open);

function write(text) {
  field.value = text;
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight + 2}px`; // and its border
}

/** Whether a text has @name in it, and not as the beginning of a longer name. */
function names(text, name) {
  const after = text.split(`@${name}`).slice(1);
  return after.some((rest) => !/^[\p{L}\p{N}_-]/u.test(rest));
}

/** The members whom a text names. */
function mentionsIn(text) {
  const members = open.members ?? [client.conversations.find(isOpen)?.peer ?? open.to];
  return members.filter((name) => name && names(text, name)).slice(0, 64);
}

/** Keeps the mentions that the text still names. */
function edit({ conversation_id, seq, text: before, mentions = [], attributes }, text) {
  const kept = mentions.filter((name) => names(text, name) || !names(before, name));
  return client.edit({ conversation_id, seq, text, mentions: [...new Set([...kept, ...mentionsIn(text)])], attributes });
}

/** Says above the field what is answered; null for nothing. */
function answer(message) {
  answered = message;
  $("answering").hidden = !message;
  $("answering").querySelector("span").textContent = message ? `${message.from}: ${message.text}` : "";
}

function send(text) {
  const { conversation_id, to } = open;
  const message = { conversation_id, to, client_message_id: newMessageId(), text };
  const mentions = mentionsIn(text);
  if (mentions.length) message.mentions = mentions;
  if (answered) message.reply_to = answered.seq;
  answer(null);
  list.addPending(message);
  client.send(message).catch(() => {}); // the event tells
}

client.addEventListener("sent", ({ detail: { fields, reply } }) => {
  const { conversation_id, seq, created_at } = reply;
  if (open?.to && open.to === fields.to) begin(conversation_id);
  if (open?.conversation_id === conversation_id) list.add({ ...fields, conversation_id, seq, created_at, from: client.username });
});

client.addEventListener("refused", ({ detail: { fields, error } }) => {
  list.remove(fields.client_message_id);
  drafts.giveBack(draftOf(fields), fields.text);
  if (isForOpen(fields)) write(drafts.get(draftOf(open)));
  showError(`A message was not sent: ${error.message}.`);
});

// ---- typing

function tellTyping() {
  if (!open?.conversation_id || Date.now() - typedAt < TYPING_MS) return;
  typedAt = Date.now();
  client.request("typing", { conversation_id: open.conversation_id, on: true }).catch(() => {});
}

function drawTyping() {
  const names = [...typing.keys()].join(", ");
  $("typing").textContent = names && `${names} ${typing.size > 1 ? "are" : "is"} typing ...`;
}

function forgetTyping() {
  typing.forEach(clearTimeout);
  typing = new Map();
  drawTyping();
}

function stopsTyping(username) {
  clearTimeout(typing.get(username));
  if (typing.delete(username)) drawTyping();
}

// ---- what the client tells

client.addEventListener("conversations", () => {
  const begun = open?.to && begunWith(open.to);
  if (begun) {
    begin(begun.conversation_id);
    attempt(() => fill(open));
  }
  drawTalks();
});
client.addEventListener("message", ({ detail: message }) => {
  if (open?.conversation_id !== message.conversation_id) return;
  stopsTyping(message.from);
  list.add(message);
  markRead();
});
for (const change of ["message_edited", "message_deleted"]) {
  client.addEventListener(change, ({ detail: message }) => {
    if (open?.conversation_id !== message.conversation_id) return;
    list.change(message);
    if (answered?.seq === message.seq) answer(message.deleted ? null : message);
  });
}
client.addEventListener("reaction", ({ detail: reaction }) => {
  if (open?.conversation_id === reaction.conversation_id) list.react(reaction);
});
client.addEventListener("typing", ({ detail: { conversation_id, username, on } }) => {
  if (open?.conversation_id !== conversation_id) return;
  stopsTyping(username);
  if (on) typing.set(username, setTimeout(() => stopsTyping(username), TYPING_LOST_MS));
  drawTyping();
});
client.addEventListener("presence", ({ detail: { username, online } }) => {
  contacts.set(username, online); // also of somebody who has just made this user a contact
  drawTalks();
});
client.addEventListener("conversation", ({ detail: { conversation_id, name, change } }) => {
  if (open?.conversation_id !== conversation_id) return;
  if (change?.kind === "removed" && (change.username === client.username || change.usernames?.includes(client.username))) {
    showError("You are no longer a member of this group.");
    $("write").hidden = $("invite").hidden = true;
  } else {
    if (name) $("title").textContent = name;
    showMembers(open).catch(() => {});
  }
});
client.addEventListener("online", () => {
  showStatus("");
  attempt(loadContacts);
  attempt(() => fill(open));
});
client.addEventListener("offline", ({ detail: { forGood } }) => {
  forgetTyping();
  showStatus(forGood ? "Disconnected; reload the page to connect again." : "Reconnecting ...");
});
client.addEventListener("reset", ({ detail }) => {
  if (detail && detail.conversation_id !== open?.conversation_id) return;
  list.clear();
  showPending();
  if (detail) attempt(() => fill(open));
});
client.addEventListener("loggedout", () => {
  sessionStorage.setItem(PARTING_WORDS, "You were signed out. Sign in to go on; nothing that you wrote is lost.");
  location.reload();
});
document.addEventListener("visibilitychange", markRead);

// ---- what the user does

async function enter() {
  drafts = new Drafts(localStorage, client.username);
  $("door").hidden = true;
  $("room").hidden = false;
  $("me").textContent = client.username;
  showStatus("Connecting ...");
  await client.connect();
}

function sayAtTheDoor(text) {
  $("door").querySelector(".error").textContent = text;
}

async function comeIn(register) {
  const form = $("door");
  if (!form.reportValidity()) return;
  const { email, password, username } = Object.fromEntries(new FormData(form));
  try {
    if (register) await client.register(username, email, password);
    await client.logIn(email, password);
    await enter();
  } catch (error) {
    sayAtTheDoor(error.message);
  }
}

function onSubmit(id, work) {
  $(id).onsubmit = (event) => {
    event.preventDefault();
    attempt(() => work(event.target));
  };
}

$("door").onsubmit = (event) => { event.preventDefault(); comeIn(false); };
$("door").elements.up.onclick = () => comeIn(true);
$("out").onclick = () => attempt(async () => {
  await client.logOut();
  drafts.clear();
  location.reload();
});
$("answering").querySelector("button").onclick = () => answer(null);
field.oninput = () => {
  drafts.set(draftOf(open), field.value);
  write(field.value);
  tellTyping();
};
field.onkeydown = (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  $("write").requestSubmit();
};
onSubmit("add", async (form) => {
  await client.request("add_contact", { username: form.elements.who.value.trim() });
  form.reset();
  await loadContacts();
});
onSubmit("make", async (form) => {
  const { name, members } = form.elements;
  const { conversation_id } = await client.request("create_group", {
    name: name.value.trim(),
    members: members.value.split(",").map((member) => member.trim()).filter(Boolean),
  });
  await show({ conversation_id, name: name.value.trim(), kind: "group" });
  form.reset();
});
onSubmit("invite", async (form) => {
  await client.request("add_members", { ...open, members: [form.elements.who.value.trim()] });
  form.reset();
});
onSubmit("write", () => {
  const text = field.value;
  if (!text.trim()) return;
  drafts.set(draftOf(open), ""); // at once: what is typed from now on is the next message
  write("");
  typedAt = 0;
  send(text);
});

sayAtTheDoor(sessionStorage.getItem(PARTING_WORDS) ?? "");
sessionStorage.removeItem(PARTING_WORDS);
try {
  if (await client.resume()) await enter();
} catch (error) {
  sayAtTheDoor(error.message);
}

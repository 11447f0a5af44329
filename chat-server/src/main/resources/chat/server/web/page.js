// The page: who can be talked to on the left, one conversation on the right. What it knows of
// conversations it asks of the client; of its own it has the contacts and the messages on the screen.

import { ChatClient, newMessageId } from "/chat-client.js";

const PAGE = 50;
const TYPING_MS = 3_000; // others see it cease after six seconds

const client = new ChatClient();
const $ = (id) => document.getElementById(id);
const contacts = new Map(); // username -> online
const pending = new Map(); // client_message_id -> what stands on the screen until it is stored
let open = null; // { conversation_id } or, before its first message, { to }
let typedAt = 0;
let typing = new Map(); // username -> timer, in the open conversation

function element(tag, text, className = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  made.className = className;
  return made;
}

/** Shows what went wrong in place of throwing it at nobody. */
async function attempt(work) {
  notice("");
  try {
    return await work();
  } catch (error) {
    notice(error.message);
  }
}

function notice(text, hint = false) {
  $("notice").textContent = text;
  $("notice").className = hint ? "hint" : "";
}

// ---- the list of talks

/** Conversations, the latest first, and then the contacts with whom there is none yet. */
function talks() {
  const conversations = client.conversations.sort((a, b) =>
    (b.last_message?.created_at ?? "").localeCompare(a.last_message?.created_at ?? ""));
  const known = new Set(conversations.map((conversation) => conversation.peer));
  const others = [...contacts.keys()].filter((name) => !known.has(name)).sort();
  return [...conversations, ...others.map((peer) => ({ peer, unread: 0 }))];
}

function isOpen({ conversation_id, peer }) {
  if (!open) return false;
  return open.conversation_id ? open.conversation_id === conversation_id : open.to === peer;
}

function drawTalks() {
  $("talks").replaceChildren(...talks().map((talk) => {
    const button = document.createElement("button");
    const name = element("span", talk.peer ?? talk.name);
    if (contacts.get(talk.peer)) name.append(element("span", " ●", "dot"));
    button.append(name, talk.unread ? element("span", talk.unread, "badge") : "");
    button.append(element("small", talk.last_message?.text ?? (talk.peer ? "" : "group")));
    if (isOpen(talk)) button.setAttribute("aria-current", "true");
    button.onclick = () => attempt(() => show(talk));
    const item = document.createElement("li");
    item.append(button);
    return item;
  }));
  const unread = client.conversations.reduce((sum, { unread }) => sum + unread, 0);
  document.title = unread ? `(${unread}) Chat` : "Chat";
}

async function loadContacts() {
  const { users } = await client.request("contacts");
  for (const { username, online } of users) contacts.set(username, online);
  drawTalks();
}

// ---- the open conversation

async function show(talk) {
  open = talk.conversation_id ? { conversation_id: talk.conversation_id } : { to: talk.peer };
  $("title").textContent = talk.peer ?? talk.name;
  $("members").textContent = "";
  $("invite").hidden = talk.kind !== "group";
  $("write").hidden = false;
  $("messages").replaceChildren();
  forgetTyping();
  $("write").elements.text.focus();
  drawTalks();
  const here = open;
  if (!here.conversation_id) return;
  if (talk.kind === "group") showMembers(here);
  await loadEarlier(here);
  if (open !== here) return;
  const newest = [...$("messages").querySelectorAll("li[data-seq]:not(.note)")].at(-1);
  newest?.scrollIntoView();
  if (newest) await client.read(here.conversation_id, Number(newest.dataset.seq));
}

async function showMembers(here) {
  const { rev, members } = await client.request("members", { conversation_id: here.conversation_id });
  if (open !== here || rev < here.membersRev) return; // an answer that a newer one overtook
  here.membersRev = rev;
  $("members").textContent = members.map(({ username }) => username).join(", ");
}

/** A page of history above what is on the screen, and a button for the page before it. */
async function loadEarlier(here) {
  const first = $("messages").querySelector("li[data-seq]:not(.note)");
  const before = first ? { before: Number(first.dataset.seq) } : {};
  const { messages, has_more } = await client.request("history", { ...here, ...before, limit: PAGE });
  if (open !== here) return;
  $("messages").querySelector("li.note")?.remove();
  messages.forEach(take); // some may have come live meanwhile
  first?.scrollIntoView();
  if (has_more) {
    const item = element("li", "", "note");
    item.dataset.seq = 0;
    const button = element("button", "Earlier messages");
    button.onclick = () => attempt(() => loadEarlier(here));
    item.append(button);
    $("messages").prepend(item);
  }
}

function bubble(message) {
  const item = element("li", "", message.from === client.username ? "own" : "");
  const time = message.created_at ? new Date(message.created_at).toLocaleString([], { dateStyle: "short", timeStyle: "short" }) : "sending ...";
  item.append(element("small", `${message.from}, ${time}`), message.text);
  if (message.seq) item.dataset.seq = message.seq;
  else item.classList.add("pending");
  return item;
}

/** At its place by seq; what is still being sent stays below all others. */
function insert(item) {
  const seq = Number(item.dataset.seq ?? Infinity);
  const later = [...$("messages").children].find((other) => Number(other.dataset.seq ?? Infinity) > seq);
  $("messages").insertBefore(item, later ?? null);
  item.scrollIntoView();
}

function take(message) {
  pending.get(message.client_message_id)?.remove();
  if (!$("messages").querySelector(`li[data-seq="${message.seq}"]`)) insert(bubble(message));
}

async function send(text) {
  const here = open;
  const client_message_id = newMessageId();
  const item = bubble({ from: client.username, text });
  pending.set(client_message_id, item);
  insert(item);
  try {
    const { conversation_id } = await client.send({ ...here, client_message_id, text });
    if (here.to) Object.assign(here, { conversation_id, to: undefined });
  } catch (error) {
    if (open === here) $("write").elements.text.value ||= text;
    throw error;
  } finally {
    item.remove(); // the message itself came as an event
    pending.delete(client_message_id);
  }
}

// ---- typing

function tellTyping() {
  if (!open?.conversation_id || Date.now() - typedAt < TYPING_MS) return;
  typedAt = Date.now();
  client.request("typing", { conversation_id: open.conversation_id, on: true }).catch(() => {});
}

function drawTyping() {
  const names = [...typing.keys()].join(", ");
  notice(names && `${names} ${typing.size > 1 ? "are" : "is"} typing ...`, true);
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

client.addEventListener("conversations", drawTalks);
client.addEventListener("message", ({ detail: message }) => {
  if (open?.to) { // the first message between the two
    const begun = client.conversations.find(({ peer }) => peer === open.to);
    if (begun) Object.assign(open, { conversation_id: begun.conversation_id, to: undefined });
  }
  if (open?.conversation_id !== message.conversation_id) return;
  stopsTyping(message.from);
  take(message);
  if (!document.hidden) client.read(message.conversation_id, message.seq).catch(() => {});
});
client.addEventListener("typing", ({ detail: { conversation_id, username, on } }) => {
  if (open?.conversation_id !== conversation_id) return;
  stopsTyping(username);
  if (on) typing.set(username, setTimeout(() => stopsTyping(username), 2 * TYPING_MS));
  drawTyping();
});
client.addEventListener("presence", ({ detail: { username, online } }) => {
  if (contacts.has(username)) contacts.set(username, online);
  drawTalks();
});
client.addEventListener("conversation", ({ detail: { conversation_id, name, change } }) => {
  if (open?.conversation_id !== conversation_id) return;
  if (change?.kind === "removed" && (change.username === client.username || change.usernames?.includes(client.username))) {
    notice("You are no longer a member of this group.");
    $("write").hidden = $("invite").hidden = true;
  } else {
    if (name) $("title").textContent = name;
    showMembers(open).catch(() => {});
  }
});
client.addEventListener("online", () => attempt(loadContacts));
client.addEventListener("offline", ({ detail: { forGood } }) =>
  notice(forGood ? "Disconnected; reload the page to connect again." : "Reconnecting ..."));
client.addEventListener("loggedout", () => location.reload());
document.addEventListener("visibilitychange", () => {
  const conversation = client.conversations.find(isOpen);
  if (!document.hidden && conversation) client.read(conversation.conversation_id, conversation.last_seq).catch(() => {});
});

// ---- what the user does

async function enter() {
  $("door").hidden = true;
  $("room").hidden = false;
  $("me").textContent = client.username;
  notice("Connecting ...", true);
  await client.connect();
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
    form.querySelector(".error").textContent = error.message;
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
$("out").onclick = () => attempt(async () => { await client.logOut(); location.reload(); });
$("write").elements.text.oninput = tellTyping;
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
onSubmit("write", (form) => {
  const text = form.elements.text.value;
  form.reset(); // at once: what is typed from now on is the next message
  typedAt = 0;
  return send(text);
});

if (await client.resume().catch(() => false)) await enter();

import { ChatClient } from "/chat-client.js";

const client = new ChatClient();
const $ = (id) => document.getElementById(id);
const talks = new Map(); // key (@username or conversation id) -> { key, name, to, conversation_id, unread, online }
let open = null;

const talkOf = (conversationId) => [...talks.values()].find((talk) => talk.conversation_id === conversationId);

function draw() {
  $("talks").replaceChildren(
    ...[...talks.values()].map((talk) => {
      const button = document.createElement("button");
      const name = document.createElement("span");
      name.textContent = talk.name;
      if (talk.online) {
        const dot = document.createElement("span");
        dot.className = "dot";
        dot.textContent = " ●";
        name.append(dot);
      }
      button.append(name);
      if (talk.unread) {
        const badge = document.createElement("span");
        badge.className = "badge";
        badge.textContent = talk.unread;
        button.append(badge);
      }
      if (talk === open) button.setAttribute("aria-current", "true");
      button.onclick = () => show(talk);
      const item = document.createElement("li");
      item.append(button);
      return item;
    }),
  );
}

function append(message) {
  const item = document.createElement("li");
  item.dataset.seq = message.seq;
  item.className = message.from === client.username ? "own" : "";
  const head = document.createElement("small");
  head.textContent = `${message.from} ${new Date(message.created_at).toLocaleTimeString()}`;
  item.append(head, message.text);
  $("messages").append(item);
  item.scrollIntoView();
}

async function show(talk) {
  open = talk;
  $("title").textContent = talk.name;
  $("write").hidden = false;
  $("messages").replaceChildren();
  $("write").elements.text.focus();
  draw();
  if (!talk.conversation_id) return;
  await attempt(async () => {
    const { messages } = await client.request("history", { conversation_id: talk.conversation_id, limit: 100 });
    if (open !== talk) return;
    $("messages").replaceChildren();
    messages.forEach(append);
    if (messages.length) await read(talk, messages.at(-1).seq);
  });
}

async function read(talk, seq) {
  talk.unread = 0;
  draw();
  await client.request("read", { conversation_id: talk.conversation_id, seq });
}

function take(state) {
  const key = state.kind === "direct" ? `@${state.peer}` : state.conversation_id;
  const talk = talks.get(key) ?? { key };
  Object.assign(talk, {
    name: state.peer ?? state.name,
    to: state.peer,
    conversation_id: state.conversation_id,
    unread: talk === open ? 0 : (state.unread ?? 0),
  });
  talks.set(key, talk);
}

async function loadContacts() {
  const { users } = await client.request("contacts");
  for (const { username, online } of users) {
    const key = `@${username}`;
    talks.set(key, Object.assign(talks.get(key) ?? { key, name: username, to: username, unread: 0 }, { online }));
  }
}

async function attempt(work) {
  try {
    $("notice").textContent = "";
    await work();
  } catch (error) {
    $("notice").textContent = error.message;
  }
}

client.addEventListener("synced", async ({ detail }) => {
  detail.forEach(take);
  await attempt(loadContacts);
  draw();
});
client.addEventListener("message", async ({ detail: message }) => {
  let talk = talkOf(message.conversation_id);
  if (!talk) { // a conversation that began just now
    const { conversations } = await client.request("sync", {});
    conversations.forEach(take);
    talk = talkOf(message.conversation_id);
    if (talk && talk === open) return show(talk);
    return draw();
  }
  if (talk === open) {
    if (![...$("messages").children].some((item) => Number(item.dataset.seq) === message.seq)) append(message);
    if (message.from !== client.username) await attempt(() => read(talk, message.seq));
  } else if (message.from !== client.username) {
    talk.unread++;
    draw();
  }
});
client.addEventListener("conversation", async () => {
  const { conversations } = await client.request("sync", {});
  conversations.forEach(take);
  draw();
});
client.addEventListener("presence", ({ detail }) => {
  const talk = talks.get(`@${detail.username}`);
  if (talk) talk.online = detail.online;
  draw();
});
client.addEventListener("online", () => ($("state").textContent = ""));
client.addEventListener("offline", () => ($("state").textContent = "reconnecting ..."));
client.addEventListener("loggedout", () => location.reload());

async function enter() {
  $("door").hidden = true;
  $("room").hidden = false;
  $("me").textContent = client.username;
  await client.connect();
}

async function comeIn(register) {
  const form = $("door");
  const { email, password, username } = Object.fromEntries(new FormData(form));
  try {
    if (register) await client.register(username, email, password);
    await client.logIn(email, password);
    await enter();
  } catch (error) {
    form.querySelector(".error").textContent = error.message;
  }
}

$("door").onsubmit = (event) => { event.preventDefault(); comeIn(false); };
$("door").elements.up.onclick = () => comeIn(true);
$("out").onclick = async () => { await client.logOut(); location.reload(); };
$("add").onsubmit = (event) => {
  event.preventDefault();
  attempt(async () => {
    await client.request("add_contact", { username: event.target.elements.who.value.trim() });
    event.target.reset();
    await loadContacts();
    draw();
  });
};
$("make").onsubmit = (event) => {
  event.preventDefault();
  const { name, members } = event.target.elements;
  attempt(async () => {
    await client.request("create_group", {
      name: name.value.trim(),
      members: members.value.split(",").map((member) => member.trim()).filter(Boolean),
    });
    event.target.reset();
  });
};
$("write").onsubmit = (event) => {
  event.preventDefault();
  const talk = open;
  const { text } = event.target.elements;
  attempt(async () => {
    const target = talk.conversation_id ? { conversation_id: talk.conversation_id } : { to: talk.to };
    const ack = await client.send({ ...target, text: text.value });
    talk.conversation_id ??= ack.conversation_id;
    text.value = "";
  });
};

if (await client.resume().catch(() => false)) await enter();

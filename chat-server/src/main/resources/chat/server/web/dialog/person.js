import { useCell } from "../model/cell.js";
import { me } from "../model/chat.js";
import { blocked, setBlocked } from "../model/blocks.js";
import { useFetched } from "../model/connection.js";
import { conversationWith } from "../model/conversations.js";
import { addContact, askPresence, contacts, nameOf, others, presenceText, profiles, removeContact } from "../model/people.js";
import { openConversation, openPerson } from "../model/route.js";
import { attempt, toast } from "../model/toasts.js";
import { Avatar } from "../view/controls.js";
import { Dialog, closeAllDialogs, confirm, openDialog } from "../view/dialog.js";
import { html } from "../view/html.js";
import { Icon } from "../view/icon.js";

/** Somebody: how they are called, when they were here, and what there is between the two. */
export const openPersonInfo = (username) => openDialog((close) => html`<${View} username=${username} close=${close} />`);

function View({ username, close }) {
  useCell(profiles);
  useCell(others);
  const isContact = useCell(contacts, (map) => map.has(username));
  const isBlocked = useCell(blocked, (set) => set.has(username));
  const isMe = username === me();
  useFetched(() => askPresence(username).catch(() => {}), [username]);
  const write = () => {
    closeAllDialogs();
    const one = conversationWith(username);
    if (one) openConversation(one.conversation_id);
    else openPerson(username);
  };
  const add = () => attempt(async () => {
    if ((await addContact(username)) === "requested") toast(`${username} has to accept first.`);
  });
  return html`<${Dialog} title="Profile" close=${close} name="person" side>
    <div class="profile">
      <${Avatar} name=${nameOf(username)} id=${username} size="large" />
      <h3><bdi>${nameOf(username)}</bdi></h3>
      <p class="muted">@${username}</p>
      ${!isMe && html`<p class="muted presence">${presenceText(username)}</p>`}
    </div>
    ${!isMe && html`<div class="actions">
      <button type="button" class="action" onClick=${write}><${Icon} name="send" /> Write a message</button>
      ${isContact
        ? html`<button type="button" class="action" onClick=${() => attempt(() => removeContact(username))}><${Icon} name="user" /> Remove from the contacts</button>`
        : html`<button type="button" class="action" onClick=${add}><${Icon} name="user" /> Add to the contacts</button>`}
      <button type="button" class="action danger" onClick=${() => block(username, !isBlocked)}><${Icon} name="ban" /> ${isBlocked ? "Unblock" : "Block"}</button>
    </div>`}
  </${Dialog}>`;
}

async function block(username, on) {
  const text = "You will not get messages from each other any more, and will not see when the other one is here. Nobody is told.";
  if (on && !(await confirm({ title: `Block ${nameOf(username)}?`, text, yes: "Block" }))) return;
  await attempt(() => setBlocked(username, on));
}

import { useState } from "preact/hooks";
import { useCell } from "../model/cell.js";
import { conversations, inOrder, titleOf } from "../model/conversations.js";
import { send } from "../model/outgoing.js";
import { contacts, nameOf } from "../model/people.js";
import { openConversation, openPerson } from "../model/route.js";
import { toast } from "../model/toasts.js";
import { describeUnsent } from "../text/errors.js";
import { Avatar } from "../view/controls.js";
import { Dialog, openDialog } from "../view/dialog.js";
import { html } from "../view/html.js";

const MOST = 50;

/** Sends a message on to another conversation. */
export const openForward = (message) => openDialog((close) => html`<${View} message=${message} close=${close} />`);

function View({ message: { conversation_id, seq }, close }) {
  const [filter, setFilter] = useState("");
  const list = inOrder(useCell(conversations));
  const talked = new Set(list.map(({ peer }) => peer));
  const places = [
    ...list.map((one) => ({ key: one.conversation_id, title: titleOf(one), group: one.kind === "group", conversation_id: one.conversation_id })),
    ...[...useCell(contacts).keys()].filter((name) => !talked.has(name)).map((peer) => ({ key: `@${peer}`, title: nameOf(peer), to: peer })),
  ].filter(({ title }) => title.toLowerCase().includes(filter.toLowerCase()));
  const choose = ({ conversation_id: id, to }) => {
    const refusal = send({ ...(id ? { conversation_id: id } : { to }), forward_of: { conversation_id, seq } });
    if (refusal) return void toast(describeUnsent(refusal), true);
    close();
    if (id) openConversation(id);
    else openPerson(to);
  };
  return html`<${Dialog} title="Forward to" close=${close} name="forward">
    <input type="search" class="wide-input" aria-label="Find a conversation" placeholder="Find" autofocus value=${filter} onInput=${(event) => setFilter(event.currentTarget.value)} />
    <ul class="people">
      ${places.slice(0, MOST).map((place) => html`<li key=${place.key}><button type="button" class="person" onClick=${() => choose(place)}>
        <${Avatar} name=${place.title} id=${place.to ?? place.key} group=${place.group} size="small" /> <bdi>${place.title}</bdi>
      </button></li>`)}
    </ul>
  </${Dialog}>`;
}

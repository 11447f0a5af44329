import { useCell } from "../model/cell.js";
import { addContact, loadContacts, nameOf, requests } from "../model/people.js";
import { client } from "../model/chat.js";
import { attempt } from "../model/toasts.js";
import { Avatar, Name } from "../view/controls.js";
import { Dialog, openDialog } from "../view/dialog.js";
import { html } from "../view/html.js";

/** Who wants to be a contact. */
export const openRequests = () => openDialog((close) => html`<${View} close=${close} />`);

function View({ close }) {
  const list = useCell(requests);
  const refuse = (username) => attempt(async () => {
    await client.request("remove_contact", { username });
    await loadContacts();
  });
  return html`<${Dialog} title="Contact requests" close=${close} name="requests">
    ${!list.length && html`<p>There are no more requests.</p>`}
    <ul class="people">${list.map(({ username }) => html`<li key=${username} class="person">
      <${Avatar} name=${nameOf(username)} id=${username} size="small" /> <span class="person-name"><${Name} of=${username} /></span>
      <button type="button" class="button primary small" onClick=${() => attempt(() => addContact(username))}>Accept</button>
      <button type="button" class="button small" onClick=${() => refuse(username)}>Decline</button>
    </li>`)}</ul>
  </${Dialog}>`;
}

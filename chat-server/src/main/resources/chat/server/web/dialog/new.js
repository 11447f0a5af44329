import { useState } from "preact/hooks";
import { newMessageId } from "../chat-client.js";
import { useCell } from "../model/cell.js";
import { client, whenOnline } from "../model/chat.js";
import { addContact, contacts, nameOf } from "../model/people.js";
import { openConversation, openPerson } from "../model/route.js";
import { toast } from "../model/toasts.js";
import { describe, describeInvite } from "../text/errors.js";
import { Avatar, Field, Form } from "../view/controls.js";
import { Dialog, openDialog } from "../view/dialog.js";
import { html } from "../view/html.js";

const TABS = { person: "Person", group: "Group", invite: "Invite" };

/** Begins a conversation: with somebody, in a new group, or in one that has invited this user. */
export const openNew = () => openDialog((close) => html`<${View} close=${close} />`);

function View({ close }) {
  const [tab, setTab] = useState("person");
  const views = { person: Person, group: Group, invite: Invite };
  const Shown = views[tab];
  return html`<${Dialog} title="New conversation" close=${close} name="new">
    <div class="tabs" role="group" aria-label="Kind">
      ${Object.entries(TABS).map(([name, label]) => html`<button type="button" key=${name} data-tab=${name} aria-pressed=${tab === name} onClick=${() => setTab(name)}>${label}</button>`)}
    </div>
    <${Shown} close=${close} />
  </${Dialog}>`;
}

const ofPeople = (error) => (error.code === "not_found" ? "Nobody here has this username." : describe(error));

function Person({ close }) {
  const known = [...useCell(contacts).keys()].sort();
  const add = async ({ username }) => {
    const name = username.trim().replace(/^@/, "");
    await whenOnline();
    const status = await addContact(name);
    close();
    if (status === "requested") toast(`${name} has to accept first.`);
    else openPerson(name);
  };
  return html`<${Form} key="person" name="add" label="Add and write" submit=${add} error=${ofPeople}>
      <${Field} label="Username" name="username" required autocomplete="off" autocapitalize="none" spellcheck=${false} autofocus hint="Ask people what they are called here." />
    </${Form}>
    ${known.length > 0 && html`<h3>Your contacts</h3>
      <ul class="people">${known.map((name) => html`<li key=${name}><button type="button" class="person" onClick=${() => { close(); openPerson(name); }}>
        <${Avatar} name=${nameOf(name)} id=${name} size="small" /> <bdi>${nameOf(name)}</bdi>
      </button></li>`)}</ul>`}`;
}

function Group({ close }) {
  const known = [...useCell(contacts).keys()].sort();
  const [id] = useState(newMessageId);
  const create = async ({ name, history }, form) => {
    const members = [...form.querySelectorAll("[name=member]:checked")].map(({ value }) => value);
    await whenOnline();
    const { conversation_id } = await client.request("create_group", {
      name: name.trim(), members, client_group_id: id, ...(history && { history: "joined" }),
    });
    close();
    openConversation(conversation_id);
  };
  return html`<${Form} key="group" name="make" label="Create group" submit=${create}>
    <${Field} label="Name of the group" name="name" required autocomplete="off" maxlength=${client.limits?.max_group_name_length ?? 100} />
    <fieldset class="checks"><legend>Members</legend>
      ${known.map((name) => html`<label key=${name}><input type="checkbox" name="member" value=${name} />
        <${Avatar} name=${nameOf(name)} id=${name} size="small" /> <bdi>${nameOf(name)}</bdi></label>`)}
      ${!known.length && html`<p class="field-hint">You can add members later, by name or with an invite.</p>`}
    </fieldset>
    <label class="switch"><span>Hide earlier messages from those who join later</span><input type="checkbox" role="switch" name="history" /></label>
  </${Form}>`;
}

function Invite({ close }) {
  const join = async ({ code }) => {
    await whenOnline();
    const { conversation_id } = await client.join(code.trim().split("/").at(-1));
    close();
    openConversation(conversation_id);
  };
  return html`<${Form} key="invite" name="join" label="Join" submit=${join} error=${describeInvite}>
    <${Field} label="Invite" name="code" required autocomplete="off" hint="The link or the code that you were sent." />
  </${Form}>`;
}

import { useEffect, useState } from "preact/hooks";
import { useCell } from "../model/cell.js";
import { client, me } from "../model/chat.js";
import { useFetched } from "../model/connection.js";
import { conversations } from "../model/conversations.js";
import { members } from "../model/members.js";
import { contacts, knownName, nameOf, profiles } from "../model/people.js";
import { givesRoles, mayLeave, moderates, rules } from "../model/roles.js";
import { closeConversation } from "../model/route.js";
import { attempt, toast } from "../model/toasts.js";
import { Avatar, Field, Form, Name } from "../view/controls.js";
import { Dialog, confirm, openDialog } from "../view/dialog.js";
import { html } from "../view/html.js";
import { Icon } from "../view/icon.js";
import { MenuButton } from "../view/menu.js";
import { Bans, Invites } from "./group-entry.js";
import { openPersonInfo } from "./person.js";

const HOUR_MS = 3_600_000;
const FIRST = 200; // members that are drawn; more on demand
const RANKS = { owner: 0, admin: 1, member: 2 };

/** A group: what it is, who is in it, and for its admins how others come in. */
export const openGroupInfo = (id) => openDialog((close) => html`<${View} id=${id} close=${close} />`);

function View({ id, close }) {
  const one = useCell(conversations, (all) => all.find(({ conversation_id }) => conversation_id === id));
  const list = useCell(members, (map) => map.get(id)) ?? [];
  const [most, setMost] = useState(FIRST);
  useCell(profiles);
  useFetched(() => client.loadMembers(id), [id]);
  useEffect(() => {
    if (!one) close();
  }, [!one]);
  if (!one) return null;
  const isModerator = moderates(one.role);
  const sorted = [...list].sort((a, b) => rank(a) - rank(b) || knownName(a.username).localeCompare(knownName(b.username)));
  const leave = async () => {
    if (!(await confirm({ title: `Leave ${one.name}?`, text: "You will not get its messages any more.", yes: "Leave" }))) return;
    await attempt(async () => {
      await client.leave(id);
      close();
      closeConversation();
    });
  };
  return html`<${Dialog} title="Group" close=${close} name="group" side>
    <div class="profile"><${Avatar} name=${one.name} id=${id} group size="large" /><h3><bdi>${one.name}</bdi></h3>
      ${one.description && html`<p dir="auto">${one.description}</p>`}</div>
    ${isModerator && html`<${Edit} one=${one} />`}
    <h3>${list.length} ${list.length === 1 ? "member" : "members"}</h3>
    ${isModerator && html`<${Add} id=${id} list=${list} />`}
    <ul class="people" id="members">${sorted.slice(0, most).map((member) => html`<li key=${member.username} class="person">
      <${Avatar} name=${nameOf(member.username)} id=${member.username} size="small" />
      <button type="button" class="person-name plain" onClick=${() => openPersonInfo(member.username)}><${Name} of=${member.username} /></button>
      ${member.role !== "member" && html`<span class="role">${member.role}</span>`}
      ${member.username !== me() && rules(one.role, member.role) && html`<${MenuButton} label=${`Actions for ${member.username}`} size=${18}
        items=${() => memberActions(one, member)} />`}
    </li>`)}</ul>
    ${sorted.length > most && html`<button type="button" class="button" onClick=${() => setMost(most * 2)}>Show more members</button>`}
    ${isModerator && html`<${Invites} id=${id} /><${Bans} id=${id} />`}
    <div class="actions">${mayLeave(one.role, list.length)
      ? html`<button type="button" class="action danger" onClick=${leave}><${Icon} name="leave" /> Leave the group</button>`
      : html`<p class="field-hint" id="stays">To leave the group, first make somebody else its owner.</p>`}</div>
  </${Dialog}>`;
}

/** Of roles that are not known here the members come last. */
const rank = ({ role }) => RANKS[role] ?? RANKS.member + 1;

/** For somebody over whom this user rules. */
function memberActions({ conversation_id: id, name, role: own }, { username, role }) {
  const set = (work) => () => attempt(work);
  const setRole = (to) => set(() => client.setRole({ conversation_id: id, username, role: to }));
  const handOver = async () => {
    const title = `Make ${nameOf(username)} the owner of ${name}?`;
    if (await confirm({ title, text: "You will be an admin. Only the new owner can undo this.", yes: "Make the owner" })) await setRole("owner")();
  };
  return [
    givesRoles(own) && (role === "admin" ? { label: "Make a member", icon: "user", run: setRole("member") } : { label: "Make an admin", icon: "shield", run: setRole("admin") }),
    givesRoles(own) && { label: "Make the owner", icon: "shield", run: handOver },
    { label: "Silence for an hour", icon: "mute", run: set(() => client.silence({ conversation_id: id, username, until: new Date(client.now() + HOUR_MS) })) },
    { label: "Let write again", icon: "edit", run: set(() => client.silence({ conversation_id: id, username, until: null })) },
    { label: "Remove", icon: "leave", danger: true, run: set(() => client.removeMembers({ conversation_id: id, members: [username] })) },
    { label: "Remove and ban", icon: "ban", danger: true, run: set(() => client.ban({ conversation_id: id, username })) },
  ];
}

function Edit({ one }) {
  const submit = async ({ name, description, slow }) => {
    const seconds = Number(slow);
    await client.updateGroup(one.conversation_id, {
      ...(name !== one.name && { name }),
      ...(description !== (one.description ?? "") && { description: description || null }),
      ...(seconds !== (one.slow_mode_seconds ?? 0) && { slow_mode_seconds: seconds }),
    });
    toast("Saved.");
  };
  return html`<details class="fold"><summary>Change name and rules</summary><${Form} name="group" label="Save" submit=${submit}>
    <${Field} label="Name" name="name" defaultValue=${one.name} required maxlength=${client.limits?.max_group_name_length ?? 100} />
    <label class="field"><span class="field-label">Description</span><textarea name="description" rows="2" dir="auto" defaultValue=${one.description ?? ""}></textarea></label>
    <${Field} label="Seconds between two messages of a member" name="slow" type="number" min="0" max="86400" defaultValue=${one.slow_mode_seconds ?? 0} />
  </${Form}></details>`;
}

function Add({ id, list }) {
  const there = new Set(list.map(({ username }) => username));
  const known = [...useCell(contacts).keys()].filter((name) => !there.has(name));
  const add = async ({ username }, form) => {
    await client.addMembers({ conversation_id: id, members: [username.trim()] });
    form.reset();
  };
  return html`<${Form} name="add-member" label="Add" submit=${add}>
    <${Field} label="Add somebody" name="username" required list="known" autocomplete="off" autocapitalize="none" />
    <datalist id="known">${known.map((name) => html`<option key=${name} value=${name}></option>`)}</datalist>
  </${Form}>`;
}

import { useState } from "preact/hooks";
import { useCell } from "../model/cell.js";
import { client } from "../model/chat.js";
import { useFetched } from "../model/connection.js";
import { members } from "../model/members.js";
import { fullTime } from "../text/time.js";
import { Name } from "../view/controls.js";
import { Dialog, openDialog } from "../view/dialog.js";
import { html } from "../view/html.js";

/** When a message was sent and edited, what it said before, and who has read it. */
export const openMessageInfo = (message, own) => openDialog((close) => html`<${View} message=${message} own=${own} close=${close} />`);

function View({ message: { conversation_id, seq, created_at, edited_at }, own, close }) {
  const [versions, setVersions] = useState([]);
  const list = (useCell(members, (map) => map.get(conversation_id)) ?? []).filter(({ username }) => username !== client.username);
  useFetched(async () => {
    if (!edited_at) return;
    const reply = await client.edits({ conversation_id, seq, limit: 100 }).catch(() => ({ versions: [] }));
    setVersions(reply.versions.slice(0, -1));
  });
  const read = list.filter(({ read_seq: at = 0 }) => at >= seq);
  const delivered = list.filter((one) => one.received_seq >= seq && !read.includes(one));
  return html`<${Dialog} title="Message details" close=${close} name="message-info">
    <dl class="facts">
      <dt>Sent</dt><dd>${fullTime(created_at)}</dd>
      ${edited_at && html`<dt>Edited</dt><dd>${fullTime(edited_at)}</dd>`}
    </dl>
    ${own && html`<${Who} title="Read by" list=${read} /><${Who} title="Delivered to" list=${delivered} />`}
    ${versions.length > 0 && html`<h3>What it said before</h3>
      <ol class="versions">${versions.map((one) => html`<li key=${one.version} dir="auto">${one.text}<small>${fullTime(one.written_at)}</small></li>`)}</ol>`}
  </${Dialog}>`;
}

const MOST_NAMES = 100;

const Who = ({ title, list }) => list.length > 0 && html`<h3>${title}</h3>
  <ul class="names">${list.slice(0, MOST_NAMES).map(({ username }) => html`<li key=${username}><${Name} of=${username} /></li>`)}
    ${list.length > MOST_NAMES && html`<li>and ${list.length - MOST_NAMES} others</li>`}</ul>`;

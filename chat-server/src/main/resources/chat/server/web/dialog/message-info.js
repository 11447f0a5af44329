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

function View({ message, own, close }) {
  const { conversation_id, seq, created_at, edited_at } = message;
  const [versions, setVersions] = useState([]);
  useCell(members, (map) => map.get(conversation_id));
  useFetched(async () => {
    if (!edited_at) return;
    const reply = await client.edits({ conversation_id, seq, limit: 100 }).catch(() => ({ versions: [] }));
    setVersions(reply.versions.slice(0, -1));
  });
  const { read, received } = client.deliveryOf(message);
  const readers = new Set(read);
  return html`<${Dialog} title="Message details" close=${close} name="message-info">
    <dl class="facts">
      <dt>Sent</dt><dd>${fullTime(created_at)}</dd>
      ${edited_at && html`<dt>Edited</dt><dd>${fullTime(edited_at)}</dd>`}
    </dl>
    ${own && html`<${Who} title="Read by" list=${read} /><${Who} title="Delivered to" list=${received.filter((name) => !readers.has(name))} />`}
    ${versions.length > 0 && html`<h3>What it said before</h3>
      <ol class="versions">${versions.map((one) => html`<li key=${one.version} dir="auto">${one.text}<small>${fullTime(one.written_at)}</small></li>`)}</ol>`}
  </${Dialog}>`;
}

const MOST_NAMES = 100;

const Who = ({ title, list }) => list.length > 0 && html`<h3>${title}</h3>
  <ul class="names">${list.slice(0, MOST_NAMES).map((name) => html`<li key=${name}><${Name} of=${name} /></li>`)}
    ${list.length > MOST_NAMES && html`<li>and ${list.length - MOST_NAMES} others</li>`}</ul>`;

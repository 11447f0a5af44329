import { useRef, useState } from "preact/hooks";
import { client } from "../model/chat.js";
import { markUnread } from "../model/reading.js";
import { startEdit, startReply } from "../model/composing.js";
import { attempt, copyText } from "../model/toasts.js";
import { openForward } from "../dialog/forward.js";
import { openMessageInfo } from "../dialog/message-info.js";
import { openReport } from "../dialog/report.js";
import { QUICK } from "../text/emoji.js";
import { IconButton } from "./controls.js";
import { confirm } from "./dialog.js";
import { EmojiPicker } from "./emoji-picker.js";
import { html } from "./html.js";
import { useLater } from "./later.js";
import { MenuButton } from "./menu.js";
import { react } from "./reactions.js";

/** What can be done with a message. Half of what a row costs, so it comes after the rows. */
export function MessageTools(tools) {
  const anchor = useRef(/** @type {any} */ (null));
  const drawn = useLater(anchor);
  return html`<div class="tools" ref=${anchor}>${drawn && html`<${Tools} anchor=${anchor} ...${tools} />`}</div>`;
}

function Tools({ anchor, message, own, moderates, isGroup, pinned }) {
  const [picks, setPicks] = useState(false);
  const { conversation_id, seq } = message;
  const place = { conversation_id, seq };
  const items = () => [
    { label: "Reply", icon: "reply", run: () => startReply(conversation_id, message) },
    own && { label: "Edit", icon: "edit", run: () => startEdit(conversation_id, message) },
    message.text && { label: "Copy text", icon: "copy", run: () => copyText(message.text) },
    { label: "Forward", icon: "forward", run: () => openForward(message) },
    (moderates || !isGroup) && { label: pinned ? "Unpin" : "Pin", icon: "pin", run: () => attempt(() => (pinned ? client.unpin(place) : client.pin(place))) },
    { label: "Mark as unread", icon: "unread", run: () => attempt(() => markUnread(conversation_id, seq)) },
    { label: "Details", icon: "info", run: () => openMessageInfo(message, own) },
    !own && message.from && { label: "Report", icon: "flag", run: () => openReport(message) },
    (own || moderates) && { label: "Delete", icon: "trash", danger: true, run: () => remove(place) },
  ];
  const quick = (close) => html`<div class="quick" role="group" aria-label="React">
    ${QUICK.map((emoji) => html`<button type="button" role="menuitem" tabindex="-1" aria-label=${`React with ${emoji}`}
      onClick=${() => { close(); react(place, emoji, !message.reactions?.some((one) => one.emoji === emoji && one.me)); }}>${emoji}</button>`)}
  </div>`;
  return html`
    <${IconButton} icon="smile" label="React" size=${18} aria-expanded=${picks} onClick=${() => setPicks(!picks)} />
    <${IconButton} icon="reply" label="Reply" size=${18} onClick=${() => startReply(conversation_id, message)} />
    <${MenuButton} label="Message actions" icon="more" size=${18} items=${items} header=${quick} />
    ${picks && html`<${EmojiPicker} anchor=${anchor} close=${() => setPicks(false)} pick=${(emoji) => react(place, emoji, true)} />`}`;
}

async function remove(place) {
  const sure = await confirm({ title: "Delete this message?", text: "It disappears for everybody. This cannot be undone.", yes: "Delete" });
  if (sure) await attempt(() => client.delete(place));
}

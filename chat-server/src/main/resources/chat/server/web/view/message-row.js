import { textOf } from "../model/attention.js";
import { me } from "../model/chat.js";
import { useCell } from "../model/cell.js";
import { isBot, nameOf, profiles } from "../model/people.js";
import { openConversation } from "../model/route.js";
import { openPersonInfo } from "../dialog/person.js";
import { isOnlyEmoji } from "../text/emoji.js";
import { plain } from "../text/markdown.js";
import { clockTime, fullTime } from "../text/time.js";
import { Attachments } from "./attachments.js";
import { BrokenRow } from "./broken.js";
import { Avatar, Name } from "./controls.js";
import { html, classes, guarded, memo } from "./html.js";
import { Icon } from "./icon.js";
import { Markdown } from "./markdown.js";
import { MessageTools } from "./message-tools.js";
import { Reactions } from "./reactions.js";

/** A message. The row takes the focus, so that its tools are there for the keyboard and for fingers. */
export const MessageRow = guarded(memo(({ id, message, first, own, isGroup, moderates, pinned, progress }) => {
  const { seq, from, deleted, mentions } = message;
  const withFace = isGroup && !own;
  const isMentioned = mentions?.includes(me());
  return html`<li class=${classes("row", "message", own && "own", first && "first", isMentioned && "mentioned")} data-key=${id} data-seq=${seq}
      tabindex="-1">
    ${withFace && html`<span class="face">${first && html`<${Avatar} name=${nameOf(from)} id=${from} size="small" />`}</span>`}
    <div class="column">
      <div class=${classes("bubble", !deleted && !message.attachments && isOnlyEmoji(message.text) && "big")}>
        ${withFace && first && html`<button type="button" class="author" onClick=${() => from && openPersonInfo(from)}><${Name} of=${from} /></button>`}
        <${Body} message=${message} />
        <${Meta} message=${message} own=${own} pinned=${pinned} progress=${progress} />
      </div>
      ${message.reactions?.length > 0 && html`<${Reactions} message=${message} />`}
    </div>
    ${!deleted && html`<${MessageTools} message=${message} own=${own} moderates=${moderates} isGroup=${isGroup} pinned=${pinned} />`}
  </li>`;
}), BrokenRow);

function Body({ message }) {
  const { deleted, text, mentions, forward_of: forward, reply_preview: preview, attachments } = message;
  if (deleted) return html`<p class="gone">This message was deleted.</p>`;
  return html`
    ${forward && html`<p class="forwarded"><${Icon} name="forward" size=${14} /> Forwarded</p>`}
    ${preview && html`<${Quote} conversation=${message.conversation_id} preview=${preview} />`}
    ${attachments?.length > 0 && html`<${Attachments} ids=${attachments} />`}
    ${text && html`<div class="text"><${Markdown} text=${text} mentions=${mentions} /></div>`}`;
}

function Quote({ conversation, preview }) {
  return html`<button type="button" class="quote" onClick=${() => openConversation(conversation, preview.seq)}>
    <b><${Name} of=${preview.from} /></b> <span dir="auto">${plain(textOf(preview))}</span>
  </button>`;
}

/** Nothing for an answer of a bot: it grows by edits. */
function Edited({ message: { from, edited_at: edited, attributes } }) {
  const grows = useCell(profiles, () => attributes?.bot && isBot(from), from);
  return !grows && html`<span class="edited" title=${fullTime(edited)}>edited</span>`;
}

const PROGRESS = {
  sent: ["check", "Sent"],
  delivered: ["checks", "Delivered"],
  read: ["checks", "Read"],
};

function Meta({ message, own, pinned, progress }) {
  const { created_at: at, edited_at: edited, deleted } = message;
  const [icon, label] = PROGRESS[progress] ?? [];
  return html`<span class="meta">
    ${pinned && html`<span><${Icon} name="pin" size=${13} /><span class="hidden">pinned</span></span>`}
    ${edited && !deleted && html`<${Edited} message=${message} />`}
    <time datetime=${at} title=${fullTime(at)}>${clockTime(at)}</time>
    ${own && !deleted && icon && html`<span class=${classes("tick", progress)} title=${label}><${Icon} name=${icon} size=${16} /><span class="hidden">${label}</span></span>`}
  </span>`;
}

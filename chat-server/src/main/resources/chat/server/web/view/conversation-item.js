import { textOf } from "../model/attention.js";
import { useCell } from "../model/cell.js";
import { me } from "../model/chat.js";
import { isMuted, isPinned, titleOf } from "../model/conversations.js";
import { draftOf, draftsChanged } from "../model/drafts.js";
import { contacts, nameOf, profiles } from "../model/people.js";
import { openConversation } from "../model/route.js";
import { typing, typingIn } from "../model/typing.js";
import { plain } from "../text/markdown.js";
import { fullTime, shortTime } from "../text/time.js";
import { BrokenItem } from "./broken.js";
import { Avatar } from "./controls.js";
import { html, classes, guarded } from "./html.js";
import { Icon } from "./icon.js";

const MOST_CHARACTERS = 140;

/** A conversation in the list: who, the last message or the draft, when, and what is unread. */
export const ConversationItem = guarded(({ one, current }) => {
  const { conversation_id: id, kind, peer, last_message: last } = one;
  useCell(profiles, (map) => map.get(peer ?? last?.from)?.display_name);
  const online = useCell(contacts, (map) => map.get(peer)?.online, peer);
  const writes = useCell(typing, (map) => typingIn(map, id), id);
  useCell(draftsChanged);
  const draft = current ? "" : draftOf(id);
  const title = titleOf(one);
  const at = last?.created_at;
  return html`<li>
    <button type="button" class="item" data-id=${id} aria-current=${current ? "true" : undefined} onClick=${() => openConversation(id)}>
      <${Avatar} name=${title} id=${peer ?? id} group=${kind === "group"} online=${online} />
      <span class="item-title"><bdi>${title}</bdi>
        ${isMuted(one) && html`<span class="mark"><${Icon} name="mute" size=${15} /><span class="hidden">muted</span></span>`}
        ${isPinned(one) && html`<span class="mark"><${Icon} name="pin" size=${15} /><span class="hidden">pinned</span></span>`}
      </span>
      ${at && html`<time class="item-time" datetime=${at} title=${fullTime(at)}>${shortTime(at)}</time>`}
      <span class="item-text" dir="auto">
        ${writes.length ? html`<span class="writes">${kind === "group" ? `${nameOf(writes[0])} is typing …` : "typing …"}</span>`
          : draft ? html`<span class="draft">Draft:</span> ${plain(draft).slice(0, MOST_CHARACTERS)}`
          : last ? preview(last, kind) : "No messages yet"}
      </span>
      <${Badges} one=${one} />
    </button>
  </li>`;
}, BrokenItem);

function preview(last, kind) {
  const text = plain(textOf(last)).slice(0, MOST_CHARACTERS);
  if (last.from === me()) return `You: ${text}`;
  return kind === "group" && last.from ? `${nameOf(last.from)}: ${text}` : text;
}

function Badges({ one }) {
  const { unread, unread_mentions: mentions, preferences } = one;
  const marked = !unread && preferences?.unread_from;
  if (!unread && !marked) return null;
  const label = unread ? `${unread} unread${mentions ? `, you are mentioned` : ""}` : "marked as unread";
  return html`<span class="badges">
    ${mentions > 0 && html`<span class="badge mention" aria-hidden="true">@</span>`}
    <span class=${classes("badge", isMuted(one) && "quiet")} aria-hidden="true">${unread > 999 ? "999+" : unread || ""}</span>
    <span class="hidden">${label}</span>
  </span>`;
}

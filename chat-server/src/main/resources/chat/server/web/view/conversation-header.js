import { useCell } from "../model/cell.js";
import { client, me } from "../model/chat.js";
import { archive, isArchived, isMuted, isPinned, markAllRead, mute, pinConversation, titleOf, unmute } from "../model/conversations.js";
import { members } from "../model/members.js";
import { contacts, nameOf, others, presenceOf, presenceText, profiles } from "../model/people.js";
import { markUnread } from "../model/reading.js";
import { closeConversation, openConversation } from "../model/route.js";
import { viewOf } from "../model/timelines.js";
import { attempt } from "../model/toasts.js";
import { typing, typingIn } from "../model/typing.js";
import { openDate } from "../dialog/date.js";
import { openGroupInfo } from "../dialog/group.js";
import { openPersonInfo } from "../dialog/person.js";
import { openSearch } from "../dialog/search.js";
import { Avatar, IconButton } from "./controls.js";
import { html } from "./html.js";
import { MenuButton } from "./menu.js";

const HOUR_MS = 3_600_000;

/** Who is at the other end, and what can be done with the conversation. */
export function ConversationHeader({ here, one }) {
  useCell(profiles);
  const id = here.conversation_id;
  const peer = one?.peer ?? here.peer;
  const isGroup = one?.kind === "group";
  const title = one ? titleOf(one) : peer ? nameOf(peer) : "Conversation";
  const info = () => (isGroup ? openGroupInfo(id) : peer && openPersonInfo(peer));
  useCell(contacts, (map) => map.get(peer), peer);
  useCell(others, (map) => map.get(peer), peer);
  return html`<header class="bar conversation-bar">
    <${IconButton} icon="back" label="Back to the conversations" class="back" onClick=${closeConversation} />
    <button type="button" class="who" id="who" onClick=${info}>
      <${Avatar} name=${title} id=${peer ?? id} group=${isGroup} online=${peer && presenceOf(peer)?.online} />
      <span class="who-words"><h1 class="who-name"><bdi id="title">${title}</bdi></h1><${Subtitle} id=${id} one=${one} peer=${peer} /></span>
    </button>
    ${id && html`<${IconButton} icon="search" label="Search in this conversation" onClick=${() => openSearch("", id)} />`}
    ${one && html`<${MenuButton} label="Conversation actions" items=${() => actions(one, info)} />`}
  </header>`;
}

function Subtitle({ id, one, peer }) {
  const writes = useCell(typing, (map) => typingIn(map, id), id);
  const list = useCell(members, (map) => map.get(id), id);
  const isGroup = one?.kind === "group";
  if (writes.length) {
    const names = writes.slice(0, 3).map(nameOf).join(", ");
    return html`<span class="who-more writes" id="typing">${isGroup ? `${names} ${writes.length > 1 ? "are" : "is"} typing …` : "typing …"}</span>`;
  }
  if (isGroup) return html`<span class="who-more">${membersOf(list)}</span>`;
  return html`<span class="who-more">${peer ? presenceText(peer) : ""}</span>`;
}

function membersOf(list) {
  if (!list) return "";
  const names = list.slice(0, 4).map(({ username }) => (username === me() ? "you" : nameOf(username))).join(", ");
  return `${list.length} ${list.length === 1 ? "member" : "members"}: ${names}${list.length > 4 ? " …" : ""}`;
}

function actions(one, info) {
  const set = (work) => () => attempt(work);
  const muted = isMuted(one);
  return [
    { label: one.kind === "group" ? "Group details" : "Profile", icon: "info", run: info },
    { label: "Go to a date", icon: "calendar", run: () => goToDate(one) },
    !muted && { label: "Mute for 8 hours", icon: "mute", run: set(() => mute(one, new Date(client.now() + 8 * HOUR_MS).toISOString())) },
    muted ? { label: "Unmute", icon: "bell", run: set(() => unmute(one)) } : { label: "Mute for good", icon: "mute", run: set(() => mute(one)) },
    { label: isPinned(one) ? "Unpin from the top" : "Pin to the top", icon: "pin", run: set(() => pinConversation(one, !isPinned(one))) },
    { label: isArchived(one) ? "Take out of the archive" : "Archive", icon: "archive", run: set(() => archive(one, !isArchived(one))) },
    one.unread > 0 && { label: "Mark all as read", icon: "checks", run: set(() => markAllRead(one)) },
    one.last_seq > 0 && { label: "Mark as unread", icon: "unread", run: () => { closeConversation(); attempt(() => markUnread(one.conversation_id, one.last_seq)); } },
  ];
}

async function goToDate(one) {
  const time = await openDate();
  if (time === undefined) return;
  await attempt(async () => {
    const seq = await viewOf(one.conversation_id).goToTime(time);
    openConversation(one.conversation_id, seq);
  });
}

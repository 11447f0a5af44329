import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { useCell } from "../model/cell.js";
import { me } from "../model/chat.js";
import { conversations, inOrder, isArchived, isListKnown, titleOf } from "../model/conversations.js";
import { contacts, nameOf, profiles, requests } from "../model/people.js";
import { openPerson, route } from "../model/route.js";
import { openNew } from "../dialog/new.js";
import { openSearch } from "../dialog/search.js";
import { openSettings } from "../dialog/settings.js";
import { openRequests } from "../dialog/requests.js";
import { ConversationItem } from "./conversation-item.js";
import { Avatar, IconButton, Name } from "./controls.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";

const FIRST = 60; // items that are drawn; more as one scrolls

export function Sidebar() {
  const [filter, setFilter] = useState("");
  return html`<nav class="sidebar" aria-label="Conversations">
    <header class="bar">
      <button type="button" class="me" id="me" aria-label="Settings" onClick=${openSettings}>
        <${Avatar} name=${nameOf(me())} id=${me()} size="small" />
        <span class="me-name"><${Name} of=${me()} /></span>
      </button>
      <${IconButton} icon="settings" label="Settings" onClick=${openSettings} />
      <${IconButton} icon="plus" label="New conversation" onClick=${() => openNew()} />
    </header>
    <label class="filter">
      <${Icon} name="search" size=${18} />
      <input type="search" id="filter" aria-label="Find a conversation or search messages" placeholder="Search" value=${filter}
        onInput=${(event) => setFilter(event.currentTarget.value)}
        onKeyDown=${(event) => event.key === "Enter" && filter.trim() && openSearch(filter.trim())} />
    </label>
    <${Lists} filter=${filter.trim().toLowerCase()} />
  </nav>`;
}

function Lists({ filter }) {
  const [most, setMost] = useState(FIRST);
  const [archiveOpen, setArchiveOpen] = useState(false);
  const list = inOrder(useCell(conversations));
  const isKnown = useCell(isListKnown); // before that nobody can say with whom there is no conversation
  const known = useCell(contacts);
  const waiting = useCell(requests);
  useCell(profiles);
  const here = useCell(route);
  const ref = useRef(/** @type {any} */ (null));
  useFocusKept(ref);
  const fits = (name) => !filter || name.toLowerCase().includes(filter);
  const shown = list.filter((one) => fits(titleOf(one)) && (filter || !isArchived(one)));
  const archived = filter ? [] : list.filter(isArchived);
  const talked = new Set(list.map(({ peer }) => peer));
  const people = !isKnown ? [] : [...known.keys()].filter((name) => !talked.has(name) && fits(`${nameOf(name)} ${name}`)).sort();
  const onScroll = ({ currentTarget: { scrollTop, clientHeight, scrollHeight } }) => {
    if (scrollTop + clientHeight > scrollHeight - 400 && most < shown.length) setMost(most + FIRST);
  };
  return html`<div class="lists" ref=${ref} onScroll=${onScroll}>
    ${waiting.length > 0 && html`<button type="button" class="requests" onClick=${openRequests}>
      <${Icon} name="user" size=${18} /> ${waiting.length === 1 ? "A contact request" : `${waiting.length} contact requests`}
    </button>`}
    <ul id="conversations" aria-label="Conversations" onKeyDown=${moveWithArrows}>
      ${shown.slice(0, most).map((one) => html`<${ConversationItem} key=${one.conversation_id} one=${one} current=${one.conversation_id === here.conversation_id} />`)}
    </ul>
    ${filter && html`<button type="button" class="search-messages" onClick=${() => openSearch(filter)}>
      <${Icon} name="search" size=${18} /> Search messages for “${filter}”
    </button>`}
    ${people.length > 0 && html`<h2 class="list-title" id="people-title">Contacts</h2>
      <ul id="people" aria-labelledby="people-title" onKeyDown=${moveWithArrows}>
        ${people.slice(0, most).map((name) => html`<${Person} key=${name} name=${name} online=${known.get(name).online} current=${here.peer === name} />`)}
      </ul>`}
    ${(isKnown || filter) && !shown.length && !people.length && html`<${Nobody} filter=${filter} />`}
    ${archived.length > 0 && html`<details class="archive" open=${archiveOpen} onToggle=${(event) => setArchiveOpen(event.currentTarget.open)}>
      <summary><${Icon} name="archive" size=${18} /> Archived <span class="count">${archived.length}</span></summary>
      ${archiveOpen && html`<ul id="archived" aria-label="Archived conversations" onKeyDown=${moveWithArrows}>
        ${archived.slice(0, most).map((one) => html`<${ConversationItem} key=${one.conversation_id} one=${one} current=${one.conversation_id === here.conversation_id} />`)}
      </ul>`}
    </details>`}
  </div>`;
}

/** What others overtake is moved in the document, and loses the focus by that. */
function useFocusKept(ref) {
  const { activeElement: focused } = document; // before the lists are drawn
  useLayoutEffect(() => {
    if (focused !== document.activeElement && ref.current.contains(focused)) focused.focus({ preventScroll: true });
  });
}

function Nobody({ filter }) {
  if (filter) return html`<p class="nobody">No conversation has this name.</p>`;
  return html`<div class="nobody">
    <p>It is quiet here. Find somebody by their username, or make a group.</p>
    <button type="button" class="button primary" onClick=${() => openNew()}>New conversation</button>
  </div>`;
}

function Person({ name, online, current }) {
  return html`<li>
    <button type="button" class="item" aria-current=${current ? "true" : undefined} onClick=${() => openPerson(name)}>
      <${Avatar} name=${nameOf(name)} id=${name} online=${online} />
      <span class="item-title"><${Name} of=${name} /></span>
      <span class="item-text">No messages yet</span>
      ${online && html`<span class="hidden">online</span>`}
    </button>
  </li>`;
}

function moveWithArrows(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  const buttons = [...event.currentTarget.querySelectorAll(".item")];
  buttons[buttons.indexOf(document.activeElement) + step]?.focus();
  event.preventDefault();
}

import { useEffect, useRef, useState } from "preact/hooks";
import { client } from "../model/chat.js";
import { conversations, findConversation, inOrder, titleOf } from "../model/conversations.js";
import { nameOf } from "../model/people.js";
import { openConversation } from "../model/route.js";
import { describe } from "../text/errors.js";
import { shortTime } from "../text/time.js";
import { Avatar } from "../view/controls.js";
import { Dialog, openDialog } from "../view/dialog.js";
import { html } from "../view/html.js";

const AFTER_MS = 250;
const AROUND = 60; // characters that are shown before the first hit
const MOST_CONVERSATIONS = 5;

/** Looks for messages, and without a conversation for conversations too. */
export const openSearch = (query = "", conversation_id = undefined) =>
  openDialog((close) => html`<${View} first=${query} within=${conversation_id} close=${close} />`);

const NOTHING = { messages: [], next_before: undefined, state: "" };

function View({ first, within, close }) {
  const [query, setQuery] = useState(first);
  const [found, setFound] = useState(NOTHING);
  const asked = useRef(0);
  const look = async (before) => {
    const number = ++asked.current;
    setFound((now) => ({ ...(before ? now : NOTHING), state: "looking" }));
    try {
      const { messages, next_before } = await client.search(query.trim(), { conversation_id: within, before, limit: 20 });
      if (number === asked.current) setFound((now) => ({ messages: before ? [...now.messages, ...messages] : messages, next_before, state: "done" }));
    } catch (error) {
      if (number === asked.current) setFound((now) => ({ ...now, state: describe(error) }));
    }
  };
  useEffect(() => {
    asked.current++;
    setFound(NOTHING);
    if (!query.trim()) return undefined;
    const timer = setTimeout(() => look(undefined), AFTER_MS);
    return () => clearTimeout(timer);
  }, [query]);
  const go = (id, seq = null) => {
    close();
    openConversation(id, seq);
  };
  const word = query.trim().toLowerCase();
  const talks = within || !word ? [] : inOrder(conversations.value).filter((one) => titleOf(one).toLowerCase().includes(word)).slice(0, MOST_CONVERSATIONS);
  const title = within ? `Search in ${titleOf(findConversation(within) ?? { kind: "group" })}` : "Search";
  return html`<${Dialog} title=${title} close=${close} name="search">
    <input type="search" class="wide-input" id="query" aria-label="Words to look for" placeholder="Words, or the beginning of one" autofocus value=${query}
      onInput=${(event) => setQuery(event.currentTarget.value)} />
    ${talks.length > 0 && html`<ul class="people">${talks.map((one) => html`<li key=${one.conversation_id}>
      <button type="button" class="person" onClick=${() => go(one.conversation_id)}>
        <${Avatar} name=${titleOf(one)} id=${one.peer ?? one.conversation_id} group=${one.kind === "group"} size="small" /> <bdi>${titleOf(one)}</bdi>
      </button></li>`)}</ul>`}
    <p class="search-state" role="status">${stateOf(found, word)}</p>
    <ul class="found">${found.messages.map((message) => html`<li key=${message.message_id}><${Hit} message=${message} go=${go} named=${!within} /></li>`)}</ul>
    ${found.next_before && html`<button type="button" class="button" onClick=${() => look(found.next_before)}>Look further back</button>`}
  </${Dialog}>`;
}

function stateOf({ state, messages, next_before }, word) {
  if (!word) return "";
  if (state === "looking") return "Looking …";
  if (state !== "done") return state;
  return messages.length || next_before ? "" : "Nothing found.";
}

function Hit({ message, go, named }) {
  const { conversation_id: id, seq, from, created_at, text, highlights } = message;
  const conversation = findConversation(id);
  return html`<button type="button" class="hit" onClick=${() => go(id, seq)}>
    <span class="hit-head"><b><bdi>${nameOf(from)}</bdi></b>${named && conversation?.kind === "group" && html` in <bdi>${titleOf(conversation)}</bdi>`}
      <time>${shortTime(created_at)}</time></span>
    <span class="hit-text" dir="auto">${marked(text, highlights)}</span>
  </button>`;
}

/** The text from shortly before the first hit on, with the hits marked. */
function marked(text, highlights) {
  const begin = Math.max(0, (highlights[0]?.start ?? 0) - AROUND);
  const parts = [begin ? "… " : ""];
  let at = begin;
  for (const { start, end } of highlights) {
    parts.push(text.slice(at, start), html`<mark>${text.slice(start, end)}</mark>`);
    at = end;
  }
  return [...parts, text.slice(at, at + 200)];
}

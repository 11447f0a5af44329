import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { useCell } from "../model/cell.js";
import { client, me } from "../model/chat.js";
import { conversations } from "../model/conversations.js";
import { inNextFrame } from "../model/frame.js";
import { members } from "../model/members.js";
import { notes } from "../model/notes.js";
import { goesTo, outbox } from "../model/outgoing.js";
import { firstUnread, seen } from "../model/reading.js";
import { moderates } from "../model/roles.js";
import { keyOf, target } from "../model/route.js";
import { viewOf } from "../model/timelines.js";
import { FailedRow, PendingRow } from "./outgoing-row.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { MessageRow } from "./message-row.js";
import { rowsOf } from "./rows.js";
import { Scroller } from "./scroller.js";
import { DayRow, NoteRow, UnreadRow } from "./small-rows.js";

const NONE = Object.freeze([]);
const NOWHERE = Object.freeze({ messages: NONE, atStart: true, atEnd: true, loading: false, failed: false });

/** The messages of the open conversation, or of one that has not begun. */
export function Messages({ here, one }) {
  const id = here.conversation_id;
  const messages = useMemo(() => id && viewOf(id), [id]);
  const scroller = useRef(/** @type {any} */ (null));
  const [unreadFrom, setUnreadFrom] = useState(() => (id ? firstUnread(id) : 0));
  const [view, setView] = useState({ atBottom: true });
  const state = useView(messages);
  useCell(members, (map) => map.get(id), id); // how far they have got is shown with each message
  const happened = useCell(notes, (map) => map.get(id) ?? NONE, id);
  const unsent = useCell(outbox).filter((fields) => goesTo(fields, here, one?.peer ?? here.peer));
  const goTo = useCell(target);
  const unread = useCell(conversations, (all) => all.find((any) => any.conversation_id === id)?.unread ?? 0, id);

  useEffect(() => {
    const hidden = () => document.hidden && setUnreadFrom(0); // what comes from now on is new
    document.addEventListener("visibilitychange", hidden);
    return () => document.removeEventListener("visibilitychange", hidden);
  }, []);
  useEffect(() => {
    if (unread && !unreadFrom && !(view.atBottom && document.hasFocus())) setUnreadFrom(firstUnread(id));
  }, [unread > 0]);

  const rows = rowsOf({
    ...state, notes: happened, unreadFrom, me: me(),
    pending: unsent.filter((entry) => entry.state !== "failed"),
    failed: unsent.filter((entry) => entry.state === "failed"),
  });
  const jump = goTo?.conversation_id === id ? jumpTo(rows, goTo) : null;
  const isGroup = one?.kind === "group";
  const draw = (row) => {
    switch (row.kind) {
      case "day": return html`<${DayRow} key=${row.key} id=${row.key} at=${row.at} />`;
      case "unread": return html`<${UnreadRow} key=${row.key} />`;
      case "note": return html`<${NoteRow} key=${row.key} id=${row.key} note=${row.note} />`;
      case "pending": return html`<${PendingRow} key=${row.key} id=${row.key} fields=${row.fields} first=${row.first} />`;
      case "failed": return html`<${FailedRow} key=${row.key} id=${row.key} fields=${row.fields} here=${keyOf(here)} />`;
      default: return html`<${MessageRow} key=${row.key} id=${row.key} message=${row.message} first=${row.first} own=${row.own} isGroup=${isGroup}
        moderates=${moderates(one?.role)} pinned=${!!one?.pinned?.includes(row.message.seq)} progress=${row.own ? client.deliveryOf(row.message).state : ""} />`;
    }
  };
  const onView = ({ atBottom, seq }) => {
    if (messages) messages.readsEarlier = !atBottom;
    if (view.atBottom !== atBottom) setView({ atBottom });
    if (id) seen(id, seq);
  };
  const toEnd = async () => {
    if (!state.atEnd) await messages.goToEnd();
    scroller.current.toEnd();
  };
  return html`<div class="messages">
    <${Scroller} ref=${scroller} rows=${rows} draw=${draw} atEnd=${state.atEnd} begin=${unreadFrom ? "unread" : "end"} jump=${jump}
      older=${() => messages?.older()} newer=${() => messages?.newer()} onView=${onView} />
    ${state.loading && html`<span class="spinner over" role="status" aria-label="Loading messages"></span>`}
    ${state.failed && !state.messages.length && html`<p class="middle">The messages could not be fetched.
      <button type="button" class="link" onClick=${() => messages.goToEnd()}>Try again</button></p>`}
    ${!rows.length && state.atEnd && !state.loading && !state.failed && html`<p class="middle">Nobody has written anything yet.</p>`}
    ${!view.atBottom && html`<button type="button" class="to-end" id="to-end" onClick=${toEnd}>
      ${unread > 0 && html`<span>${unread === 1 ? "1 new message" : `${unread} new messages`}</span>`}
      <${Icon} name="down" /><span class="hidden">To the newest message</span>
    </button>`}
  </div>`;
}

function useView(messages) {
  const [, draw] = useState(0);
  useEffect(() => {
    const drawAgain = () => draw((count) => count + 1);
    return messages?.state.follow(() => inNextFrame(drawAgain));
  }, [messages]);
  return messages?.state.value ?? NOWHERE;
}

/** The same object for the same wish, so that one is brought there once. */
const jumps = new WeakMap();

function jumpTo(rows, wish) {
  if (jumps.has(wish)) return jumps.get(wish);
  const row = rows.find(({ kind, message }) => kind === "message" && message.seq >= wish.seq);
  if (!row) return null;
  const jump = { key: row.key };
  jumps.set(wish, jump);
  return jump;
}

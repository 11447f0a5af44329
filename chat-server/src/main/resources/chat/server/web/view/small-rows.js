import { useCell } from "../model/cell.js";
import { me } from "../model/chat.js";
import { describeChange } from "../model/notes.js";
import { profiles } from "../model/people.js";
import { clockTime, dayName } from "../text/time.js";
import { BrokenRow } from "./broken.js";
import { guarded, html } from "./html.js";

export const DayRow = ({ id, at }) => html`<li class="row day" data-key=${id}><h2>${dayName(at)}</h2></li>`;

export const UnreadRow = () => html`<li class="row unread-line" data-key="unread"><span>New messages</span></li>`;

/** What happened to the conversation. */
export const NoteRow = guarded(({ id, note }) => {
  useCell(profiles);
  return html`<li class="row note" data-key=${id} dir="auto">${describeChange(note.change, me())} <time>${clockTime(note.at)}</time></li>`;
}, BrokenRow);

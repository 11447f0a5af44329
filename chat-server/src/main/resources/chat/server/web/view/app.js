import { announced } from "../model/attention.js";
import { useCell } from "../model/cell.js";
import { phase } from "../model/session.js";
import { dismiss, toasts } from "../model/toasts.js";
import { Dialogs } from "./dialog.js";
import { Door } from "./door.js";
import { html, classes } from "./html.js";
import { IconButton } from "./controls.js";
import { Room } from "./room.js";

export function App() {
  const where = useCell(phase);
  return html`
    ${where === "starting" && html`<main class="starting" aria-busy="true"><h1 class="hidden">Chat</h1><span class="spinner"></span></main>`}
    ${where === "door" && html`<${Door} />`}
    ${where === "room" && html`<${Room} />`}
    <${Dialogs} />
    <${Toasts} />
    <${Spoken} />`;
}

/** A component of its own, so that a new message redraws this text and not the whole page. */
function Spoken() {
  return html`<div class="hidden" id="announcements" aria-live="polite">${useCell(announced)}</div>`;
}

function Toasts() {
  return html`<div class="toasts" role="status" aria-live="polite">
    ${useCell(toasts).map(({ id, text, isError }) => html`<p key=${id} class=${classes("toast", isError && "error")}>
      <span>${text}</span><${IconButton} icon="close" label="Dismiss" size=${16} onClick=${() => dismiss(id)} />
    </p>`)}
  </div>`;
}

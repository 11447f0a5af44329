import { announcements, dismiss } from "../model/announcements.js";
import { useCell } from "../model/cell.js";
import { IconButton } from "./controls.js";
import { html, classes } from "./html.js";
import { Icon } from "./icon.js";
import { Markdown } from "./markdown.js";

/** What the operator says to all users. Each is read aloud once, when it comes: a warning at once, the others when there is a pause. */
export function Announcements() {
  const all = useCell(announcements);
  const list = (shown) => shown.map((one) => html`<${Announcement} key=${one.id} one=${one} />`);
  return html`<div class="announcements">
    <div role="alert" aria-atomic="false">${list(all.filter(({ kind }) => kind === "warning"))}</div>
    <div role="status" aria-atomic="false">${list(all.filter(({ kind }) => kind !== "warning"))}</div>
  </div>`;
}

function Announcement({ one: { id, kind, text } }) {
  const isWarning = kind === "warning";
  return html`<div class=${classes("announcement", isWarning && "warning")} data-id=${id}>
    <${Icon} name=${isWarning ? "alert" : "info"} size=${18} />
    <div class="text"><span class="hidden">${isWarning ? "Warning: " : "Announcement: "}</span><${Markdown} text=${text} /></div>
    <${IconButton} icon="close" label="Dismiss this announcement" size=${18} onClick=${() => leave(id)} />
  </div>`;
}

/** The focus goes to the next one, if there is one. */
function leave(id) {
  const buttons = [...document.querySelectorAll(".announcement button[aria-label^=Dismiss]")];
  const at = buttons.findIndex((button) => button.closest(".announcement").dataset.id === id);
  (buttons[at + 1] ?? buttons[at - 1])?.focus();
  dismiss(id);
}

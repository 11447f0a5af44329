import { announcements, dismiss, isWarning } from "../model/announcements.js";
import { useCell } from "../model/cell.js";
import { IconButton } from "./controls.js";
import { html, classes } from "./html.js";
import { Icon } from "./icon.js";
import { Markdown } from "./markdown.js";

/** What the operator says to all users. Each is read aloud once, when it comes: a warning at once, the others when there is a pause. */
export function Announcements() {
  const all = useCell(announcements);
  return html`<div class="announcements">
    <div role="alert" aria-atomic="false">${all.filter(isWarning).map(announcement)}</div>
    <div role="status" aria-atomic="false">${all.filter((one) => !isWarning(one)).map(announcement)}</div>
  </div>`;
}

/** An element and no component, whose element would come into the document twice, and could be read twice. */
function announcement({ id, kind, text }) {
  const warns = isWarning({ kind });
  return html`<div key=${id} class=${classes("announcement", warns && "warning")} data-id=${id}>
    <${Icon} name=${warns ? "alert" : "info"} size=${18} />
    <span class="hidden">${warns ? "Warning:" : "Announcement:"}</span>
    <div class="text"><${Markdown} text=${text} /></div>
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

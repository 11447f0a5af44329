import { discard, putBack, retry } from "../model/outgoing.js";
import { describe } from "../text/errors.js";
import { Attachments } from "./attachments.js";
import { BrokenRow } from "./broken.js";
import { html, classes, guarded, memo } from "./html.js";
import { Icon } from "./icon.js";
import { Markdown } from "./markdown.js";

const Content = ({ fields: { text, attachments, forward_of: forward } }) => html`
  ${attachments?.length > 0 && html`<${Attachments} ids=${attachments} />`}
  ${text ? html`<div class="text"><${Markdown} text=${text} /></div>` : forward && html`<p class="forwarded"><${Icon} name="forward" size=${14} /> Forwarded message</p>`}`;

/** A message that is on its way. */
export const PendingRow = guarded(memo(({ id, fields, first }) => html`
  <li class=${classes("row", "message", "own", "pending", first && "first")} data-key=${id} tabindex="-1">
    <div class="column"><div class="bubble">
      <${Content} fields=${fields} />
      <span class="meta"><span class="tick" title="Sending"><${Icon} name="clock" size=${14} /><span class="hidden">Sending</span></span></span>
    </div></div>
  </li>`), BrokenRow);

/** A message that was refused: why, and what can be done. */
export const FailedRow = guarded(memo(({ id, fields, here }) => {
  const { client_message_id: entry, error } = fields;
  const again = () => {
    putBack(here, fields);
    discard(entry);
  };
  return html`<li class="row message own failed" data-key=${id} tabindex="-1">
    <div class="column">
      <div class="bubble"><${Content} fields=${fields} /></div>
      <p class="reason" role="alert"><${Icon} name="alert" size=${16} /> <span>Not sent: ${describe(error ?? {})}</span></p>
      <p class="choices">
        <button type="button" class="link" onClick=${() => retry(entry)}>Try again</button>
        ${fields.text && html`<button type="button" class="link" onClick=${again}>Edit</button>`}
        <button type="button" class="link" onClick=${() => discard(entry)}>Discard</button>
      </p>
    </div>
  </li>`;
}), BrokenRow);

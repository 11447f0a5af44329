import { useCell } from "../model/cell.js";
import { draftOf } from "../model/drafts.js";
import { goesTo, outbox } from "../model/outgoing.js";
import { closeConversation, keyOf } from "../model/route.js";
import { html } from "./html.js";

/** In place of a conversation that this user is not in: a bad address, or one that they have left. What they wrote there is still theirs. */
export function Missing({ here }) {
  const unsent = useCell(outbox).filter((fields) => goesTo(fields, here)).map(({ text }) => text);
  const texts = [...unsent, draftOf(keyOf(here))].filter(Boolean);
  return html`<div class="empty" id="missing">
    <h1>This conversation is not here</h1>
    <p>It does not exist, or you are not in it any more.</p>
    ${texts.length > 0 && html`<label class="field"><span class="field-label">What you wrote and did not send</span>
      <textarea readonly rows="4" dir="auto" value=${texts.join("\n")}></textarea></label>`}
    <button type="button" class="button" onClick=${closeConversation}>Back to the conversations</button>
  </div>`;
}

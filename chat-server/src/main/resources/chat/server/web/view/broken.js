import { closeConversation } from "../model/route.js";
import { html } from "./html.js";

// What stands where something could not be drawn.

export const BrokenRow = ({ id, message }) => html`<li class="row note" data-key=${id} data-seq=${message?.seq}>This message cannot be shown.</li>`;

export const BrokenItem = () => html`<li class="nobody">A conversation cannot be shown.</li>`;

export const BrokenPane = () => html`<div class="empty"><p>This conversation cannot be shown.</p>
  <button type="button" class="button" onClick=${closeConversation}>Back to the conversations</button></div>`;

export const Nothing = () => null;

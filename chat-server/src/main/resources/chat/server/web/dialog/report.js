import { client } from "../model/chat.js";
import { toast } from "../model/toasts.js";
import { plain } from "../text/markdown.js";
import { Form } from "../view/controls.js";
import { Dialog, openDialog } from "../view/dialog.js";
import { html } from "../view/html.js";

export const openReport = (message) => openDialog((close) => {
  const submit = async ({ reason }) => {
    await client.report({ conversation_id: message.conversation_id, seq: message.seq, reason });
    toast("Thank you. The moderators have the message now.");
    close();
  };
  return html`<${Dialog} title="Report this message" close=${close} name="report">
    <blockquote dir="auto">${plain(message.text)}</blockquote>
    <${Form} label="Report" submit=${submit}>
      <label class="field"><span class="field-label">What is wrong with it?</span>
        <textarea name="reason" rows="3" required autofocus maxlength=${client.limits?.max_report_length ?? 1000}></textarea></label>
      <p class="field-hint">The moderators get the message and what you write. Nobody else learns of it.</p>
    </${Form}>
  </${Dialog}>`;
});

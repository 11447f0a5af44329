import { Form } from "../view/controls.js";
import { Dialog, openDialog } from "../view/dialog.js";
import { html } from "../view/html.js";

/** @returns {Promise<number | undefined>} the beginning of a day */
export const openDate = () => openDialog((close) => html`<${Dialog} title="Go to a date" close=${close} name="date">
  <${Form} label="Go" submit=${({ day }) => close(new Date(`${day}T00:00`).getTime())}>
    <label class="field"><span class="field-label">Day</span>
      <input type="date" name="day" required autofocus /></label>
  </${Form}>
</${Dialog}>`);

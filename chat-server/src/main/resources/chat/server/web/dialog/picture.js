import { useEffect, useState } from "preact/hooks";
import { client } from "../model/chat.js";
import { attempt } from "../model/toasts.js";
import { Dialog, openDialog } from "../view/dialog.js";
import { html } from "../view/html.js";

/** A picture as large as the window. */
export const openPicture = (id, name) => openDialog((close) => html`<${View} id=${id} name=${name} close=${close} />`);

function View({ id, name, close }) {
  const [url, setUrl] = useState("");
  useEffect(() => {
    attempt(() => client.files.url(id).then(setUrl));
  }, [id]);
  return html`<${Dialog} title=${name} close=${close} name="picture" wide>
    <div class="picture-large">${url ? html`<img src=${url} alt=${name} />` : html`<span class="spinner"></span>`}</div>
    ${url && html`<div class="dialog-buttons"><a class="button" href=${url} download=${name}>Download</a></div>`}
  </${Dialog}>`;
}

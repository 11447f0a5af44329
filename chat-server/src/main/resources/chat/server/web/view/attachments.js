import { useEffect, useState } from "preact/hooks";
import { client } from "../model/chat.js";
import { attempt } from "../model/toasts.js";
import { sizeOf } from "../text/size.js";
import { openPicture } from "../dialog/picture.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";

/** The files of a message: pictures are shown small, others by name. */
export const Attachments = ({ ids }) => html`<ul class="attachments">${ids.map((id) => html`<li key=${id}><${Attachment} id=${id} /></li>`)}</ul>`;

function Attachment({ id }) {
  const [file, setFile] = useState(/** @type {any} */ (null));
  useEffect(() => {
    let gone = false;
    client.files.describe(id).then((told) => gone || setFile(told), () => gone || setFile({ missing: true }));
    return () => (gone = true);
  }, [id]);
  if (!file) return html`<span class="attachment loading"><span class="spinner"></span></span>`;
  if (file.missing) return html`<span class="attachment"><${Icon} name="file" /> This file is not available.</span>`;
  if (/^image\/(png|jpeg|gif|webp|avif)$/.test(file.type)) return html`<${Picture} file=${file} />`;
  return html`<button type="button" class="attachment" onClick=${() => download(file)}>
    <${Icon} name="file" /> <span><bdi>${file.name}</bdi><small>${sizeOf(file.size)}</small></span> <${Icon} name="download" size=${18} />
  </button>`;
}

function Picture({ file: { file_id: id, name } }) {
  const [url, setUrl] = useState("");
  useEffect(() => {
    let gone = false;
    client.files.thumbnailUrl(id).catch(() => client.files.url(id)).then((address) => gone || setUrl(address), () => {});
    return () => (gone = true);
  }, [id]);
  return html`<button type="button" class="picture" aria-label=${`Picture: ${name}`} onClick=${() => openPicture(id, name)}>
    ${url ? html`<img src=${url} alt=${name} />` : html`<span class="spinner"></span>`}
  </button>`;
}

export async function download({ file_id: id, name }) {
  const url = await attempt(() => client.files.url(id));
  if (!url) return;
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
}

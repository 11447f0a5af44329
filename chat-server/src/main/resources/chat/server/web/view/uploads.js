import { useEffect, useState } from "preact/hooks";
import { useCell } from "../model/cell.js";
import { abortUpload, addFiles, clearUploads, retryUpload, uploads } from "../model/uploads.js";
import { client } from "../model/chat.js";
import { IconButton } from "./controls.js";
import { html, classes } from "./html.js";
import { Icon } from "./icon.js";
import { describe } from "../text/errors.js";
import { sizeOf } from "../text/size.js";

const NONE = Object.freeze([]);

/** The files that go with the next message of a conversation: picked, pasted, or dropped onto it. */
export function useUploads(key) {
  const list = useCell(uploads, (map) => map.get(key) ?? NONE, key);
  const add = (files) => addFiles(key, [...files], client.limits?.max_attachments ?? 10);
  useEffect(() => {
    const pane = document.querySelector(".pane");
    const over = (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      pane.classList.toggle("dropping", event.type === "dragover");
      if (event.type === "drop") add(event.dataTransfer.files);
    };
    const types = ["dragover", "dragleave", "drop"];
    types.forEach((type) => pane.addEventListener(type, over));
    return () => types.forEach((type) => pane.removeEventListener(type, over));
  }, [key]);
  const paste = (event) => {
    const files = [...event.clipboardData.files];
    if (!files.length) return;
    event.preventDefault();
    add(files);
  };
  return {
    key, list, add, paste,
    ready: list.filter(({ file_id: id }) => id).map(({ file_id: id }) => id),
    busy: list.some(({ file_id: id, error }) => !id && !error),
    clear: () => clearUploads(key),
  };
}

export function AttachButton({ uploads: { add } }) {
  const onChange = ({ currentTarget: input }) => {
    add(input.files);
    input.value = "";
  };
  return html`<label class="icon-button attach" title="Attach files">
    <${Icon} name="clip" /><span class="hidden">Attach files</span>
    <input type="file" id="files" multiple class="hidden" onChange=${onChange} />
  </label>`;
}

export function Tray({ uploads: { list, key } }) {
  if (!list.length) return null;
  return html`<ul class="tray" aria-label="Files to send">
    ${list.map((one) => html`<li key=${one.id} class=${classes("upload", one.error && "failed")}>
      ${one.preview ? html`<img src=${one.preview} alt="" />` : html`<${Icon} name="file" />`}
      <span class="upload-words"><bdi>${one.name}</bdi>
        ${one.error ? html`<small role="alert">${describe(one.error)}</small>`
          : one.file_id ? html`<small>${one.size === undefined ? "" : sizeOf(one.size)}</small>`
          : html`<progress max="1" value=${one.progress} aria-label=${`Uploading ${one.name}`}></progress>`}
      </span>
      ${one.error && html`<button type="button" class="link" onClick=${() => retryUpload(key, one.id)}>Try again</button>`}
      <${IconButton} icon="close" label=${`Remove ${one.name}`} size=${16} onClick=${() => abortUpload(key, one.id)} />
    </li>`)}
  </ul>`;
}

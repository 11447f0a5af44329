import { useEffect, useRef } from "preact/hooks";
import { Cell, useCell } from "../model/cell.js";
import { guarded, html, classes } from "./html.js";
import { IconButton } from "./controls.js";

/** What is open above the page, the last one in front: [{ key, view }] */
const dialogs = new Cell([]);
let keys = 0;

/**
 * Opens a dialog.
 *
 * @param {(close: (value?: any) => void) => any} view
 * @returns {Promise<any>} what it was closed with
 */
export function openDialog(view) {
  return new Promise((resolve) => {
    const key = ++keys;
    const close = (value) => {
      if (!dialogs.value.some((one) => one.key === key)) return;
      dialogs.value = dialogs.value.filter((one) => one.key !== key);
      resolve(value);
    };
    dialogs.value = [...dialogs.value, { key, view: () => view(close), close }];
  });
}

export function closeAllDialogs() {
  for (const { close } of [...dialogs.value].reverse()) close();
}

export function Dialogs() {
  return useCell(dialogs).map(({ key, view, close }) => html`<${Opened} key=${key} view=${view} close=${close} />`);
}

const Broken = ({ close }) => html`<${Dialog} title="Something is wrong" close=${close} name="broken"><p>This cannot be shown.</p></${Dialog}>`;
const Opened = guarded(({ view }) => view(), Broken);

/** A dialog of the browser: it keeps the focus inside, closes with Escape, and gives the focus back. */
export function Dialog({ title, close, side = false, wide = false, children, name }) {
  const ref = useRef(null);
  useEffect(() => {
    const before = document.activeElement;
    const dialog = ref.current;
    dialog.showModal();
    return () => {
      dialog.close(); // until then nothing else takes the focus
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  const onClick = (event) => event.target === ref.current && close(); // beside it
  return html`<dialog ref=${ref} class=${classes("dialog", side && "side", wide && "wide")} aria-labelledby=${`${name}-title`}
      data-name=${name} onCancel=${(event) => { event.preventDefault(); close(); }} onClick=${onClick}>
    <div class="dialog-body">
      <header class="dialog-header">
        <h2 id=${`${name}-title`}>${title}</h2>
        <${IconButton} icon="close" label="Close" onClick=${() => close()} />
      </header>
      ${children}
    </div>
  </dialog>`;
}

/** @returns {Promise<boolean>} */
export async function confirm({ title, text, yes, danger = true }) {
  return !!(await openDialog((close) => html`<${Dialog} title=${title} close=${close} name="confirm">
    <p>${text}</p>
    <div class="dialog-buttons">
      <button type="button" class="button" onClick=${() => close(false)}>Cancel</button>
      <button type="button" class=${classes("button", danger ? "danger" : "primary")} onClick=${() => close(true)}>${yes}</button>
    </div>
  </${Dialog}>`));
}

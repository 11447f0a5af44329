import { describe } from "../text/errors.js";
import { Cell } from "./cell.js";

const SHOWN_MS = 6_000;

/** What the page says for a moment: [{ id, text, isError }] */
export const toasts = new Cell([]);
let ids = 0;

export function toast(text, isError = false) {
  const id = ++ids;
  toasts.value = [...toasts.value.filter((one) => one.text !== text), { id, text, isError }].slice(-3);
  setTimeout(() => dismiss(id), SHOWN_MS);
}

export function dismiss(id) {
  toasts.value = toasts.value.filter((one) => one.id !== id);
}

/**
 * Says what went wrong in place of throwing it at nobody.
 *
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T | undefined>}
 */
export async function attempt(work) {
  try {
    return await work();
  } catch (error) {
    toast(describe(error), true);
    return undefined;
  }
}

/** A browser has a clipboard on https alone, and may forbid it. */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast("Copied");
  } catch {
    toast("Not copied: this browser does not allow it here. Select the text and copy it.", true);
  }
}

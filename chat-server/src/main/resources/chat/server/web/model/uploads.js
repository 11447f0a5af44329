import { Cell, put } from "./cell.js";
import { client } from "./chat.js";
import { toast } from "./toasts.js";

/** key of a conversation -> [{ id, name, size, preview, progress, file_id, error }] */
export const uploads = new Cell(new Map());

const running = new Map(); // id -> { file, controller }
let ids = 0;

const listOf = (key) => uploads.value.get(key) ?? [];

function change(key, id, part) {
  put(uploads, key, listOf(key).map((one) => (one.id === id ? { ...one, ...part } : one)));
}

export function addFiles(key, files, most) {
  const room = most - listOf(key).length;
  if (files.length > room) toast(`A message can have ${most} files.`, true);
  for (const file of files.slice(0, room)) {
    const id = ++ids;
    const preview = file.type.startsWith("image/") ? URL.createObjectURL(file) : undefined;
    put(uploads, key, [...listOf(key), { id, name: file.name || "picture", size: file.size, preview, progress: 0 }]);
    running.set(id, { file, controller: new AbortController() });
    upload(key, id);
  }
}

/** Files that are at the server already, for a message that was not sent. */
export function addUploaded(key, fileIds) {
  const added = fileIds.map((file_id) => ({ id: ++ids, name: "File", file_id, progress: 1 }));
  if (added.length) put(uploads, key, [...listOf(key), ...added]);
}

async function upload(key, id) {
  const { file, controller } = running.get(id);
  const onProgress = ({ sent, total }) => change(key, id, { progress: total ? sent / total : 0 });
  try {
    const { file_id } = await client.files.upload(file, { name: file.name, type: file.type, onProgress, signal: controller.signal });
    change(key, id, { file_id, progress: 1 });
  } catch (error) {
    change(key, id, { error: { code: error.code, message: error.message } });
  }
}

export function retryUpload(key, id) {
  change(key, id, { error: undefined, progress: 0 });
  upload(key, id);
}

/** Takes a file out; one that is under way is not sent on. */
export function abortUpload(key, id) {
  const { preview } = listOf(key).find((one) => one.id === id);
  if (preview) URL.revokeObjectURL(preview);
  running.get(id)?.controller.abort();
  running.delete(id);
  const left = listOf(key).filter((one) => one.id !== id);
  put(uploads, key, left.length ? left : undefined);
}

export function clearUploads(key) {
  for (const { id } of listOf(key)) abortUpload(key, id);
}

import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { textOf } from "../model/attention.js";
import { useCell } from "../model/cell.js";
import { me } from "../model/chat.js";
import { composing, edit, endComposing, mentionsIn, resumeComposing, startEdit, write, writtenIn } from "../model/composing.js";
import { send } from "../model/outgoing.js";
import { keyOf } from "../model/route.js";
import { enterSends } from "../model/screen.js";
import { viewOf } from "../model/timelines.js";
import { attempt, toast } from "../model/toasts.js";
import { tellTyping, toldNothing } from "../model/typing.js";
import { AttachButton, Tray, useUploads } from "./uploads.js";
import { Completion, useCompletion } from "./completion.js";
import { IconButton, Name } from "./controls.js";
import { EmojiPicker } from "./emoji-picker.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { describeUnsent } from "../text/errors.js";
import { plain } from "../text/markdown.js";

const GROWS_BY_ITSELF = globalThis.CSS?.supports("field-sizing", "content");

let wasWriting = false; // whether the one that this takes the place of had the focus, as when a conversation begins

/** Where one writes. Enter sends and Shift+Enter begins a line; on a phone Enter does, and the button sends. */
export function Composer({ here, one }) {
  const key = keyOf(here);
  const id = here.conversation_id;
  const field = useRef(/** @type {any} */ (null));
  const anchor = useRef(null);
  useMemo(() => resumeComposing(key), [key]);
  const [text, setText] = useState(() => writtenIn(key));
  const [picks, setPicks] = useState(false);
  const { reply, edit: edited } = useCell(composing, (map) => map.get(key), key) ?? {};
  const uploads = useUploads(key);
  const change = (value) => {
    setText(value);
    write(key, value);
  };
  const completion = useCompletion({ field, text, write: change, here });

  useLayoutEffect(() => {
    if (GROWS_BY_ITSELF) return; // else each key would cost two layouts of the page
    field.current.style.height = "auto";
    field.current.style.height = `${field.current.scrollHeight}px`;
  }, [text]);
  useEffect(() => {
    setText(writtenIn(key));
    if (edited || reply || enterSends()) field.current.focus();
  }, [key, edited?.seq, reply?.seq]);
  useLayoutEffect(() => {
    const { current } = field;
    if (wasWriting) current.focus();
    return () => {
      wasWriting = document.activeElement === current;
      setTimeout(() => (wasWriting = false));
    };
  }, []);
  useEffect(() => {
    const changed = ({ detail }) => detail === key && (setText(writtenIn(key)), field.current.focus());
    addEventListener("chat-draft", changed);
    return () => removeEventListener("chat-draft", changed);
  }, [key]);

  const isEmpty = !text.trim() && !uploads.ready.length;
  const submit = async () => {
    if (isEmpty || uploads.busy) return;
    toldNothing();
    if (edited) {
      if (text.trim() === edited.text.trim() || (await attempt(() => edit(edited, text)))) endComposing(key);
      return;
    }
    const mentions = mentionsIn(text, { conversation_id: id, peer: here.peer });
    const refusal = send({
      ...(id ? { conversation_id: id } : { to: here.peer }),
      ...(text.trim() && { text }),
      ...(mentions.length && { mentions }),
      ...(reply && { reply_to: reply.seq }),
      ...(uploads.ready.length && { attachments: uploads.ready }),
    });
    if (refusal) return void toast(describeUnsent(refusal), true); // it stays where it was written
    endComposing(key);
    change("");
    uploads.clear();
  };
  const onKeyDown = (event) => {
    if (completion.onKeyDown(event)) return;
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && enterSends()) {
      event.preventDefault();
      submit();
    } else if (event.key === "Escape" && (reply || edited)) {
      event.stopPropagation();
      endComposing(key);
    } else if (event.key === "ArrowUp" && !text && id) {
      const own = viewOf(id).lastOf(me());
      if (own) startEdit(id, own);
      event.preventDefault();
    }
  };
  const onInput = ({ currentTarget: { value } }) => {
    change(value);
    completion.look();
    if (value) tellTyping(id);
  };
  const insert = (emoji) => {
    field.current.focus();
    field.current.setRangeText(emoji, field.current.selectionStart, field.current.selectionEnd, "end");
    change(field.current.value);
  };
  return html`<footer class="composer" ref=${anchor}>
    <${Completion} completion=${completion} />
    ${(reply || edited) && html`<${About} reply=${reply} edited=${edited} cancel=${() => endComposing(key)} />`}
    <${Tray} uploads=${uploads} />
    <form class="composer-row" id="write" onSubmit=${(event) => { event.preventDefault(); submit(); }}>
      ${!edited && html`<${AttachButton} uploads=${uploads} />`}
      <div class="composer-field">
        <textarea name="text" id="text" rows="1" dir="auto" autocomplete="off" placeholder="Message" aria-label="Message" ref=${field} value=${text}
          enterkeyhint=${enterSends() ? "send" : "enter"} onInput=${onInput} onKeyDown=${onKeyDown} onPaste=${uploads.paste}
          ...${completion.aria}></textarea>
        <${IconButton} icon="smile" label="Emoji" aria-expanded=${picks} onClick=${() => setPicks(!picks)} />
      </div>
      <button class="send" onMouseDown=${staysInField} aria-label=${edited ? "Save" : "Send"} title=${edited ? "Save" : "Send"} disabled=${isEmpty || uploads.busy}>
        <${Icon} name=${edited ? "check" : "send"} />
      </button>
    </form>
    ${one?.slow_mode_seconds > 0 && one.role === "member" && html`<p class="composer-note">Slow mode: a message every ${one.slow_mode_seconds} seconds.</p>`}
    ${picks && html`<${EmojiPicker} anchor=${anchor} close=${() => setPicks(false)} pick=${insert} />`}
  </footer>`;
}

/** Pressing a button takes no focus, and with it the keyboard of a phone, from where one writes. */
const staysInField = (event) => event.preventDefault();

/** What is answered or edited. */
function About({ reply, edited, cancel }) {
  const message = reply ?? edited;
  return html`<div class="about" id="about">
    <${Icon} name=${reply ? "reply" : "edit"} size=${18} />
    <span class="about-words"><b>${reply ? html`Reply to <${Name} of=${reply.from} />` : "Edit message"}</b> <span dir="auto">${plain(textOf(message))}</span></span>
    <${IconButton} icon="close" label="Cancel" size=${18} onClick=${cancel} />
  </div>`;
}

import { useEffect, useState } from "preact/hooks";
import { textOf } from "../model/attention.js";
import { client } from "../model/chat.js";
import { useFetched } from "../model/connection.js";
import { openConversation } from "../model/route.js";
import { plain } from "../text/markdown.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";

/** The message that was pinned last; each click goes to the next one. */
export function PinnedBar({ one: { conversation_id: id, pinned } }) {
  const [pins, setPins] = useState([]);
  const [at, setAt] = useState(0);
  const names = pinned.join();
  useEffect(() => void setAt(0), [id, names]);
  useFetched(() => client.pins({ conversation_id: id, limit: 100 }).then(({ pins: told }) => setPins(told), () => {}), [id, names]);
  const shown = pins.filter(({ message }) => pinned.includes(message.seq));
  const pin = shown[at % (shown.length || 1)];
  const show = () => {
    if (!pin) return;
    openConversation(id, pin.message.seq);
    setAt((at + 1) % shown.length);
  };
  return html`<button type="button" class="pinned-bar" id="pinned" onClick=${show}>
    <${Icon} name="pin" size=${16} />
    <span class="pinned-label">Pinned${pinned.length > 1 ? ` ${(at % pinned.length) + 1} of ${pinned.length}` : ""}</span>
    <span class="pinned-text" dir="auto">${pin ? plain(textOf(pin.message)) : ""}</span>
  </button>`;
}

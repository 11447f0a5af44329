import { useState } from "preact/hooks";
import { client } from "../model/chat.js";
import { nameOf } from "../model/people.js";
import { attempt } from "../model/toasts.js";
import { html } from "./html.js";

const MOST_NAMES = 20;

export const react = ({ conversation_id, seq }, emoji, on) => attempt(() => client.react({ conversation_id, seq, emoji, on }));

/** Who reacts with what; a click joins in, or takes it back. */
export function Reactions({ message }) {
  return html`<ul class="reactions" aria-label="Reactions">
    ${message.reactions.map((one) => html`<li key=${one.emoji}><${Reaction} message=${message} ...${one} /></li>`)}
  </ul>`;
}

function Reaction({ message: { conversation_id, seq }, emoji, count, me }) {
  const [names, setNames] = useState("");
  const ask = async () => {
    const { reactions } = await client.reactions({ conversation_id, seq, emoji, limit: MOST_NAMES }).catch(() => ({ reactions: [] }));
    const more = count > reactions.length ? ` and ${count - reactions.length} more` : "";
    setNames(reactions.map(({ username }) => nameOf(username)).join(", ") + more);
  };
  return html`<button type="button" class="reaction" aria-pressed=${!!me} title=${names} onPointerEnter=${ask} onFocus=${ask}
      aria-label=${`${emoji} ${count}${names && `: ${names}`}`} onClick=${() => react({ conversation_id, seq }, emoji, !me)}>
    <span aria-hidden="true">${emoji}</span> <span class="number" aria-hidden="true">${count}</span>
  </button>`;
}

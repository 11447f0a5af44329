import { useState } from "preact/hooks";
import { useCell } from "../model/cell.js";
import { me } from "../model/chat.js";
import { members } from "../model/members.js";
import { knownName, nameOf } from "../model/people.js";
import { findEmoji } from "../text/emoji.js";
import { html } from "./html.js";

const MOST = 6;
const BEGUN = /(?:^|[\s(])([@:])([\p{L}\p{N}_.+-]*)$/u;

/** Names behind @ and emoji behind :, while one writes them. */
export function useCompletion({ field, text, write, here }) {
  const list = useCell(members, (map) => map.get(here.conversation_id), here.conversation_id);
  const [begun, setBegun] = useState(/** @type {?{ sign: string, word: string, at: number }} */ (null));
  const [chosen, setChosen] = useState(0);
  const look = () => {
    const at = field.current.selectionStart;
    const found = BEGUN.exec(field.current.value.slice(0, at));
    setBegun(found ? { sign: found[1], word: found[2].toLowerCase(), at: at - found[2].length - 1 } : null);
    setChosen(0);
  };
  const options = begun && text ? optionsFor(begun, list ?? [{ username: here.peer }]) : [];
  const take = ({ value }) => {
    const end = begun.at + 1 + begun.word.length;
    field.current.setRangeText(`${value} `, begun.at, end, "end");
    write(field.current.value);
    setBegun(null);
    field.current.focus();
  };
  const onKeyDown = (event) => {
    if (!options.length) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) setChosen((chosen + step + options.length) % options.length);
    else if (event.key === "Enter" || event.key === "Tab") take(options[chosen]);
    else if (event.key === "Escape") setBegun(null);
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  };
  const isOpen = options.length > 0; // a textarea is no combobox, but may point at a list
  const aria = {
    "aria-autocomplete": "list", "aria-haspopup": "listbox",
    "aria-controls": isOpen ? "completion" : undefined, "aria-activedescendant": isOpen ? `option-${chosen}` : undefined,
  };
  return { options, chosen, take, look, onKeyDown, aria };
}

function optionsFor({ sign, word }, list) {
  if (sign === ":") {
    return word.length < 2 ? [] : findEmoji(word, MOST).map(({ emoji, name }) => ({ value: emoji, label: `${emoji} ${name.replaceAll("_", " ")}` }));
  }
  return list
    .map(({ username }) => username)
    .filter((name) => name && name !== me() && `${name} ${knownName(name)}`.toLowerCase().includes(word))
    .slice(0, MOST)
    .map((name) => ({ value: `@${name}`, label: nameOf(name) === name ? `@${name}` : `${nameOf(name)} @${name}` }));
}

export function Completion({ completion: { options, chosen, take } }) {
  if (!options.length) return null;
  return html`<ul class="completion" id="completion" role="listbox" aria-label="Suggestions">
    ${options.map((option, i) => html`<li key=${option.value} role="option" id=${`option-${i}`} aria-selected=${i === chosen}
      onPointerDown=${(event) => { event.preventDefault(); take(option); }}><bdi>${option.label}</bdi></li>`)}
  </ul>`;
}

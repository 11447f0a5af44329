import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { emojiGroups, findEmoji } from "../text/emoji.js";
import { html } from "./html.js";
import { place } from "./menu.js";

const MOST_FOUND = 60;

/** All emoji, by group or by name. */
export function EmojiPicker({ anchor, close, pick }) {
  const [word, setWord] = useState("");
  const ref = useRef(/** @type {any} */ (null));
  useLayoutEffect(() => {
    ref.current.showPopover?.();
    place(ref.current, anchor.current.getBoundingClientRect());
    ref.current.querySelector("input").focus({ preventScroll: true });
  }, []);
  useEffect(() => {
    const outside = ({ target }) => !ref.current?.contains(target) && !anchor.current?.contains(target) && close();
    addEventListener("pointerdown", outside, true);
    return () => removeEventListener("pointerdown", outside, true);
  }, []);
  const groups = word ? [{ name: "Found", emoji: findEmoji(word.toLowerCase(), MOST_FOUND) }] : emojiGroups;
  const choose = (emoji) => {
    close();
    pick(emoji);
  };
  const onKeyDown = (event) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      close();
      anchor.current?.querySelector("button")?.focus();
    } else if (event.key === "Enter" && word && groups[0].emoji.length) {
      event.preventDefault();
      choose(groups[0].emoji[0].emoji);
    }
  };
  return html`<div class="picker" popover="manual" role="dialog" aria-label="Emoji" ref=${ref} onKeyDown=${onKeyDown}>
    <input type="search" aria-label="Find an emoji" placeholder="Find an emoji" value=${word} onInput=${(event) => setWord(event.currentTarget.value)} />
    <div class="picker-groups" tabindex="0" role="group" aria-label="Emoji to choose from">
      ${groups.map(({ name, emoji }) => html`<section key=${name} aria-label=${name}>
        <p class="picker-title">${name}</p>
        <div class="picker-grid">
          ${emoji.map((one) => html`<button type="button" key=${one.emoji} title=${one.name.replaceAll("_", " ")}
            aria-label=${one.name.replaceAll("_", " ")} onClick=${() => choose(one.emoji)}>${one.emoji}</button>`)}
        </div>
      </section>`)}
    </div>
  </div>`;
}

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { html, classes } from "./html.js";
import { Icon } from "./icon.js";
import { IconButton } from "./controls.js";

const EDGE = 8; // pixels between a menu and the edge of the window

/**
 * A button with a menu: [{ label, icon, run, danger, checked }], false entries are left out. Arrows move in it, Escape
 * closes it.
 */
export function MenuButton({ label, icon = "more", items, class: name, size, header }) {
  const [open, setOpen] = useState(false);
  const button = useRef(null);
  const close = (focus = true) => {
    setOpen(false);
    if (focus) button.current?.querySelector("button")?.focus();
  };
  return html`<span class="menu-anchor" ref=${button}>
    <${IconButton} icon=${icon} label=${label} class=${name} size=${size} aria-haspopup="menu" aria-expanded=${open} onClick=${() => setOpen(!open)} />
    ${open && html`<${Menu} label=${label} items=${items()} anchor=${button} close=${close} header=${header} />`}
  </span>`;
}

/** @param {{ anchor: { current: Element } }} props beside what it is shown */
export function Menu({ label, items, anchor, close, header }) {
  const ref = useRef(null);
  useLayoutEffect(() => {
    const menu = ref.current;
    menu.showPopover?.();
    place(menu, anchor.current.getBoundingClientRect());
    menu.querySelector("[role^=menuitem]")?.focus();
  }, []);
  useEffect(() => {
    const outside = ({ target }) => !ref.current?.contains(target) && !anchor.current?.contains(target) && close(false);
    addEventListener("pointerdown", outside, true);
    addEventListener("resize", close);
    return () => {
      removeEventListener("pointerdown", outside, true);
      removeEventListener("resize", close);
    };
  }, []);
  const onKeyDown = (event) => {
    const entries = [...ref.current.querySelectorAll("[role^=menuitem]")];
    const at = entries.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: entries.length - 1 }[event.key];
    if (event.key === "Escape" || event.key === "Tab") close();
    else if (to === undefined) return;
    else entries.at(to % entries.length)?.focus();
    event.preventDefault();
    event.stopPropagation();
  };
  const run = (item) => {
    close();
    item.run();
  };
  return html`<div class="menu" role="menu" aria-label=${label} popover="manual" ref=${ref} onKeyDown=${onKeyDown}>
    ${header?.(close)}
    ${items.filter(Boolean).map((item) => html`<button type="button" role="menuitem" tabindex="-1" class=${classes("menu-item", item.danger && "danger")}
        onClick=${() => run(item)}>
      <${Icon} name=${item.icon} size=${18} /> ${item.label}
    </button>`)}
  </div>`;
}

/** Below the button, or above it, and inside the window. */
export function place(menu, { top, bottom, left, right }) {
  const { offsetWidth: width, offsetHeight: height } = menu;
  const rtl = getComputedStyle(menu).direction === "rtl";
  const x = Math.min(Math.max(rtl ? left : right - width, EDGE), innerWidth - width - EDGE);
  const below = bottom + height + EDGE <= innerHeight;
  const y = below ? bottom + 4 : Math.max(EDGE, top - height - 4);
  menu.style.left = `${x}px`;
  menu.style.top = `${Math.max(EDGE, Math.min(y, innerHeight - height - EDGE))}px`;
}

import { useState } from "preact/hooks";
import { nameOf, profiles } from "../model/people.js";
import { useCell } from "../model/cell.js";
import { describe } from "../text/errors.js";
import { html, classes } from "./html.js";
import { Icon } from "./icon.js";

/** A button that is an icon. What it does is its name for those who do not see it. */
export function IconButton({ icon, label, class: name, size, ...rest }) {
  return html`<button type="button" class=${classes("icon-button", name)} aria-label=${label} title=${label} ...${rest}>
    <${Icon} name=${icon} size=${size} />
  </button>`;
}

/** How somebody is called now. */
export function Name({ of }) {
  useCell(profiles, (map) => map.get(of)?.display_name);
  return html`<bdi>${nameOf(of)}</bdi>`;
}

const HUES = 12;

/** A round sign: the first letter, in a colour that stays the same. Pictures of other servers are not loaded. */
export function Avatar({ name, id, group = false, size = "", online = false }) {
  const [letter = "?"] = [...(name ?? "?").trim()];
  const hue = [...(id ?? name ?? "")].reduce((sum, character) => (sum * 31 + character.codePointAt(0)) % 9_973, 7) % HUES;
  return html`<span class=${classes("avatar", size, group && "square", `hue-${hue}`)} aria-hidden="true">
    ${letter.toUpperCase()}${online && html`<span class="online-dot"></span>`}
  </span>`;
}

/** A form that says what went wrong, and cannot be sent twice. */
export function Form({ submit, label, danger = false, children, error: explain = describe, ...rest }) {
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  const onSubmit = async (event) => {
    event.preventDefault();
    if (busy) return;
    const form = event.currentTarget;
    setBusy(true);
    setError("");
    try {
      await submit(Object.fromEntries(new FormData(form)), form);
    } catch (fault) {
      setError(explain(fault));
    }
    setBusy(false);
  };
  return html`<form class="form" onSubmit=${onSubmit} ...${rest}>
    ${children}
    <p class="form-error" role="alert">${error}</p>
    ${label && html`<button class=${classes("button", danger ? "danger" : "primary")} disabled=${busy}>${label}</button>`}
  </form>`;
}

/** An input with its label. What it shows at first is its `defaultValue`: a `value` would be set again each time that it is drawn. */
export function Field({ label, hint, ...rest }) {
  return html`<label class="field">
    <span class="field-label">${label}</span>
    <input ...${rest} />
    ${hint && html`<span class="field-hint">${hint}</span>`}
  </label>`;
}

/** Draws a control again after what its change leads to: where that has failed, it shows again how things stand. */
function useTruth(onChange) {
  const [, draw] = useState(0);
  return async (value) => {
    await onChange?.(value);
    draw((count) => count + 1);
  };
}

/** One of several: [[value, label]]. */
export function Choice({ label, name, value, options, onChange }) {
  const change = useTruth(onChange);
  return html`<fieldset class="choice">
    <legend>${label}</legend>
    ${options.map(([one, text]) => html`<label>
      <input type="radio" name=${name} value=${one} checked=${one === value} onChange=${() => change(one)} /> <span>${text}</span>
    </label>`)}
  </fieldset>`;
}

export function Switch({ label, hint, checked, onChange, ...rest }) {
  const change = useTruth(onChange);
  return html`<label class="switch">
    <span>${label}${hint && html`<small>${hint}</small>`}</span>
    <input type="checkbox" role="switch" checked=${checked} onChange=${(event) => change(event.currentTarget.checked)} ...${rest} />
  </label>`;
}

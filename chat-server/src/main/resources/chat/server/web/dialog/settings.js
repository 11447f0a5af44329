import { useEffect, useState } from "preact/hooks";
import { appearance, setAppearance } from "../model/appearance.js";
import { blocked, setBlocked } from "../model/blocks.js";
import { useCell } from "../model/cell.js";
import { client, on } from "../model/chat.js";
import { useFetched } from "../model/connection.js";
import { profiles, setProfile } from "../model/people.js";
import { notifying, setNotifying } from "../model/push.js";
import { signOut } from "../model/session.js";
import { attempt, toast } from "../model/toasts.js";
import { Choice, Field, Form, Name, Switch } from "../view/controls.js";
import { Dialog, confirm, openDialog } from "../view/dialog.js";
import { html } from "../view/html.js";
import { Logins, Password, YourData } from "./account.js";

/** Lists that grow when the server answers come last, so that no button moves while somebody presses it. */
export const openSettings = () => openDialog((close) => html`<${Dialog} title="Settings" close=${close} name="settings" side>
  <${Profile} /><${Appearance} /><${Notifications} /><${Privacy} /><${Password} /><${YourData} />
  <section class="settings"><h3>This login</h3>
    <button type="button" class="button danger" id="out" onClick=${leave}>Sign out</button>
  </section>
  <${Blocked} /><${Logins} />
</${Dialog}>`);

function Profile() {
  const name = useCell(profiles, (map) => map.get(client.username)?.display_name ?? "");
  const submit = async ({ display_name }) => {
    await setProfile(display_name.trim());
    toast("Saved.");
  };
  return html`<section class="settings"><h3>Profile</h3>
    <p class="muted">@${client.username}</p>
    <${Form} name="profile" label="Save" submit=${submit}>
      <${Field} label="Name that others see" name="display_name" defaultValue=${name} maxlength=${client.limits?.max_display_name_length ?? 64} autocomplete="name" />
    </${Form}>
  </section>`;
}

function Appearance() {
  const { theme, direction } = useCell(appearance);
  return html`<section class="settings"><h3>Appearance</h3>
    <${Choice} label="Colours" name="theme" value=${theme} options=${[["system", "As the system"], ["light", "Light"], ["dark", "Dark"]]}
      onChange=${(value) => setAppearance({ theme: value })} />
    <${Choice} label="Direction" name="direction" value=${direction} options=${[["language", "As the language"], ["ltr", "Left to right"], ["rtl", "Right to left"]]}
      onChange=${(value) => setAppearance({ direction: value })} />
  </section>`;
}

function Notifications() {
  const state = useCell(notifying);
  const hints = { denied: "This browser forbids it for this page. Allow it in the browser's settings.", impossible: "This browser or this address cannot do it." };
  return html`<section class="settings"><h3>Notifications</h3>
    <${Switch} label="Tell me of messages on this device" hint=${hints[state] ?? "Also while this page is closed."} checked=${state === "on"}
      disabled=${state === "denied" || state === "impossible"} onChange=${(value) => attempt(() => setNotifying(value))} />
  </section>`;
}

function Privacy() {
  const [privacy, setPrivacy] = useState(/** @type {any} */ (null));
  useFetched(() => client.privacy().then(setPrivacy));
  useEffect(() => on("privacy", setPrivacy), []);
  const set = (part) => attempt(() => client.setPrivacy(part).then(setPrivacy));
  return html`<section class="settings"><h3>Privacy</h3><fieldset class="together" disabled=${!privacy}>
    <${Choice} label="Who sees whether I am here" name="last_seen" value=${privacy?.last_seen}
      options=${[["everyone", "Everyone"], ["contacts", "My contacts"], ["nobody", "Nobody"]]} onChange=${(value) => set({ last_seen: value })} />
    <${Switch} label="Read receipts" hint="Without them, you do not see those of others." checked=${privacy?.read_receipts} onChange=${(value) => set({ read_receipts: value })} />
  </fieldset></section>`;
}

function Blocked() {
  const names = [...useCell(blocked)].sort();
  if (!names.length) return null;
  return html`<section class="settings"><h3>Blocked</h3>
    <ul class="people">${names.map((name) => html`<li key=${name} class="person"><span class="person-name"><${Name} of=${name} /></span>
      <button type="button" class="button small" onClick=${() => attempt(() => setBlocked(name, false))}>Unblock</button></li>`)}</ul>
  </section>`;
}

async function leave() {
  const text = "Drafts and messages that were not sent are removed from this browser.";
  if (await confirm({ title: "Sign out?", text, yes: "Sign out" })) await attempt(signOut);
}

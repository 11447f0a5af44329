import { useState } from "preact/hooks";
import { client } from "../model/chat.js";
import { useFetched } from "../model/connection.js";
import { leaveForGood } from "../model/session.js";
import { attempt, toast } from "../model/toasts.js";
import { describe } from "../text/errors.js";
import { fullTime } from "../text/time.js";
import { Field, Form } from "../view/controls.js";
import { Dialog, openDialog } from "../view/dialog.js";
import { html } from "../view/html.js";

/** Where the user is logged in. */
export function Logins() {
  const [logins, setLogins] = useState([]);
  const load = () => client.account.logins().then(setLogins);
  useFetched(load);
  const end = async (id) => {
    await attempt(() => client.account.endLogin(id));
    await attempt(load);
  };
  return html`<section class="settings"><h3>Where you are signed in</h3>
    <ul class="people" id="logins">${logins.map(({ id, current, used_at, address, user_agent }) => html`<li key=${id} class="person">
      <span class="person-name">${program(user_agent)}<small>${current ? "This login" : `Used ${fullTime(used_at)}`}${address && `, from ${address}`}</small></span>
      ${!current && html`<button type="button" class="button small" onClick=${() => end(id)}>Sign out</button>`}
    </li>`)}</ul>
  </section>`;
}

/** What a browser calls itself is long; these are the words that people know. */
function program(userAgent) {
  const browser = [["Edg/", "Edge"], ["Firefox/", "Firefox"], ["Chrome/", "Chrome"], ["Safari/", "Safari"]].find(([mark]) => userAgent?.includes(mark));
  const system = ["Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux"].find((name) => userAgent?.includes(name));
  return browser ? [browser[1], system].filter(Boolean).join(" on ") : (userAgent ?? "Unknown program").slice(0, 60);
}

export function Password() {
  const submit = async ({ old_password, new_password }, form) => {
    await client.account.changePassword(old_password, new_password);
    form.reset();
    toast("Your password is changed. All other logins have ended.");
  };
  return html`<section class="settings"><h3>Password</h3>
    <${Form} name="password" label="Change the password" submit=${submit} error=${describePassword}>
      <input type="hidden" autocomplete="username" value=${client.username} />
      <${Field} label="Old password" name="old_password" type="password" autocomplete="current-password" required />
      <${Field} label="New password" name="new_password" type="password" minlength="6" autocomplete="new-password" required hint="At least 6 characters." />
    </${Form}>
  </section>`;
}

const describePassword = (error) => (error.code === "forbidden" ? "The password is wrong." : describe(error));

export function YourData() {
  return html`<section class="settings"><h3>Your data</h3>
    <button type="button" class="button" onClick=${() => attempt(save)}>Save all that the server has of you</button>
    <button type="button" class="button danger" onClick=${askToErase}>Delete the account</button>
  </section>`;
}

async function save() {
  const address = URL.createObjectURL(await client.account.export());
  Object.assign(document.createElement("a"), { href: address, download: `${client.username}.jsonl` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

const askToErase = () => openDialog((close) => html`<${Dialog} title="Delete the account?" close=${close} name="erase">
  <p>You leave all conversations, and what you wrote is erased for everybody. This cannot be undone.</p>
  <${Form} name="erase" label="Delete the account" danger submit=${({ password }) => leaveForGood(password)} error=${describePassword}>
    <input type="hidden" autocomplete="username" value=${client.username} />
    <${Field} label="Password" name="password" type="password" autocomplete="current-password" required />
  </${Form}>
</${Dialog}>`);

import { useState } from "preact/hooks";
import { useCell } from "../model/cell.js";
import { doorNotice, signIn, signUp } from "../model/session.js";
import { describeAtTheDoor } from "../text/errors.js";
import { html } from "./html.js";
import { Field, Form } from "./controls.js";

/** Where people sign in, sign up, or learn what to do without their password. */
export function Door() {
  const [view, setView] = useState("in");
  const notice = useCell(doorNotice);
  const views = { in: SignIn, up: SignUp, forgotten: Forgotten };
  const View = views[view];
  return html`<main class="door">
    <div class="door-card">
      <img class="door-sign" src="/favicon.svg" alt="" width="56" height="56" />
      ${notice && view === "in" && html`<p class="door-notice" role="status">${notice}</p>`}
      <${View} show=${setView} />
    </div>
  </main>`;
}

function SignIn({ show }) {
  return html`<h1>Sign in</h1>
    <${Form} key="in" name="sign-in" label="Sign in" submit=${({ email, password }) => signIn(email, password)} error=${(error) => describeAtTheDoor(error, false)}>
      <${Field} label="E-mail" name="email" type="email" autocomplete="username" required />
      <${Field} label="Password" name="password" type="password" autocomplete="current-password" required />
    </${Form}>
    <p class="door-links">
      <button type="button" class="link" data-to="forgotten" onClick=${() => show("forgotten")}>Forgot your password?</button>
      <button type="button" class="link" data-to="up" onClick=${() => show("up")}>Create an account</button>
    </p>`;
}

function SignUp({ show }) {
  return html`<h1>Create an account</h1>
    <${Form} key="up" name="sign-up" label="Create account" submit=${({ username, email, password }) => signUp(username.trim(), email, password)}
        error=${(error) => describeAtTheDoor(error, true)}>
      <${Field} label="Username" name="username" autocomplete="nickname" maxlength="32" required autocapitalize="none" spellcheck=${false}
        hint="How others find you. Letters, digits, dots, dashes." />
      <${Field} label="E-mail" name="email" type="email" autocomplete="username" required hint="Only you see it. You sign in with it." />
      <${Field} label="Password" name="password" type="password" minlength="6" autocomplete="new-password" required hint="At least 6 characters." />
    </${Form}>
    <p class="door-links"><button type="button" class="link" data-to="in" onClick=${() => show("in")}>Sign in instead</button></p>`;
}

function Forgotten({ show }) {
  return html`<h1>Forgot your password?</h1>
    <p>The people who run this server can set a new one for you. Tell them your username or your e-mail address.
      You sign in with what they give you, and choose your own password in the settings.</p>
    <p class="door-links"><button type="button" class="link" data-to="in" onClick=${() => show("in")}>Back to sign in</button></p>`;
}

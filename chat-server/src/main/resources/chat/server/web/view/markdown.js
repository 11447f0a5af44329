import { me } from "../model/chat.js";
import { openPersonInfo } from "../dialog/person.js";
import { parse } from "../text/markdown.js";
import { Name } from "./controls.js";
import { html, classes, memo } from "./html.js";

/** A text with its marks: elements and texts, never HTML of the message's own. */
export const Markdown = memo(({ text, mentions }) => parse(text, mentions).map(block));

function block(one) {
  switch (one.type) {
    case "code": return html`<pre dir="ltr" tabindex="0"><code>${one.text}</code></pre>`;
    case "list": return one.ordered
      ? html`<ol start=${one.start} dir="auto">${one.items.map((item) => html`<li>${pieces(item)}</li>`)}</ol>`
      : html`<ul dir="auto">${one.items.map((item) => html`<li>${pieces(item)}</li>`)}</ul>`;
    default: return html`<p dir="auto">${pieces(one.children)}</p>`;
  }
}

const pieces = (children) => children.map(piece);

function piece(one) {
  if (typeof one === "string") return one;
  switch (one.type) {
    case "bold": return html`<strong>${pieces(one.children)}</strong>`;
    case "italic": return html`<em>${pieces(one.children)}</em>`;
    case "strike": return html`<s>${pieces(one.children)}</s>`;
    case "code": return html`<code>${one.text}</code>`;
    case "link": return html`<a href=${one.url} target="_blank" rel="noopener noreferrer nofollow">${pieces(one.children)}</a>`;
    default: return html`<button type="button" class=${classes("mention", one.username === me() && "me")}
      onClick=${() => openPersonInfo(one.username)}>@<${Name} of=${one.username} /></button>`;
  }
}

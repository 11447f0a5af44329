import yaml from "/docs/js-yaml.mjs";
import { Description } from "./description.js";
import { element } from "./element.js";
import { inline, prose } from "./prose.js";
import { Trial } from "./trial.js";

const response = await fetch("/asyncapi.yaml");
const description = new Description(yaml.load(await response.text()));
const trial = new Trial();

function fields(some) {
  return element("dl", { class: "fields" }, some.map(({ name, type, isRequired, description: text, fields: inner }) => [
    element("dt", null, element("code", null, name), " ", element("span", null, type), isRequired && element("strong", null, "required")),
    element("dd", null, inline(text.trim()), inner.length > 0 && fields(inner)),
  ]));
}

function example(frame, isRequest) {
  return element("div", { class: "example" },
    element("pre", { tabindex: "0" }, JSON.stringify(frame, null, 2)),
    isRequest && element("button", { type: "button", click: () => trial.take(frame) }, "Try"));
}

function message(title, { name, fields: all, examples }, isRequest) {
  return element("details", null,
    element("summary", null, title, " ", element("code", null, name)),
    fields(all),
    examples.map((frame) => example(frame, isRequest)));
}

function operation({ id, summary, description: text, isEvent, messages, replies }) {
  return element("article", { id },
    element("h3", null, element("code", null, messages[0].name), " ", summary, isEvent && element("span", { class: "kind" }, "event")),
    prose(text, 4),
    messages.map((one) => message(isEvent ? "Event" : "Request", one, !isEvent)),
    replies.map((one) => message("Reply", one, false)));
}

document.querySelector("#websocket").replaceChildren(
  element("aside", { "aria-label": "Contents" }, element("ul", null, description.tags.map(({ name, operations }) => element("li", null, name,
    element("ul", null, operations.map(({ id, summary }) => element("li", null, element("a", { href: `#${id}` }, summary)))))))),
  element("div", { class: "text" },
    element("h1", null, description.title),
    prose(description.text),
    description.tags.map(({ name, description: text, operations }) => element("section", null,
      element("h2", null, name), prose(text), operations.map(operation)))),
  trial.element,
);

import { element } from "./element.js";

/**
 * The Markdown of descriptions as elements: headings, paragraphs, lists, tables, code, emphasis and links. Nothing in it becomes HTML.
 *
 * @param {string} text
 * @param {number} [level] of its headings
 */
export function prose(text, level = 2) {
  const blocks = text.trim().split(/\n{2,}/);
  return blocks.flatMap((block) => parts(block)).map((lines) => drawn(lines, level));
}

/** A block, and the list, table or heading that it goes over into. */
function parts(block) {
  const found = [];
  let kind;
  for (const line of block.split("\n")) {
    const next = kindOf(line) ?? (kind === "list" ? "list" : "text");
    if (next !== kind || next === "heading") found.push([]);
    kind = next;
    found.at(-1).push(line);
  }
  return found;
}

function kindOf(line) {
  if (/^#+ /.test(line)) return "heading";
  if (/^\|/.test(line)) return "table";
  return /^(-|\d+\.) /.test(line) ? "list" : undefined;
}

function drawn(lines, level) {
  switch (kindOf(lines[0])) {
    case "heading":
      return element(`h${level}`, { id: slug(lines[0].replace(/^#+ /, "")) }, inline(lines[0].replace(/^#+ /, "")));
    case "table":
      return table(lines.map((line) => line.replace(/^\||\|$/g, "").split("|").map((cell) => cell.trim())));
    case "list":
      return list(lines);
    default:
      return element("p", null, inline(lines.join(" ")));
  }
}

const slug = (text) => text.toLowerCase().replace(/\W+/g, "-");

function list(lines) {
  const items = [];
  for (const line of lines) {
    if (kindOf(line)) items.push(line.replace(/^(-|\d+\.) /, ""));
    else items.push(`${items.pop()} ${line.trim()}`);
  }
  return element(lines[0].startsWith("-") ? "ul" : "ol", null, items.map((item) => element("li", null, inline(item))));
}

function table([head, , ...rows]) {
  return element("div", { class: "wide", tabindex: "0", role: "group", "aria-label": "Table" }, element("table", null,
    element("thead", null, element("tr", null, head.map((cell) => element("th", { scope: "col" }, inline(cell))))),
    element("tbody", null, rows.map((row) => element("tr", null, row.map((cell) => element("td", null, inline(cell))))))));
}

/** Code, emphasis and links. */
export function inline(text) {
  return text.split(/(`[^`]+`|\*[^*\s][^*]*\*|\[[^\]]+\]\([^)]+\))/).map((part) => {
    if (/^`.+`$/.test(part)) return element("code", null, part.slice(1, -1));
    if (/^\*.+\*$/.test(part)) return element("em", null, part.slice(1, -1));
    const link = /^\[(.+)\]\((https?:.+|\/.*)\)$/.exec(part);
    return link ? element("a", { href: link[2] }, link[1]) : part;
  });
}

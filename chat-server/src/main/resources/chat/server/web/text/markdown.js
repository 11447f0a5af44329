/**
 * A small part of Markdown, as a tree: blocks { type: "paragraph" | "code" | "list", ... }, and in them pieces that are
 * texts or { type: "bold" | "italic" | "strike" | "code" | "link" | "mention", ... }. Nothing is ever HTML.
 */

const FENCE = /^```([\w+-]*)\s*$/;
const BULLET = /^\s{0,3}[-*•]\s+(.*)$/;
const NUMBER = /^\s{0,3}(\d{1,9})[.)]\s+(.*)$/;

const URL_PATTERN = /https?:\/\/[^\s<>"'`]+/;
const TRAILING = ".,:;!?'\"*_~";

/** The pieces of a line, the first that matches wins; each gives a piece of what was matched. */
const INLINE = [
  [/`([^`\n]+)`/, ([, code]) => ({ type: "code", text: code })],
  [/\*\*(?=\S)([^\n]+?)(?<=\S)\*\*/, ([, text], rest) => ({ type: "bold", children: rest(text) })],
  [/__(?=\S)([^\n]+?)(?<=\S)__(?!\w)/, ([, text], rest) => ({ type: "bold", children: rest(text) })],
  [/~~(?=\S)([^\n]+?)(?<=\S)~~/, ([, text], rest) => ({ type: "strike", children: rest(text) })],
  [/(?<![\w*])\*(?=[^\s*])([^*\n]+?)(?<=\S)\*(?!\w)/, ([, text], rest) => ({ type: "italic", children: rest(text) })],
  [/(?<![\w_])_(?=[^\s_])([^_\n]+?)(?<=\S)_(?!\w)/, ([, text], rest) => ({ type: "italic", children: rest(text) })],
  [/\[([^\]\n]+)\]\((https?:\/\/[^\s()<>"']+)\)/, ([, text, url]) => ({ type: "link", url, children: [text] })],
  [URL_PATTERN, ([url]) => ({ type: "link", url, children: [url] })],
];

/**
 * @param {string} text
 * @param {string[]} [mentions] usernames, which are marked where the text has them
 */
export function parse(text, mentions = []) {
  const blocks = [];
  const lines = text.split("\n");
  for (let i = 0; i < lines.length; i++) {
    const fence = FENCE.exec(lines[i]);
    const end = fence ? lines.findIndex((line, at) => at > i && line.trim() === "```") : -1;
    if (fence) {
      const upTo = end < 0 ? lines.length : end; // one that is still being written is code, too
      blocks.push({ type: "code", language: fence[1], text: lines.slice(i + 1, upTo).join("\n") });
      i = upTo;
      continue;
    }
    const item = BULLET.exec(lines[i]) ?? NUMBER.exec(lines[i]);
    if (item) addItem(blocks, item, mentions);
    else addLine(blocks, lines[i], mentions);
  }
  return blocks.filter(({ type, children }) => type !== "paragraph" || children.length);
}

function addItem(blocks, item, mentions) {
  const ordered = item.length > 2;
  const last = blocks.at(-1);
  const children = inline(item.at(-1), mentions);
  if (last?.type === "list" && last.ordered === ordered) last.items.push(children);
  else blocks.push({ type: "list", ordered, start: ordered ? Number(item[1]) : 1, items: [children] });
}

function addLine(blocks, line, mentions) {
  const last = blocks.at(-1);
  const pieces = inline(line, mentions);
  if (last?.type === "paragraph") last.children.push("\n", ...pieces);
  else if (line) blocks.push({ type: "paragraph", children: pieces });
}

function inline(text, mentions, depth = 0) {
  if (depth > 4 || !text) return text ? [text] : [];
  const rules = [...INLINE, ...mentionRule(mentions)];
  const pieces = [];
  let rest = text;
  while (rest) {
    const found = earliest(rest, rules);
    if (!found) break;
    const { match, make } = found;
    const matched = match[0];
    const isBare = URL_PATTERN.test(matched) && make === URL_RULE;
    const kept = isBare ? trimUrl(matched) : matched;
    if (match.index) pieces.push(rest.slice(0, match.index));
    pieces.push(make(isBare ? [kept] : match, (inner) => inline(inner, mentions, depth + 1)));
    rest = rest.slice(match.index + kept.length);
  }
  if (rest) pieces.push(rest);
  return pieces;
}

const URL_RULE = INLINE.at(-1)[1];

function earliest(text, rules) {
  let best = null;
  for (const [pattern, make] of rules) {
    const match = pattern.exec(text);
    if (match && (!best || match.index < best.match.index)) best = { match, make };
  }
  return best;
}

/** A full stop behind an address is not part of it, nor a bracket that was opened before it. One walk: addresses may be long. */
function trimUrl(url) {
  let unopened = count(url, /[)\]]/g) - count(url, /[([]/g);
  let end = url.length;
  for (; end > 0; end--) {
    const last = url[end - 1];
    if (unopened > 0 && (last === ")" || last === "]")) unopened--;
    else if (!TRAILING.includes(last)) break;
  }
  return url.slice(0, end);
}

const count = (text, pattern) => (text.match(pattern) ?? []).length;

function mentionRule(mentions) {
  if (!mentions.length) return [];
  const names = [...mentions].sort((a, b) => b.length - a.length).map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return [[new RegExp(`@(${names.join("|")})(?![\\p{L}\\p{N}_-])`, "u"), ([, username]) => ({ type: "mention", username })]];
}

/** The text without its marks, on one line: for the list of conversations and for quotes. */
export function plain(text) {
  return text
    .replace(/```[\w+-]*\n?/g, "")
    .replace(/(\*\*|__|~~|`)(?=\S)(.+?)(?<=\S)\1/g, "$2")
    .replace(/\s+/g, " ")
    .trim();
}

// What text/markdown.js makes of texts, in Node: node markdown-tests.js. One line for each text, and 1 as the exit code if one is wrong.

import { parse, plain } from "./text/markdown.js";

const MENTIONS = ["bob", "bob.jr", "c++"];

/** The text, and its tree: <b>, <i>, <s>, <code>, <a address>, <@name> are pieces, <p>, <pre language>, <ul>, <ol start> blocks. */
const TREES = [
  ["", ""],
  ["one", "<p>one</p>"],
  ["one\n\ntwo", "<p>one\n\ntwo</p>"],
  ["\n\none", "<p>one</p>"],
  ["**bold**, __bold__ and ***both***", "<p><b>bold</b>, <b>bold</b> and <b>*both</b>*</p>"],
  ["*italic* and _italic_", "<p><i>italic</i> and <i>italic</i></p>"],
  ["~~gone~~", "<p><s>gone</s></p>"],
  ["**bold with *italic* in it**", "<p><b>bold with <i>italic</i> in it</b></p>"],
  ["2 * 3 * 4, a*b*c, snake_case_name, __init__.py", "<p>2 * 3 * 4, a*b*c, snake_case_name, <b>init</b>.py</p>"],
  ["** not **, * not *, ~~ not ~~", "<p>** not **, * not *, ~~ not ~~</p>"],
  ["**not\nclosed**", "<p>**not\nclosed**</p>"],
  ["`code **not bold** <b>`", "<p><code>code **not bold** <b></code></p>"],
  ["a ` alone", "<p>a ` alone</p>"],
  // blocks of code
  ["```\nlet a = 1;\n\n  **b**\n```", "<pre >let a = 1;\n\n  **b**</pre>"],
  ["see\n```js\n1\n```\nthere", "<p>see</p><pre js>1</pre><p>there</p>"],
  ["```\nstill being written", "<pre >still being written</pre>"],
  ["```not a language!\nx", "<p>```not a language!\nx</p>"],
  // lists
  ["- one\n* two\n• three", "<ul><li>one<li>two<li>three</ul>"],
  ["3. three\n4) four", "<ol 3><li>three<li>four</ol>"],
  ["- one\n1. other", "<ul><li>one</ul><ol 1><li>other</ol>"],
  ["list:\n- **one**\nend", "<p>list:</p><ul><li><b>one</b></ul><p>end</p>"],
  ["-no list\n1.5 litres", "<p>-no list\n1.5 litres</p>"],
  // links
  ["see https://example.org/a_b_c?d=*e*&f.", "<p>see <a https://example.org/a_b_c?d=*e*&f>https://example.org/a_b_c?d=*e*&f</a>.</p>"],
  ["(https://example.org/a_(b))", "<p>(<a https://example.org/a_(b)>https://example.org/a_(b)</a>)</p>"],
  ["https://a.org/x!?) https://b.org", "<p><a https://a.org/x>https://a.org/x</a>!?) <a https://b.org>https://b.org</a></p>"],
  ["[the **docs**](https://example.org)", "<p><a https://example.org>the **docs**</a></p>"],
  ["ftp://a.org www.a.org", "<p>ftp://a.org www.a.org</p>"],
  // hostile ones
  ["<script>alert(1)</script>", "<p><script>alert(1)</script></p>"],
  ["[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"],
  ["[x](JaVaScRiPt:alert(1))", "<p>[x](JaVaScRiPt:alert(1))</p>"],
  ["[x]( https://a.org)", "<p>[x]( <a https://a.org>https://a.org</a>)</p>"],
  ["[x](data:text/html,<b>)", "<p>[x](data:text/html,<b>)</p>"],
  ["[x](//a.org)", "<p>[x](//a.org)</p>"],
  ["javascript:https://a.org", "<p>javascript:<a https://a.org>https://a.org</a></p>"],
  ["https://a.org/\"onclick=\"alert(1)", "<p><a https://a.org/>https://a.org/</a>\"onclick=\"alert(1)</p>"],
  ["[x](https://a.org/\"onclick=)", "<p>[x](<a https://a.org/>https://a.org/</a>\"onclick=)</p>"],
  ["`https://a.org`", "<p><code>https://a.org</code></p>"],
  // mentions
  ["@bob, @bob.jr and @bobby", "<p><@bob>, <@bob.jr> and @bobby</p>"],
  ["**@bob** @c++ @nobody", "<p><b><@bob></b> <@c++> @nobody</p>"],
  ["`@bob`", "<p><code>@bob</code></p>"],
];

const PLAIN = [
  ["**bold** and `code`\nnext", "bold and code next"],
  ["```js\n1\n```", "1"],
  ["snake_case 2 * 3", "snake_case 2 * 3"],
];

/** Of a text of 16 KB, the most that a server takes unless it is told otherwise; an evil one must not make the page stand still. */
const LONG = ["*", "**a ", "_a ", "`a", "[", "[a](", "https://", "https://a ", ")", "...)", "```\n", "@bob ", "a\n"]
  .map((part) => `https://a${part.repeat(16_000 / part.length)}`);
const MOST_MS = 4_000; // of processor time; hundreds as a rule

const piece = (one) => {
  if (typeof one === "string") return one;
  const inner = () => one.children.map(piece).join("");
  switch (one.type) {
    case "bold": return `<b>${inner()}</b>`;
    case "italic": return `<i>${inner()}</i>`;
    case "strike": return `<s>${inner()}</s>`;
    case "code": return `<code>${one.text}</code>`;
    case "link": return `<a ${one.url}>${inner()}</a>`;
    default: return `<@${one.username}>`;
  }
};
const pieces = (list) => list.map(piece).join("");
const block = (one) => {
  switch (one.type) {
    case "code": return `<pre ${one.language}>${one.text}</pre>`;
    case "list": return `<${one.ordered ? `ol ${one.start}` : "ul"}>${one.items.map((item) => `<li>${pieces(item)}`).join("")}</${one.ordered ? "ol" : "ul"}>`;
    default: return `<p>${pieces(one.children)}</p>`;
  }
};

function tell(text, wrong) {
  if (wrong) process.exitCode = 1;
  console.log(`${wrong ? "not ok" : "ok"} ${JSON.stringify(text.slice(0, 60))}${wrong ? `: ${JSON.stringify(wrong)}` : ""}`);
}

for (const [text, expected] of TREES) {
  const found = parse(text, MENTIONS).map(block).join("");
  tell(text, found !== expected && found);
}
for (const [text, expected] of PLAIN) tell(text, plain(text) !== expected && plain(text));
for (const text of LONG) {
  const begun = process.cpuUsage(); // not the time of a clock: tests share their machine
  parse(text, MENTIONS);
  plain(text);
  const used = process.cpuUsage(begun);
  const took = (used.user + used.system) / 1_000;
  tell(text, took > MOST_MS && `took ${took} ms`);
}

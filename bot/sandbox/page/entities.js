/** Telegram's text as elements: offsets are in UTF-16 units, as JavaScript counts; entities nest but never cross. */

import { el } from "./dom.js";
import { link } from "./mrkdwn.js";

const TAGS = {
  bold: "strong",
  italic: "em",
  underline: "u",
  strikethrough: "s",
  code: "code",
  pre: "pre",
  blockquote: "blockquote",
  expandable_blockquote: "blockquote",
};

const BLOCKS = new Set(["pre", "blockquote", "expandable_blockquote"]);

export function entities(text, marks) {
  const sorted = [...(marks ?? [])].sort((one, other) => one.offset - other.offset || other.length - one.length);
  return nested(text, 0, text.length, sorted);
}

function nested(text, start, end, marks) {
  const nodes = [];
  let at = start;
  while (marks.length && marks[0].offset < end) {
    const mark = marks.shift();
    const stop = Math.min(mark.offset + mark.length, end);
    if (mark.offset > at) nodes.push(text.slice(at, mark.offset));
    nodes.push(drawn(mark, text.slice(mark.offset, stop), nested(text, Math.max(mark.offset, at), stop, marks)));
    at = Math.max(at, stop);
    if (BLOCKS.has(mark.type) && text[at] === "\n") at += 1;
  }
  if (at < end) nodes.push(text.slice(at, end));
  return nodes;
}

function drawn(mark, words, inside) {
  if (mark.type in TAGS) return el(TAGS[mark.type], {}, inside);
  if (mark.type === "text_link") return link(mark.url, words);
  if (mark.type === "url") return link(/^\w+:/.test(words) ? words : `https://${words}`, words);
  if (mark.type === "email") return link(`mailto:${words}`, words);
  if (mark.type === "spoiler") return spoiler(inside);
  return el("span.live", {}, inside);
}

function spoiler(inside) {
  const reveal = (event) => event.currentTarget.classList.add("seen");
  return el("span.spoiler", { tabindex: "0", click: reveal, keydown: reveal }, inside);
}

/** Rich text as elements: its texts stand as they are, and only what is a mention or a link by its type is live. */

import { el } from "./dom.js";
import { link, names } from "./mrkdwn.js";

const KINDS = { rich_text_section: "p", rich_text_quote: "blockquote", rich_text_preformatted: "pre" };
const STYLES = { bold: "strong", italic: "em", strike: "s", code: "code" };

/** A rich_text block as one element. */
export function richText(block) {
  return el("div.mrkdwn", {}, block.elements.map(part));
}

function part(piece) {
  if (piece.type === "rich_text_list") {
    const items = piece.elements.map((item) => el("li", {}, item.elements.map(inline)));
    return el(piece.style === "ordered" ? "ol" : "ul", {}, items);
  }
  return el(KINDS[piece.type] ?? "p", {}, piece.elements.flatMap(inline));
}

const INLINE = {
  text: (piece) => lines(piece.text),
  link: (piece) => [link(piece.url, piece.text || piece.url)],
  user: (piece) => [el("span.mention", {}, `@${names[piece.user_id] || piece.user_id}`)],
  channel: (piece) => [el("span.mention", {}, `#${names[piece.channel_id] || piece.channel_id}`)],
  broadcast: (piece) => [el("span.mention.loud", {}, `@${piece.range}`)],
  emoji: (piece) => [piece.unicode ? glyph(piece.unicode) : `:${piece.name}:`],
};

function inline(piece) {
  const styles = Object.keys(piece.style ?? {}).filter((name) => STYLES[name] && piece.style[name]);
  return styles.reduce((nodes, name) => [el(STYLES[name], {}, nodes)], INLINE[piece.type]?.(piece) ?? []);
}

function lines(text) {
  return text.split("\n").flatMap((line, index) => (index ? [el("br"), line] : [line])).filter((node) => node !== "");
}

function glyph(codes) {
  return String.fromCodePoint(...codes.split("-").map((code) => parseInt(code, 16)));
}

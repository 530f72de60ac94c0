/** Slack's text as elements: bold, italic, strike, code, quotes, links, mentions, shortcodes. Nothing else is live. */

import { el } from "./dom.js";
import { EMOJI } from "./emoji.js";

const PARTS = new RegExp(
  [
    /`(?<code>[^`\n]+)`/,
    /<(?<angle>[^<>\n]+)>/,
    /(?<![\w*])\*(?<bold>[^\s*](?:[^*\n]*[^\s*])?)\*(?![\w*])/,
    /(?<![\w_])_(?<italic>[^\s_](?:[^_\n]*[^\s_])?)_(?![\w_])/,
    /(?<![\w~])~(?<strike>[^\s~](?:[^~\n]*[^\s~])?)~(?![\w~])/,
    /:(?<emoji>[a-z0-9_+-]+):/,
  ].map((part) => part.source).join("|"),
  "gu",
);

export const names = {};

export function decoded(text) {
  return text.replace(/&(lt|gt|amp);/g, (_, name) => ({ lt: "<", gt: ">", amp: "&" })[name]);
}

/** Plain text with shortcodes shown as pictures. */
export function plain(text) {
  return decoded(text).replace(/:([a-z0-9_+-]+):/g, (whole, name) => EMOJI[name] ?? whole);
}

/** A text object's words, plain: for buttons, labels, options. */
export function words(object) {
  if (!object) return "";
  return object.emoji === false ? decoded(object.text) : plain(object.text);
}

/** A text object as an element. */
export function textOf(object) {
  return object.type === "mrkdwn" ? mrkdwn(object.text) : el("span.plain-text", {}, words(object));
}

/** A whole mrkdwn text as one element. */
export function mrkdwn(text) {
  const pieces = text.split(/```\n?([\s\S]*?)\n?```/);
  return el("div.mrkdwn", {}, pieces.map((piece, index) => (index % 2 ? el("pre", {}, decoded(piece)) : lines(piece))));
}

function lines(text) {
  const groups = [];
  for (const line of text.split("\n")) {
    const quoted = /^(?:&gt;|>)\s?(.*)$/.exec(line);
    const kind = quoted ? "blockquote" : "p";
    if (groups.at(-1)?.kind !== kind) groups.push({ kind, rows: [] });
    groups.at(-1).rows.push(quoted ? quoted[1] : line);
  }
  return groups.filter(({ rows }) => rows.some((row) => row.trim())).map(({ kind, rows }) => el(kind, {}, rows.flatMap(row)));
}

function row(text, index) {
  return index ? [el("br"), ...inline(text)] : inline(text);
}

export function inline(text) {
  const nodes = [];
  let last = 0;
  for (const match of text.matchAll(PARTS)) {
    nodes.push(decoded(text.slice(last, match.index)));
    nodes.push(part(match));
    last = match.index + match[0].length;
  }
  nodes.push(decoded(text.slice(last)));
  return nodes.filter((node) => node !== "");
}

const STYLES = { bold: "strong", italic: "em", strike: "s" };

function part(match) {
  const [kind, inside] = Object.entries(match.groups).find(([, value]) => value !== undefined);
  if (kind === "code") return el("code", {}, decoded(inside));
  if (kind === "emoji") return EMOJI[inside] ?? match[0];
  if (kind === "angle") return token(inside);
  return el(STYLES[kind], {}, inline(inside));
}

function token(inside) {
  const [target, label] = inside.split(/\|(.*)/s);
  if (target.startsWith("@")) return el("span.mention", {}, `@${label || names[target.slice(1)] || target.slice(1)}`);
  if (target.startsWith("#")) return el("span.mention", {}, `#${label || names[target.slice(1)] || target.slice(1)}`);
  if (target.startsWith("!date^")) return label || "";
  if (target.startsWith("!")) return el("span.mention.loud", {}, label || `@${target.slice(1)}`);
  return link(decoded(target), decoded(label || target.replace(/^mailto:/, "")));
}

export function link(address, words) {
  if (!/^(https?|mailto|tel):/i.test(address)) return words;
  return el("a", { href: address, target: "_blank", rel: "noreferrer noopener" }, words);
}

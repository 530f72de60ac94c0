/** One post in a Slack channel or thread: its author, text, blocks, attachments with their bar, files, replies. */

import { blocks, menu } from "./blocks.js";
import { avatar, dayOf, el, size, stamp } from "./dom.js";
import { EMOJI } from "./emoji.js";
import { decoded, link, mrkdwn, textOf } from "./mrkdwn.js";

/** How rows are drawn: `act(message, element, block, option)` on a press, `open(ts)` for the thread, and
 * `does(message, gesture, details)` for what the bar over a message offers. */
export function postDrawer({ act, open, does, inThread = false }) {
  return (row) => {
    if (row.day) return el("li.day", {}, el("span", {}, row.day));
    if ("count" in row) return el("li.day.left", {}, el("span", {}, replies(row.count)));
    const doing = (what, details = {}) => does(row, what, details);
    return post(row, { act: (...press) => act(row, ...press), open, does: doing, inThread });
  };
}

function replies(count) {
  return count === 1 ? "1 reply" : `${count} replies`;
}

function post(message, { act, open, does, inThread }) {
  const { author } = message;
  const side = message.alike ? el("span.quiet-time", {}, stamp(message.at)) : avatar(author.name, author);
  const line = el("p.byline", {}, el("b", {}, author.name), author.bot ? el("span.app", {}, "APP") : null, stamp(message.at));
  const content = el(
    "div.grows",
    {},
    message.only ? el("p.only", {}, eye(), "Only visible to you") : null,
    message.alike ? null : line,
    body(message, act, message.isParent),
    message.files?.length ? el("div.files", {}, message.files.map(file)) : null,
    message.reactions?.length ? el("div.reactions", {}, message.reactions.map((one) => reaction(one, does))) : null,
    !inThread && message.replies ? threadLink(message, open) : null,
  );
  const hover = message.only ? null : hoverBar(message, { open: inThread ? null : open, does, content });
  return el(`li.post${message.alike ? ".alike" : ""}${message.only ? ".private" : ""}`, {}, side, content, hover);
}

function eye() {
  return el("span", { "aria-hidden": "true" }, "👁 ");
}

function body(message, act, isParent) {
  const shown = (list) => (isParent ? list?.filter((block) => block.type !== "actions") : list);
  const own = message.blocks?.length ? blocks(shown(message.blocks), act) : message.text ? [mrkdwn(message.text)] : [];
  const edited = message.edited && !message.author.bot ? el("small.edited", {}, "(edited)") : null;
  return [...own, edited, ...(message.attachments ?? []).map((part) => attachment(part, act, shown))];
}

const NAMED = { good: "#2eb67d", warning: "#ecb22e", danger: "#e01e5a" };

function attachment(part, act, shown) {
  const colour = NAMED[part.color] ?? (part.color ? `#${part.color.replace(/^#/, "")}` : "");
  const bar = el("span.bar", { "aria-hidden": "true" });
  if (/^#[0-9a-f]{3,8}$/i.test(colour)) bar.style.background = colour;
  return el("div.attachment", {}, bar, el("div.grows", {}, part.blocks ? blocks(shown(part.blocks), act) : legacy(part)));
}

function legacy(part) {
  const title = part.title && (part.title_link ? link(part.title_link, part.title) : part.title);
  const fact = ({ title: name, value }) => el("div", {}, el("b", {}, name), mrkdwn(value ?? ""));
  return [
    part.pretext ? mrkdwn(part.pretext) : null,
    title ? el("p", {}, el("b", {}, title)) : null,
    part.text ? textOf({ type: "mrkdwn", text: part.text }) : null,
    part.fields ? el("div.facts", {}, part.fields.map(fact)) : null,
    part.footer ? el("p.context", {}, part.footer) : null,
  ];
}

function file({ name, bytes }) {
  return el("span.file", {}, el("b", {}, name), bytes ? el("small", {}, size(bytes)) : null);
}

function reaction({ name, users }, does) {
  const press = () => does("react", { name });
  return el("button.reaction", { type: "button", title: `:${name}:`, click: press }, EMOJI[name] ?? `:${name}:`, ` ${users.length}`);
}

function threadLink(message, open) {
  const at = message.last_reply_at;
  const last = at ? el("small", {}, `Last reply ${dayOf(at) === "Today" ? "today" : dayOf(at)} at `, stamp(at)) : null;
  return el("p.thread-line", {}, el("button.thread-link", { type: "button", click: () => open(message.ts) }, replies(message.replies)), last);
}

const QUICK = [["eyes", "👀"], ["white_check_mark", "✅"], ["ticket", "🎫"]];
const SHORTCUTS = { "Make a ticket": "make_ticket", "Add to ticket…": "add_to_ticket" };

function hoverBar(message, { open, does, content }) {
  const quick = QUICK.map(([name, face]) => small(`React with ${name.replaceAll("_", " ")}`, face, () => does("react", { name })));
  const thread = open ? small("Open thread", "💬", () => open(message.ts)) : null;
  return el("div.hover", {}, quick, thread, more(message, { does, content }));
}

function small(label, face, click) {
  const shown = el("span", { "aria-hidden": "true" }, face);
  return el("button", { type: "button", "aria-label": label, title: label, click }, shown);
}

function more(message, { does, content }) {
  const offers = Object.entries(SHORTCUTS).map(([words, id]) => [words, () => does("shortcut", { callback_id: id })]);
  if (!message.author.bot) offers.push(["Edit message", () => editor(message, content, does)], ["Delete message", () => does("delete")]);
  const options = offers.map(([text], number) => ({ text: { text }, value: String(number) }));
  return menu({ type: "overflow", label: "Shortcuts and changes", options }, {}, (_, __, { value }) => offers[value][1]());
}

function editor(message, content, does) {
  const area = el("textarea", { rows: "2", "aria-label": "Edited text" });
  area.value = decoded(message.text);
  const leave = () => form.replaceWith(...before);
  const save = async () => {
    await does("edit", { text: area.value.trim() });
    if (form.isConnected) leave();
  };
  const form = el(
    "form.editor",
    {},
    area,
    el("button.kit", { type: "button", click: leave }, "Cancel"),
    el("button.kit", { type: "submit", "data-style": "primary" }, "Save"),
  );
  form.addEventListener("submit", (event) => (event.preventDefault(), save()));
  const before = [...content.childNodes];
  content.replaceChildren(form);
  area.focus();
}

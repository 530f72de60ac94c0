/** The Telegram pane: the on-call person's phone, with the group and the private chat with the bot. */

import { avatar, choice, clockTime, dayOf, el, keepingEnd, keyed, size, stamp, whileBusy, writingBox } from "./dom.js";
import { entities } from "./entities.js";
import { cast, gesture, itemsOf } from "./live.js";

const me = { chat: null, answering: null };
let pane = null;
let parts = null;

/** Build the phone once; everything later is `draw`. */
export function build(section) {
  pane = section;
  const area = el("textarea", { id: "phone-box", rows: "1", placeholder: "Write, or /help" });
  parts = {
    chats: el("div.chats"),
    clock: el("span", {}, clockTime(Date.now())),
    head: el("header.phone-head"),
    bubbles: el("ol.bubbles"),
    reply: el("div.replying", { hidden: true }),
    area,
  };
  parts.start = el("button.start", { type: "button", hidden: true, click: () => write("/start") }, "START");
  parts.scroller = el("div.scroller", { tabindex: "0", "aria-label": "Bubbles" }, parts.bubbles, parts.start);
  const submit = () => send();
  const grow = writingBox(area, submit);
  const form = el(
    "form.phone-box",
    {},
    parts.reply,
    el("label.unseen", { for: "phone-box" }, "Write in Telegram"),
    area,
    el("button.send", { type: "submit", "aria-label": "Post" }, "➤"),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  form.addEventListener("keydown", (event) => event.key === "Escape" && answer(null));
  parts.grow = grow;
  const bar = el("div.phone-bar", { "aria-hidden": "true" }, parts.clock, el("i.notch"), el("span.signal", {}, "▂▄▆ 5G"));
  const screen = el("div.screen", {}, bar, parts.head, parts.scroller, form);
  pane.append(parts.chats, el("div.phone", {}, screen));
  parts.screen = screen;
  setInterval(() => (parts.clock.textContent = clockTime(Date.now())), 20_000);
}

/** Draw what changed. */
export function draw() {
  if (!cast.on_call) return;
  const { group, on_call: sam, bot } = cast;
  me.chat ??= group.id;
  const options = [
    { value: group.id, words: group.title },
    { value: sam.id, words: bot.name },
  ];
  drawHead(options, bot);
  const seen = itemsOf("telegram").filter((item) => item.chat === me.chat);
  keepingEnd(parts.scroller, () => keyed(parts.bubbles, withDays(seen), row));
  parts.start.hidden = me.chat !== sam.id || seen.length > 0;
}

/** Open the private chat with the bot and write this there, as a t.me link with `start` does. */
export function beginWithBot(text) {
  me.chat = cast.on_call.id;
  draw();
  pane.scrollIntoView({ block: "nearest" });
  return write(text);
}

function drawHead(options, bot) {
  const print = JSON.stringify([options, me.chat]);
  if (parts.head.print === print) return;
  parts.head.print = print;
  const pick = (chat) => {
    me.chat = chat;
    answer(null);
    draw();
    parts.scroller.scrollTop = parts.scroller.scrollHeight;
  };
  const focused = parts.chats.contains(document.activeElement);
  parts.chats.replaceChildren(choice("Chats", options, me.chat, pick));
  if (focused) parts.chats.querySelector("[aria-pressed=true]").focus();
  const isGroup = me.chat === options[0].value;
  const { words } = options.find(({ value }) => value === me.chat);
  parts.head.replaceChildren(
    avatar(words, { bot: !isGroup }),
    el("span.grows", {}, el("b", {}, words), el("small", {}, isGroup ? cast.group.about : `@${bot.username}`)),
  );
}

function withDays(messages) {
  const rows = [];
  let day = null;
  messages.forEach((message, index) => {
    if (dayOf(message.at) !== day) rows.push({ key: `day ${dayOf(message.at)}`, day: dayOf(message.at) });
    day = dayOf(message.at);
    const next = messages[index + 1];
    rows.push({ ...message, last: next?.person?.id !== message.person?.id });
  });
  return rows;
}

function row(item) {
  if (item.day) return el("li.day", {}, el("span", {}, item.day));
  if (item.service) return el("li.day", {}, el("span", {}, item.service));
  const mine = item.person.id === cast.on_call.id;
  const bubble = el(
    "div.bubble",
    {},
    mine ? null : el("p.who", {}, item.person.name),
    item.reply_to ? quoted(item.reply_to) : null,
    item.file ? el("p.file", {}, el("b", {}, item.file.name), item.file.bytes ? el("small", {}, size(item.file.bytes)) : null) : null,
    item.text ? el("div.words", {}, entities(item.text, item.entities)) : null,
    el("p.foot", {}, item.silent ? el("span", { title: "Sent without a sound" }, "🔕 ") : null, item.edited ? "edited " : "", stamp(item.at)),
  );
  const toReply = el("button.answer", { type: "button", "aria-label": "Answer this", title: "Answer this", click: () => answer(item) }, "↩");
  return el(
    `li.${mine ? "mine" : "theirs"}${item.last ? ".last" : ""}`,
    {},
    el("div.line", {}, bubble, toReply),
    item.keyboard?.length ? keyboard(item) : null,
  );
}

function quoted({ name, text }) {
  return el("blockquote.reply-to", {}, el("b", {}, name), el("span", {}, text));
}

function keyboard(message) {
  const rows = message.keyboard.map((buttons) => el("div.keys", {}, buttons.map((button) => key(message, button))));
  return el("div.keyboard", {}, rows);
}

function key(message, button) {
  if (button.url) return el("a", { href: button.url, target: "_blank", rel: "noreferrer noopener" }, button.label, el("span", { "aria-hidden": "true" }, " ↗"));
  const details = { chat: message.chat, message: message.id, data: button.data };
  const press = ({ currentTarget }) =>
    whileBusy(currentTarget, async () => answered(await gesture("telegram.press", details)));
  return el("button", { type: "button", click: press }, button.label);
}

function answered(outcome) {
  if (!outcome.ok) return slip(outcome.error ?? "That did not work.");
  if (!outcome.said) return undefined;
  return outcome.alert ? alertBox(outcome.said) : slip(outcome.said);
}

function slip(words) {
  const shelf = parts.screen.querySelector(".slips") ?? parts.screen.appendChild(el("div.slips", { role: "status" }));
  const one = el("p.slip", {}, words);
  shelf.replaceChildren(one);
  setTimeout(() => one.remove(), 3500 + words.length * 40);
}

function alertBox(words) {
  const before = document.activeElement;
  const close = () => {
    veil.remove();
    before?.focus?.();
  };
  const ok = el("button", { type: "button", click: close }, "OK");
  const box = el("div.alert", { role: "alertdialog", "aria-label": cast.bot.name }, el("p", {}, words), ok);
  const veil = el("div.veil", { keydown: (event) => event.key === "Escape" && close() }, box);
  parts.screen.append(veil);
  ok.focus();
}

function answer(message) {
  me.answering = message?.id ?? null;
  parts.reply.hidden = !message;
  parts.reply.replaceChildren();
  if (!message) return;
  const drop = el("button.round", { type: "button", "aria-label": "Answer nothing", click: () => answer(null) }, "×");
  parts.reply.append(quoted({ name: message.person.name, text: message.text }), drop);
  parts.area.focus();
}

async function send() {
  const text = parts.area.value.trim();
  if (!text) return;
  parts.area.value = "";
  parts.grow();
  const reply = me.answering;
  answer(null);
  await write(text, reply);
}

async function write(text, reply = null) {
  const outcome = await gesture("telegram.say", { chat: me.chat, text, reply_to: reply });
  if (!outcome.ok) slip(outcome.error ?? "That did not work.");
}

/** The Telegram pane: the phones of those on call, one in view, each with its private chat with the bot; a bell stands
 * where something has rung. */

import { avatar, choice, clockTime, dayOf, el, keepingEnd, keyed, size, stamp, whileBusy, writingBox } from "./dom.js";
import { entities } from "./entities.js";
import { cast, deskNow, gesture, itemsOf } from "./live.js";

const me = { person: null, chat: null, answering: null, heard: new Map(), ringing: new Set() };
let pane = null;
let parts = null;

/** Build the phone once; everything later is `draw`. */
export function build(section) {
  pane = section;
  const area = el("textarea", { id: "phone-box", rows: "1", placeholder: "Write, or /help" });
  parts = {
    chats: el("div.chats"),
    clock: el("span", {}, clockTime(deskNow())),
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
  parts.phone = el("div.phone", {}, screen);
  pane.append(parts.chats, parts.phone);
  parts.screen = screen;
  setInterval(() => (parts.clock.textContent = clockTime(deskNow())), 250);
}

/** Draw what changed. */
export function draw() {
  if (!cast.phones) return;
  me.person ??= cast.phones[0].id;
  me.chat ??= cast.group.id;
  listen();
  drawHead();
  const seen = itemsOf("telegram").filter((item) => item.chat === me.chat);
  keepingEnd(parts.scroller, () => keyed(parts.bubbles, withDays(seen), row));
  parts.start.hidden = me.chat !== me.person || seen.length > 0;
}

const rang = (item) => item.person.bot && !item.silent && !item.service;
const chatsOf = (person) => [...(person === cast.phones[0].id ? [cast.group.id] : []), person];

/** What has come with a sound since the last look: in view the phone shakes, elsewhere a bell stands until one looks. */
function listen() {
  const first = me.heard.size === 0;
  const loud = itemsOf("telegram").filter((item) => rang(item) && !me.heard.has(item.key));
  for (const item of loud) me.heard.set(item.key, true);
  me.heard.set("", true);
  if (first) return;
  for (const { chat } of loud) if (chat !== me.chat) me.ringing.add(chat);
  if (loud.some(({ chat }) => chatsOf(me.person).includes(chat))) shake();
}

function shake() {
  parts.phone.classList.remove("ringing");
  void parts.phone.offsetWidth;
  parts.phone.classList.add("ringing");
}

/** Open the private chat with the bot and write this there, as a t.me link with `start` does. */
export function beginWithBot(text) {
  me.chat = me.person;
  draw();
  pane.scrollIntoView({ block: "nearest" });
  return write(text);
}

function open(person, chat) {
  Object.assign(me, { person, chat });
  me.ringing.delete(chat);
  answer(null);
  draw();
  parts.scroller.scrollTop = parts.scroller.scrollHeight;
}

const bells = (...chats) => (chats.some((chat) => me.ringing.has(chat)) ? el("span.bells", { title: "It rang" }, "🔔") : null);

function drawHead() {
  const { group, phones, bot } = cast;
  const print = JSON.stringify([phones, me.person, me.chat, [...me.ringing]]);
  if (parts.head.print === print) return;
  parts.head.print = print;
  const others = phones.map(({ id, name }) => ({ value: id, words: name, extra: id === me.person ? null : bells(...chatsOf(id)) }));
  const places = chatsOf(me.person).map((chat) => ({ value: chat, words: chat === group.id ? group.title : bot.name, extra: bells(chat) }));
  const focused = parts.chats.contains(document.activeElement) ? document.activeElement.parentElement.ariaLabel : null;
  parts.chats.replaceChildren(
    choice("Phones", others, me.person, (person) => person !== me.person && open(person, chatsOf(person).find((chat) => me.ringing.has(chat)) ?? chatsOf(person)[0])),
    choice("Chats", places, me.chat, (chat) => open(me.person, chat)),
  );
  if (focused) parts.chats.querySelector(`[aria-label="${focused}"] [aria-pressed=true]`)?.focus();
  const isGroup = me.chat === group.id;
  const words = isGroup ? group.title : bot.name;
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
  const mine = item.person.id === me.person;
  const bubble = el(
    "div.bubble",
    {},
    mine ? null : el("p.who", {}, item.person.name),
    item.reply_to ? quoted(item.reply_to) : null,
    item.file ? el("p.file", {}, el("b", {}, item.file.name), item.file.bytes ? el("small", {}, size(item.file.bytes)) : null) : null,
    item.text ? el("div.words", {}, entities(item.text, item.entities)) : null,
    el("p.foot", {}, sound(item), item.edited ? "edited " : "", stamp(item.at)),
  );
  const toReply = el("button.answer", { type: "button", "aria-label": "Answer this", title: "Answer this", click: () => answer(item) }, "↩");
  return el(
    `li.${mine ? "mine" : "theirs"}${item.last ? ".last" : ""}`,
    {},
    el("div.line", {}, bubble, toReply),
    item.keyboard?.length ? keyboard(item) : null,
  );
}

function sound(item) {
  if (item.silent) return el("span", { title: "Came without a sound" }, "🔕 ");
  return rang(item) ? el("span", { title: "Made a sound" }, "🔔 ") : null;
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
  const details = { person: me.person, chat: message.chat, message: message.id, data: button.data };
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
  const outcome = await gesture("telegram.say", { person: me.person, chat: me.chat, text, reply_to: reply });
  if (!outcome.ok) slip(outcome.error ?? "That did not work.");
}

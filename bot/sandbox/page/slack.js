/** The Slack pane: the channel as one of the two agents sees it, its threads, and the box one writes in. */

import { avatar, choice, dayOf, el, keepingEnd, keyed, toast, writingBox } from "./dom.js";
import { cast, gesture, itemsOf } from "./live.js";
import { homeTab } from "./home.js";
import { showModal } from "./modal.js";
import { names } from "./mrkdwn.js";
import { postDrawer } from "./posts.js";

const HOME = "home";
const LATE = "operation_timeout";
const me = { user: null, channel: null, thread: null };
let pane = null;
let parts = null;

/** Build the pane once; everything later is `draw`. */
export function build(section) {
  pane = section;
  parts = {
    top: el("header.slack-top"),
    head: el("div.channel-head"),
    home: homeTab(section),
    posts: el("ol.posts", { "aria-label": "Channel" }),
    thread: el("aside.thread", { hidden: true, "aria-label": "Thread" }),
    lines: el("ol.posts"),
  };
  parts.scroller = el("div.scroller", { tabindex: "0", "aria-label": "Posts" }, parts.posts);
  parts.box = box("Message", "main-box", sayOrRun, newTicket());
  parts.reply = box("Write in thread", "thread-box", (text) => say(text, me.thread));
  parts.threadScroller = el("div.scroller", { tabindex: "0", "aria-label": "Posts in thread" }, parts.lines);
  const closeThread = el("button.round", { type: "button", "aria-label": "Hide thread", click: () => openThread(null) }, "×");
  parts.thread.append(el("header", {}, el("h3", {}, "Thread"), closeThread), parts.threadScroller, parts.reply.form);
  parts.thread.addEventListener("keydown", (event) => event.key === "Escape" && openThread(null));
  const channel = el("div.channel", {}, parts.home.tab, parts.scroller, parts.box.form);
  pane.append(
    el("div.beneath", {}, parts.top, parts.head, el("div.slack-body", {}, channel, parts.thread)),
  );
}

function newTicket() {
  const ask = () => messageGesture("shortcut", { callback_id: "new_ticket" });
  return el("button.shortcut", { type: "button", click: ask, title: "A shortcut of the app" }, "⚡ New ticket");
}

function box(label, id, send, extra = null) {
  const area = el("textarea", { id, rows: "1", placeholder: " ", "data-main-box": label === "Message" });
  const hint = el("span.hint-line", { "aria-hidden": "true" });
  const form = el(
    "form.box",
    {},
    el("label.unseen", { for: id }, label),
    area,
    el("div.box-foot", {}, extra, hint, el("button.send", { type: "submit", "aria-label": "Post" }, "➤")),
  );
  const submit = () => {
    const text = area.value.trim();
    if (!text) return;
    area.value = "";
    grow();
    send(text);
  };
  const grow = writingBox(area, submit);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  return { form, area, hint };
}

/** Draw what changed. */
export function draw() {
  const items = itemsOf("slack");
  settle(items);
  drawHeads(items);
  const seen = items.filter((item) => item.kind === "message" && item.channel === me.channel);
  const mine = seen.filter((item) => !item.only || item.only === me.user);
  keepingEnd(parts.scroller, () => keyed(parts.posts, withDays(mine.filter((item) => !item.thread)), drawers.channel));
  drawThread(mine);
  drawHome(items);
  const views = items.filter((item) => item.kind === "view" && item.user === me.user);
  showModal(pane, me.user, views.map((item) => item.view));
}

const doings = {
  act: press,
  open: (ts) => openThread(ts),
  does: ({ channel, ts }, what, details) => messageGesture(what, { channel, ts, ...details }),
};
const drawers = {
  channel: postDrawer(doings),
  thread: postDrawer({ ...doings, inThread: true }),
};

async function messageGesture(what, details) {
  const outcome = await gesture(`slack.${what}`, { user: me.user, ...details });
  if (!outcome.ok) toast(pane, outcome.error ?? "That did not work.", "bad");
}

function drawHome(items) {
  const atHome = me.channel === HOME;
  for (const element of [parts.scroller, parts.box.form]) element.hidden = atHome;
  parts.home.show(atHome, items.find((item) => item.kind === "home" && item.user === me.user));
}

function settle(items) {
  me.user ??= cast.agents?.[0]?.id ?? null;
  me.channel ??= cast.channel?.id ?? null;
  for (const item of items) if (item.kind === "names") Object.assign(names, item.names);
}

function drawHeads(items) {
  if (!cast.agents) return;
  const agents = cast.agents.map(({ id, name }) => ({ value: id, words: name, extra: avatar(name) }));
  const become = (user) => {
    me.user = user;
    if (me.channel === HOME) messageGesture("open_home", {});
    draw();
  };
  const top = [el("strong", {}, cast.workspace), choice("Who I am in Slack", agents, me.user, become)];
  const channels = items.filter((item) => item.kind === "channel" && (!item.only || item.only === me.user));
  if (me.channel !== HOME && !channels.some((item) => item.id === me.channel)) me.channel = cast.channel.id;
  const tabs = [...channels.map((item) => ({ value: item.id, words: item.name })), { value: HOME, words: "Home" }];
  const go = (channel) => {
    Object.assign(me, { channel, thread: null });
    if (channel === HOME) messageGesture("open_home", {});
    draw();
  };
  const here = channels.find((item) => item.id === me.channel);
  const head = [choice("Channels", tabs, me.channel, go), el("span.topic", {}, here?.topic ?? "")];
  once(parts.top, [me.user, cast.agents], top);
  once(parts.head, [me.channel, channels], head);
  const words = `Write to ${here?.name ?? ""} — or /ticket help`;
  parts.box.area.placeholder = words;
  parts.box.hint.textContent = "Enter sends · Shift+Enter new line";
  parts.reply.area.placeholder = "Write in this thread…";
}

function once(element, values, children) {
  const print = JSON.stringify(values);
  if (element.print === print) return;
  const focused = element.contains(document.activeElement) ? document.activeElement.textContent : null;
  element.print = print;
  element.replaceChildren(...children);
  if (focused) [...element.querySelectorAll("button")].find((button) => button.textContent === focused)?.focus();
}

const TOGETHER = 5 * 60 * 1000;

function withDays(messages) {
  const rows = [];
  let before = null;
  for (const message of messages) {
    const day = dayOf(message.at);
    if (!before || dayOf(before.at) !== day) rows.push({ key: `day ${day}`, day });
    const close = before && message.at - before.at < TOGETHER && before.author.id === message.author.id;
    const alike = close && !before.attachments?.length && !message.attachments?.length && before.only === message.only;
    rows.push({ ...message, alike: Boolean(alike && dayOf(before.at) === day) });
    before = message;
  }
  return rows;
}

function drawThread(messages) {
  const parent = messages.find((item) => item.ts === me.thread);
  parts.thread.hidden = !parent;
  pane.classList.toggle("with-thread", Boolean(parent));
  if (!parent) return;
  const replies = messages.filter((item) => item.thread === me.thread && item.ts !== me.thread);
  const count = { key: "count", count: replies.length };
  const rows = [{ ...parent, isParent: true }, count, ...withDays(replies).filter((row) => !row.day)];
  keepingEnd(parts.threadScroller, () => keyed(parts.lines, rows, drawers.thread));
}

function openThread(ts) {
  me.thread = ts;
  keepingEnd(parts.scroller, draw);
  if (!ts) return parts.box.area.focus();
  parts.threadScroller.scrollTop = parts.threadScroller.scrollHeight;
  return parts.reply.area.focus();
}

function sayOrRun(text) {
  const [, command, rest] = /^(\/[a-z]+)\s*([\s\S]*)$/.exec(text) ?? [];
  return command ? run(command, rest) : say(text, null);
}

async function run(command, text) {
  const outcome = await gesture("slack.slash", { user: me.user, channel: me.channel, command, text });
  if (outcome.ok) return;
  const said = outcome.timeout ? `${command} failed with the error "${LATE}"` : outcome.error;
  toast(pane, said ?? "That did not work.", "bad");
}

async function say(text, thread) {
  const outcome = await gesture("slack.say", { user: me.user, channel: me.channel, text, thread_ts: thread });
  if (!outcome.ok) toast(pane, outcome.error ?? "That did not work.", "bad");
}

async function press(message, element, block, picked, typed) {
  const details = { user: me.user, channel: message.channel, ts: message.ts, action_id: element.action_id };
  const option = picked?.value ?? (typed || undefined);
  const outcome = await gesture("slack.press", { ...details, block_id: block.block_id, option });
  if (outcome.ok) return;
  const late = `Deskbell did not answer in time (${LATE})`;
  toast(pane, outcome.timeout ? late : (outcome.error ?? "That did not work."), "bad");
}

/** The client's mailbox: one person's letters, a letter opened, and the mail being written. */

import { avatar, carried, choice, dayOf, el, keyed, size, stamp, toast } from "./dom.js";
import { cast, gesture, itemsOf } from "./live.js";

const me = { address: null, folder: "inbox", open: null, answering: null, asText: false, read: new Set() };
let pane = null;
let parts = null;

/** Build the mailbox once; everything later is `draw`. */
export function build(section) {
  pane = section;
  parts = {
    top: el("header.mail-top"),
    folders: el("div.folders"),
    list: el("ol.letters"),
    empty: el("p.empty"),
    letter: el("article.letter", { hidden: true }),
  };
  parts.compose = composer();
  const shelf = el("div.shelf", {}, parts.folders, parts.list, parts.empty);
  pane.append(parts.top, el("div.mail-body", {}, shelf, parts.letter), parts.compose);
  parts.shelf = shelf;
  pane.addEventListener("keydown", (event) => {
    if (event.key === "Escape") open(null);
  });
}

function composer() {
  parts.heading = el("h3");
  parts.drop = el("button.quiet", { type: "button", hidden: true, click: () => answer(null) }, "Discard");
  parts.to = el("span.to");
  parts.subject = el("input", { id: "mail-subject", type: "text", autocomplete: "off", maxlength: "300" });
  parts.text = el("textarea", { id: "mail-text", rows: "4", placeholder: "Write to the desk…" });
  parts.files = el("input", { id: "mail-files", type: "file", multiple: true, change: drawFiles });
  parts.names = el("span.names");
  parts.send = el("button.strong", { type: "submit" }, "Send mail");
  const form = el(
    "form.compose",
    {},
    el("header", {}, parts.heading, parts.to, parts.drop),
    el("div.row", {}, el("label", { for: "mail-subject" }, "Subject"), parts.subject),
    el("div.row.tall", {}, el("label.unseen", { for: "mail-text" }, "Text"), parts.text),
    el("footer", {}, el("label.attach", { for: "mail-files" }, "📎 Attach"), parts.files, parts.names, parts.send),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) form.requestSubmit();
  });
  return form;
}

/** Draw what changed. */
export function draw() {
  if (!cast.clients) return;
  me.address ??= cast.clients[0].address;
  const mine = itemsOf("client").filter((item) => item.owner === me.address);
  drawTop(mine);
  const shown = mine.filter((item) => item.sent === (me.folder === "sent"));
  keyed(parts.list, shown.map((item) => ({ ...item, unread: !item.sent && !me.read.has(item.key) })).reverse(), letterLine);
  parts.empty.hidden = shown.length > 0;
  parts.empty.textContent = me.folder === "sent" ? "Nothing sent yet." : "No letters yet. Write to the desk below.";
  drawLetter(mine.find((item) => item.key === me.open));
  drawCompose();
}

function drawTop(mine) {
  const unread = mine.filter((item) => !item.sent && !me.read.has(item.key)).length;
  const print = JSON.stringify([me.address, me.folder, unread, cast.clients]);
  if (parts.top.print === print) return;
  parts.top.print = print;
  const people = cast.clients.map(({ name, address }) => ({ value: address, words: name, extra: avatar(name) }));
  const person = cast.clients.find(({ address }) => address === me.address);
  const become = (address) => {
    Object.assign(me, { address, open: null, answering: null });
    draw();
  };
  parts.top.replaceChildren(
    el("span.grows", {}, el("strong", {}, "Mail"), el("small", {}, `${person.address} · ${person.company}`)),
    choice("Whose mailbox", people, me.address, become),
  );
  const folders = [
    { value: "inbox", words: "Inbox", extra: unread ? el("span.count", {}, String(unread)) : null },
    { value: "sent", words: "Sent" },
  ];
  const go = (folder) => {
    Object.assign(me, { folder, open: null });
    draw();
  };
  parts.folders.replaceChildren(choice("Folders", folders, me.folder, go));
}

function letterLine(item) {
  const other = item.sent ? `To ${item.to}` : item.from;
  const lines = el(
    "span.grows",
    {},
    el("span.first", {}, el("b", {}, other), when(item.at)),
    el("span.subject", {}, item.subject || "(no subject)"),
    el("span.snippet", {}, item.text.replace(/\s+/g, " ").slice(0, 120)),
  );
  const button = el("button", { type: "button", click: () => open(item.key) }, avatar(other), lines);
  return el(`li${item.unread ? ".unread" : ""}`, {}, button);
}

function when(milliseconds) {
  return dayOf(milliseconds) === "Today" ? stamp(milliseconds) : el("time", {}, dayOf(milliseconds));
}

function open(key) {
  const closed = me.open;
  me.open = key;
  if (key) me.read.add(key);
  draw();
  if (key) parts.letter.querySelector(".back").focus();
  else if (closed) parts.list.querySelector(`[data-key="${CSS.escape(closed)}"] button`)?.focus();
}

function drawLetter(item) {
  parts.letter.hidden = !item;
  if (item) parts.shelf.remove();
  else parts.letter.before(parts.shelf);
  const print = item ? JSON.stringify([item, me.asText]) : "";
  if (parts.letter.print === print) return;
  parts.letter.print = print;
  parts.letter.replaceChildren(...(item ? letterParts(item) : []));
}

function letterParts(item) {
  const rich = item.html && !me.asText;
  const flip = () => {
    me.asText = !me.asText;
    draw();
  };
  const bar = el(
    "div.letter-bar",
    {},
    el("button.quiet.back", { type: "button", click: () => open(null) }, "‹ Letters"),
    item.html ? el("button.quiet", { type: "button", click: flip }, me.asText ? "Show as HTML" : "Show as plain") : null,
    item.sent ? null : el("button.strong.light", { type: "button", click: () => answer(item) }, "Answer"),
  );
  const people = el("p.people", {}, el("b", {}, item.from), el("span", {}, `to ${item.to}`), when(item.at));
  const files = item.attachments?.length ? el("div.files", {}, item.attachments.map(fileOf)) : null;
  const heading = el("header", {}, el("h3", {}, item.subject || "(no subject)"), el("div.face", {}, avatar(item.from), people));
  return [bar, heading, files, rich ? frame(item) : el("div.letter-text", { tabindex: "0" }, item.text)].filter(Boolean);
}

function fileOf({ name, bytes }) {
  return el("span.file", {}, el("b", {}, name), el("small", {}, size(bytes)));
}

/** Foreign HTML: no scripts, no forms, no access to this page; links open elsewhere. */
function frame(item) {
  const sheet = "<base target=_blank><style>body{font:15px/1.5 system-ui,sans-serif;margin:16px;overflow-wrap:anywhere}</style>";
  return el("iframe", {
    title: `Letter: ${item.subject}`,
    sandbox: "allow-popups allow-popups-to-escape-sandbox",
    referrerpolicy: "no-referrer",
    srcdoc: sheet + item.html,
  });
}

function answer(item) {
  me.answering = item?.key ?? null;
  parts.subject.value = item ? (/^re:/i.test(item.subject) ? item.subject : `Re: ${item.subject}`) : "";
  drawCompose();
  if (item) parts.text.focus();
}

function drawCompose() {
  parts.heading.textContent = me.answering ? "Answer" : "New mail";
  parts.drop.hidden = !me.answering;
  parts.to.textContent = `to ${cast.desk}`;
}

function drawFiles() {
  parts.names.textContent = [...parts.files.files].map((file) => file.name).join(", ");
}

async function send() {
  const { subject, text } = parts;
  if (!subject.value.trim() && !text.value.trim()) return text.focus();
  parts.send.disabled = true;
  const attachments = await Promise.all([...parts.files.files].map(carried));
  const details = { person: me.address, subject: subject.value, text: text.value, attachments, answers: me.answering };
  const outcome = await gesture("client.write", details);
  parts.send.disabled = false;
  if (!outcome.ok) return toast(pane, outcome.error ?? "That did not work.", "bad");
  for (const part of [subject, text, parts.files]) part.value = "";
  drawFiles();
  answer(null);
  return toast(pane, "Sent", "good");
}

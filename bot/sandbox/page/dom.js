/** Elements made from values. Whatever was written by others goes in as text, never as markup. */

import { deskNow } from "./live.js";

export function el(name, attributes = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(attributes)) set(element, key, value);
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

function set(element, key, value) {
  if (value === null || value === undefined || value === false) return;
  if (typeof value === "function") element.addEventListener(key, value);
  else if (key in element && typeof value !== "string") element[key] = value;
  else element.setAttribute(key, value === true ? "" : value);
}

/** Bring `list` in line with `items`: unchanged ones stay, changed ones are redrawn in place, order is kept. */
export function keyed(list, items, draw) {
  const old = new Map([...list.children].map((child) => [child.dataset.key, child]));
  const fresh = list.dataset.filled === "yes";
  let place = null;
  for (const item of items) {
    const print = JSON.stringify(item);
    let node = old.get(item.key);
    old.delete(item.key);
    if (!node || node.print !== print) node = redraw(node, draw(item), item.key, print, fresh);
    const wanted = place ? place.nextSibling : list.firstChild;
    if (node !== wanted) list.insertBefore(node, wanted);
    place = node;
  }
  for (const node of old.values()) node.remove();
  list.dataset.filled = "yes";
}

function redraw(before, node, key, print, fresh) {
  node.dataset.key = key;
  node.print = print;
  if (!before) {
    if (fresh) node.classList.add("new");
    return node;
  }
  const focused = before.contains(document.activeElement) ? document.activeElement.textContent : null;
  before.replaceWith(node);
  node.classList.add("changed");
  if (focused !== null) focusAgain(node, focused);
  return node;
}

function focusAgain(node, words) {
  const buttons = [...node.querySelectorAll("button")];
  const same = buttons.find((button) => button.textContent === words) ?? buttons[0];
  same?.focus({ preventScroll: true });
}

/** Run `change`; a scroller that stood at its end stands there again afterwards. */
export function keepingEnd(scroller, change) {
  const atEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 40;
  change();
  if (atEnd) scroller.scrollTop = scroller.scrollHeight;
}

const HUES = ["#5b3df5", "#0b7a75", "#b4236b", "#a84300", "#1f6feb", "#2f7d32", "#8a3ab9", "#946200"];

export function colourOf(name) {
  let sum = 0;
  for (const character of name) sum = (sum * 31 + character.codePointAt(0)) % 9973;
  return HUES[sum % HUES.length];
}

export function avatar(name, { bot = false } = {}) {
  if (bot) return el("span.avatar.of-bot", { "aria-hidden": "true" }, bell());
  const initials = name.split(/\s+/).map((part) => [...part][0] ?? "").slice(0, 2).join("");
  const face = el("span.avatar", { "aria-hidden": "true" }, initials.toUpperCase() || "?");
  face.style.background = colourOf(name);
  return face;
}

export function bell() {
  return document.querySelector(".brand .bell").cloneNode(true);
}

export function clockTime(milliseconds) {
  return new Date(milliseconds).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false });
}

export function stamp(milliseconds) {
  const at = new Date(milliseconds);
  return el("time", { datetime: at.toISOString(), title: at.toLocaleString() }, clockTime(milliseconds));
}

export function dayOf(milliseconds) {
  const at = new Date(milliseconds);
  if (at.toDateString() === new Date(deskNow()).toDateString()) return "Today";
  return at.toLocaleDateString([], { weekday: "long", day: "numeric", month: "long" });
}

export function size(bytes) {
  return bytes < 1024 ? `${bytes} B` : bytes < 1024 * 1024 ? `${Math.round(bytes / 1024)} kB` : `${(bytes / 1048576).toFixed(1)} MB`;
}

/** A row of buttons of which one is pressed: who am I, which chat. */
export function choice(label, options, chosen, pick) {
  const buttons = options.map(({ value, words, extra }) =>
    el("button", { type: "button", "aria-pressed": String(value === chosen), click: () => pick(value) }, extra, words),
  );
  return el("div.choice", { role: "group", "aria-label": label }, buttons);
}

/** What lies under a dialog cannot be reached; called whenever a dialog of the pane opens or goes. */
export function shade(pane) {
  const layers = [pane.querySelector(".beneath"), ...pane.querySelectorAll(":scope > .veil")];
  layers.forEach((layer, index) => {
    const under = index < layers.length - 1;
    layer.inert = under;
    layer.setAttribute("aria-hidden", String(under));
  });
}

/** Mark a button as busy while `work` goes on; a busy one does nothing more. */
export async function whileBusy(button, work) {
  if (button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  await work();
  button.removeAttribute("aria-busy");
}

/** A short sentence that goes away by itself. */
export function toast(pane, words, kind = "plain") {
  const shelf = pane.querySelector(".toasts") ?? pane.appendChild(el("div.toasts", { role: "status" }));
  const slip = el("p.toast", { "data-kind": kind }, words);
  shelf.append(slip);
  setTimeout(() => slip.remove(), 3000 + words.length * 50);
}

/** Enter sends, Shift+Enter begins a new line; the box grows with its text. */
export function writingBox(box, send) {
  const grow = () => {
    box.style.height = "auto";
    box.style.height = `${Math.min(box.scrollHeight + 2, 180)}px`;
  };
  box.addEventListener("input", grow);
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    send();
  });
  return grow;
}

let numbers = 0;

export function freshId(prefix) {
  numbers += 1;
  return `${prefix}-${numbers}`;
}

/** A chosen file as it travels to the demo. */
export async function carried(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return { name: file.name, type: file.type || "application/octet-stream", base64: btoa(text) };
}

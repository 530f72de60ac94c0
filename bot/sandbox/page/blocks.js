/** Block Kit as elements. `act(element, block, choice)` is called with what a person pressed or picked, once confirmed. */

import { el, freshId, shade, whileBusy } from "./dom.js";
import { field } from "./fields.js";
import { mrkdwn, textOf, words } from "./mrkdwn.js";
import { richText } from "./richtext.js";

export function blocks(list, act) {
  return (list ?? []).map((block) => (BLOCKS[block.type] ?? unknown)(block, act));
}

const BLOCKS = {
  section: (block, act) =>
    el(
      "div.block.section",
      {},
      el(
        "div.grows",
        {},
        block.text ? textOf(block.text) : null,
        block.fields ? el("div.facts", {}, block.fields.map((fact) => el("div", {}, textOf(fact)))) : null,
      ),
      block.accessory ? drawn(block.accessory, block, act) : null,
    ),
  header: (block) => el("h3.block", {}, words(block.text)),
  divider: () => el("hr.block"),
  context: (block) =>
    el("div.block.context", {}, block.elements.map((part) => (part.type === "image" ? picture(part) : textOf(part)))),
  actions: (block, act) => el("div.block.actions", {}, block.elements.map((part) => drawn(part, block, act))),
  image: (block) => el("figure.block", {}, picture(block), block.title ? el("figcaption", {}, words(block.title)) : null),
  input: (block, act) => field(block, act),
  markdown: (block) => el("div.block.section", {}, mrkdwn(block.text)),
  rich_text: (block) => el("div.block.section", {}, richText(block)),
};

function unknown(block) {
  return el("p.block.context", {}, `(${block.type})`);
}

function picture(part) {
  return el("img", { src: part.image_url, alt: part.alt_text, loading: "lazy" });
}

function drawn(element, block, act) {
  return (ELEMENTS[element.type] ?? inputElement)(element, block, act);
}

function inputElement(element, block, act) {
  return field({ ...block, type: "input", label: element.placeholder ?? { text: element.type }, element, bare: true }, act);
}

const ELEMENTS = {
  button: (element, block, act) => {
    if (element.url) return linkButton(element, block, act);
    const press = ({ currentTarget: button }) =>
      confirmed(button, element.confirm, () => whileBusy(button, () => act(element, block)));
    return el(
      "button.kit",
      { type: "button", "data-style": element.style, "data-action": element.action_id, click: press },
      words(element.text),
    );
  },
  static_select: menu,
  overflow: menu,
  image: picture,
};

function linkButton(element, block, act) {
  const attributes = { href: element.url, target: "_blank", rel: "noreferrer noopener", "data-style": element.style };
  return el("a.kit", { ...attributes, click: () => act(element, block) }, words(element.text));
}

/** A button that opens a list; `act(element, block, option)` on a choice. `element.label` names it otherwise. */
export function menu(element, block, act) {
  const id = freshId("menu");
  const shown = words(element.initial_option?.text ?? element.placeholder) || "⋯";
  const short = [...shown].length <= 2 || element.type === "overflow";
  const list = el("div.menu", { id, popover: "auto", keydown: walk });
  const opener = el(
    short ? "button.kit.dots" : "button.kit.pick",
    { type: "button", popovertarget: id, "data-action": element.action_id, "aria-label": element.label },
    short ? "⋯" : shown,
    short ? el("span.unseen", {}, " More actions") : null,
  );
  const pick = (option) => {
    list.hidePopover();
    confirmed(opener, element.confirm, () => whileBusy(opener, () => act(element, block, option)));
  };
  const lines = (options) => options.map((option) => menuLine(option, () => pick(option)));
  if (element.options) list.append(...lines(element.options));
  for (const group of element.option_groups ?? []) {
    list.append(el("p", {}, words(group.label)), ...lines(group.options));
  }
  list.addEventListener("toggle", (event) => event.newState === "open" && beside(list, opener));
  return el("span.holds-menu", {}, opener, list);
}

function menuLine(option, pick) {
  return el("button", { type: "button", click: pick }, words(option.text));
}

function beside(list, opener) {
  const from = opener.getBoundingClientRect();
  const below = from.bottom + 6 + list.offsetHeight < innerHeight;
  list.style.top = `${Math.max(8, below ? from.bottom + 6 : from.top - list.offsetHeight - 6)}px`;
  list.style.left = `${Math.max(8, Math.min(from.left, innerWidth - list.offsetWidth - 8))}px`;
  list.querySelector("button")?.focus({ preventScroll: true });
}

const STEPS = { ArrowDown: 1, ArrowUp: -1 };

function walk(event) {
  const step = STEPS[event.key];
  if (!step) return;
  event.preventDefault();
  const lines = [...event.currentTarget.querySelectorAll("button")];
  lines.at((lines.indexOf(document.activeElement) + step) % lines.length).focus();
}

/** Ask first where the app wants it, then go on. */
function confirmed(opener, question, go) {
  if (!question) return go();
  const pane = opener.closest(".pane");
  const title = freshId("title");
  const done = (agreed) => {
    box.remove();
    shade(pane);
    opener.focus();
    if (agreed) go();
  };
  const box = el(
    "div.veil",
    { keydown: (event) => event.key === "Escape" && done(false) },
    el(
      "div.dialog.small",
      { role: "dialog", "aria-modal": "true", "aria-labelledby": title },
      el("h2", { id: title }, words(question.title)),
      el("div.dialog-body", {}, textOf(question.text)),
      el(
        "footer",
        {},
        el("button.kit", { type: "button", click: () => done(false) }, words(question.deny) || "Cancel"),
        el(
          "button.kit",
          { type: "button", "data-style": question.style ?? "primary", click: () => done(true) },
          words(question.confirm) || "Yes",
        ),
      ),
    ),
  );
  pane.append(box);
  shade(pane);
  return box.querySelector("footer button:last-child").focus();
}

/** A Slack modal over its pane: what a person filled in survives an update of the view, faults stand under their field. */

import { blocks } from "./blocks.js";
import { el, freshId, shade, toast, whileBusy } from "./dom.js";
import { gesture } from "./live.js";
import { words } from "./mrkdwn.js";

const TROUBLE = "We had some trouble connecting. Try again?";

/** Show the topmost of `views` for `user` in `pane`; views that are already shown keep what was typed. */
export function showModal(pane, user, views) {
  const shown = pane.querySelector(".veil.for-view");
  const top = views.at(-1);
  if (!top) return leave(pane, shown);
  const print = JSON.stringify([user, top]);
  if (shown?.print === print) return undefined;
  const fresh = veil(pane, user, top);
  fresh.print = print;
  if (shown?.view === top.id) carryOver(shown, fresh);
  if (shown) shown.replaceWith(fresh);
  else pane.append(fresh);
  if (shown) fresh.classList.add("still");
  shade(pane);
  return focusFirst(fresh);
}

function leave(pane, shown) {
  if (!shown) return;
  shown.remove();
  shade(pane);
  pane.querySelector("[data-main-box]")?.focus({ preventScroll: true });
}

function focusFirst(veiled) {
  const first = veiled.querySelector(".field input, .field textarea, .field select, .dialog-body .kit, footer .kit");
  first?.focus({ preventScroll: true });
  if (first?.setSelectionRange && first.value) first.setSelectionRange(first.value.length, first.value.length);
}

function fieldsOf(veiled) {
  return [...veiled.querySelectorAll(".block.field")];
}

function carryOver(before, after) {
  const old = new Map(fieldsOf(before).map((row) => [`${row.dataset.block} ${row.action}`, row]));
  for (const row of fieldsOf(after)) {
    const same = old.get(`${row.dataset.block} ${row.action}`);
    if (same) row.write(same.read());
  }
}

function veil(pane, user, view) {
  const title = freshId("title");
  const who = { user, view_id: view.id };
  const act = (element, block, choice, typed, kind) => kitAct(pane, who, { element, block, choice, typed, kind });
  const problem = el("p.problem", { role: "alert" });
  const form = el("form.dialog", { role: "dialog", "aria-labelledby": title, novalidate: true });
  const close = () => gesture("slack.close_view", who);
  form.append(
    el(
      "header",
      {},
      el("h2", { id: title }, words(view.title)),
      el("button.round", { type: "button", "aria-label": "Dismiss", click: close }, "×"),
    ),
    el("div.dialog-body", {}, problem, blocks(view.blocks, act)),
    el(
      "footer",
      {},
      el("button.kit", { type: "button", click: close }, words(view.close) || "Cancel"),
      view.submit ? el("button.kit", { type: "submit", "data-style": "primary" }, words(view.submit)) : null,
    ),
  );
  const veiled = el("div.veil.for-view", {}, form);
  veiled.view = view.id;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit(veiled, who, problem);
  });
  veiled.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented) close();
    if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) form.requestSubmit();
  });
  return veiled;
}

async function submit(veiled, who, problem) {
  const button = veiled.querySelector("[type=submit]");
  if (!button) return;
  const rows = fieldsOf(veiled);
  const values = Object.fromEntries(rows.map((row) => [row.dataset.block, row.read() || null]));
  for (const row of rows) row.complain("");
  problem.textContent = "";
  await whileBusy(button, async () => {
    const outcome = await gesture("slack.submit", { ...who, values });
    showFaults(veiled.isConnected ? veiled : document.querySelector(".veil.for-view"), outcome);
  });
}

function showFaults(veiled, outcome) {
  if (!veiled || outcome.ok) return;
  const rows = fieldsOf(veiled);
  const faults = Object.entries(outcome.faults ?? {});
  for (const [block, sentence] of faults) rows.find((row) => row.dataset.block === block)?.complain(sentence);
  if (faults.length) return rows.find((row) => row.matches(".wrong"))?.querySelector("input, textarea, select")?.focus();
  veiled.querySelector(".problem").textContent = outcome.timeout ? TROUBLE : (outcome.error ?? TROUBLE);
  return undefined;
}

/** A press or a search in a modal or a home. */
export async function kitAct(pane, who, { element, block, choice, typed, kind }) {
  const action = { ...who, action_id: element.action_id, block_id: block.block_id };
  if (kind === "suggest") return (await gesture("slack.suggest", { ...action, text: typed })).found;
  const option = choice?.value ?? (typed || undefined);
  const outcome = await gesture("slack.press_in_view", { ...action, option });
  if (!outcome.ok) toast(pane, outcome.error ?? TROUBLE, "bad");
  return outcome;
}

/** The strip under the top bar: the desk's time, how fast it runs, and the night that can be watched, step by step. */

import { clockTime, el, keyed, toast, whileBusy } from "./dom.js";
import { deskNow, gesture, itemsOf } from "./live.js";

const SPEEDS = [1, 60, 600];
const MARKS = { done: "✓", next: "▸", later: "·", passed: "–" };
let strip = null;
let parts = null;

/** Build the strip once; it stays hidden where the desk's clock is nobody's to set. */
export function build(aside) {
  strip = aside;
  parts = {
    day: el("span.day"),
    now: el("b"),
    speed: el("select", { "aria-label": "Speed", title: "How fast the desk's time runs", change: ({ target }) => run(target.value) }),
    begin: el("button.begin", { type: "button", click: ({ currentTarget }) => whileBusy(currentTarget, begin) }),
    steps: el("ol.steps", { "aria-label": "The night" }),
  };
  strip.append(el("p.now", { role: "timer" }, parts.day, parts.now), parts.speed, parts.begin, parts.steps);
  parts.hint = el("p.hint", {}, "At 03:12 a BLOCKING mail comes in, and phones ring until somebody takes it.");
  strip.append(parts.hint);
  setInterval(tick, 100);
}

/** Draw what changed. */
export function draw() {
  const [clock] = itemsOf("clock");
  strip.hidden = !clock;
  if (!clock) return;
  const speeds = [...new Set([...SPEEDS, clock.speed])].sort((one, other) => one - other);
  parts.speed.replaceChildren(...speeds.map((speed) => el("option", { value: `${speed}`, selected: speed === clock.speed }, `× ${speed}`)));
  const steps = itemsOf("night");
  strip.classList.toggle("told", steps.length > 0);
  parts.begin.replaceChildren(el("span", { "aria-hidden": "true" }, "🌙 "), steps.length ? "Another night" : "Play the night");
  parts.hint.hidden = steps.length > 0;
  keyed(parts.steps, steps, row);
  tick();
}

function row({ at, meant, words, state }) {
  const time = el("span.at", {}, el("span.mark", { "aria-hidden": "true" }, MARKS[state]), at ? clockTime(at) : meant);
  return el("li", { "data-state": state, "aria-current": state === "next" ? "step" : null }, time, el("span", {}, words));
}

function tick() {
  const now = new Date(deskNow());
  show(parts.day, now.toLocaleDateString("en", { weekday: "short" }));
  show(parts.now, clockTime(now));
}

function show(place, words) {
  if (place.textContent !== words) place.textContent = words;
}

async function run(speed) {
  told(await gesture("clock.run", { speed: Number(speed) }));
}

async function begin() {
  told(await gesture("night.begin", {}));
}

function told(outcome) {
  if (!outcome.ok) toast(strip, outcome.error ?? "That did not work.", "bad");
}

/** Puts the page together: three panes, the strip with the time, one connection, the theme, and marks that say where
 * news is. */

import * as client from "./client.js";
import { cast, connect, onChange } from "./live.js";
import * as slack from "./slack.js";
import * as telegram from "./telegram.js";
import * as time from "./time.js";

const PANES = { client, slack, telegram };
const STATES = { waiting: "Connecting…", live: "Live", lost: "Connecting again…" };

for (const [name, pane] of Object.entries(PANES)) pane.build(document.getElementById(name));
time.build(document.getElementById("time"));

onChange((what, value) => {
  if (what === "state") return showState(value);
  if (!PANES[what]) return time.draw();
  PANES[what].draw();
  return value === "whole" ? undefined : mark(what);
});

function showState(value) {
  const line = document.getElementById("state");
  line.dataset.state = value;
  line.textContent = STATES[value];
}

/** On a narrow window only one pane is in view: the others' links show that something happened there. */
const inView = new Set(Object.keys(PANES));
const link = (name) => document.querySelector(`.jump a[href="#${name}"]`);

function mark(name) {
  if (!inView.has(name)) link(name).dataset.news = "yes";
}

const watcher = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) {
        inView.delete(target.id);
        link(target.id).removeAttribute("aria-current");
        continue;
      }
      inView.add(target.id);
      delete link(target.id).dataset.news;
      link(target.id).setAttribute("aria-current", "true");
    }
  },
  { threshold: 0.4 },
);
for (const name of Object.keys(PANES)) watcher.observe(document.getElementById(name));

/** A pairing link leads to the pretend phone, not out of the demo. */
document.addEventListener("click", (event) => {
  const [, bot, start] = /^https:\/\/t\.me\/(\w+)\?start=([\w-]*)$/.exec(event.target.closest?.("a")?.href ?? "") ?? [];
  if (!bot || bot !== cast.bot?.username) return;
  event.preventDefault();
  telegram.beginWithBot(`/start ${start}`.trim());
});

const button = document.getElementById("theme");
const system = matchMedia("(prefers-color-scheme: dark)");

function isDark() {
  return (document.documentElement.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";
}

function showTheme() {
  document.documentElement.classList.toggle("dark", isDark());
  button.setAttribute("aria-pressed", String(isDark()));
}

button.addEventListener("click", () => {
  document.documentElement.dataset.theme = isDark() ? "light" : "dark";
  localStorage.setItem("theme", document.documentElement.dataset.theme);
  showTheme();
});
system.addEventListener("change", showTheme);
if (localStorage.getItem("theme")) document.documentElement.dataset.theme = localStorage.getItem("theme");
showTheme();
connect();

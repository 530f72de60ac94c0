/** The socket to the stage: a snapshot first, then changes; gestures go up with a number and their outcome comes back. */

const waiting = new Map();
const listeners = new Set();
const items = Object.fromEntries(["client", "slack", "telegram", "clock", "night"].map((pane) => [pane, new Map()]));
let socket = null;
let number = 0;
let pause = 250;

export const cast = {};

/** Every item of a pane, oldest first. */
export function itemsOf(pane) {
  return [...items[pane].values()].sort((one, other) => one.order - other.order);
}

/** The desk's time in milliseconds; its clock may run faster than this machine's. */
export function deskNow() {
  const clock = items.clock.get("clock");
  return clock ? clock.from + (Date.now() - clock.at) * clock.speed : Date.now();
}

/** `listener(pane)` is called after anything in that pane changed, `listener(pane, "whole")` when all of it was sent
 * anew, `listener("state", state)` when the line comes or goes. */
export function onChange(listener) {
  listeners.add(listener);
}

function tell(...news) {
  for (const listener of listeners) listener(...news);
}

export function connect() {
  tell("state", "waiting");
  socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/live`);
  socket.addEventListener("message", (event) => {
    const news = JSON.parse(event.data);
    RECEIVE[news.kind]?.(news);
  });
  socket.addEventListener("close", lost);
}

const RECEIVE = {
  snapshot(news) {
    pause = 250;
    Object.assign(cast, news.cast);
    for (const pane of Object.keys(items)) items[pane] = new Map(Object.entries(news.items[pane] ?? {}));
    tell("state", "live");
    for (const pane of Object.keys(items)) tell(pane, "whole");
  },
  change(news) {
    for (const [key, item] of Object.entries(news.put)) items[news.pane].set(key, item);
    for (const key of news.drop) items[news.pane].delete(key);
    tell(news.pane);
  },
  outcome(news) {
    waiting.get(news.id)?.(news);
    waiting.delete(news.id);
  },
};

function lost() {
  for (const answer of waiting.values()) answer({ ok: false, error: "The connection to the demo was lost." });
  waiting.clear();
  tell("state", "lost");
  setTimeout(connect, pause);
  pause = Math.min(pause * 2, 4000);
}

/** Ask the stage to carry out a gesture; resolves to its outcome `{ok, error?, …}` and never rejects. */
export function gesture(name, details) {
  if (socket?.readyState !== WebSocket.OPEN) {
    return Promise.resolve({ ok: false, error: "Not connected to the demo." });
  }
  number += 1;
  const id = number;
  socket.send(JSON.stringify({ id, do: name, with: details }));
  return new Promise((resolve) => waiting.set(id, resolve));
}

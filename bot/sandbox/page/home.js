/** The app's home tab of one agent; what is pressed there goes the way of a press in a modal. */

import { blocks } from "./blocks.js";
import { el } from "./dom.js";
import { kitAct } from "./modal.js";

/** The tab's element, and `show(isOpen, home)`, which draws a changed one anew. */
export function homeTab(pane) {
  const tab = el("div.home", { hidden: true, tabindex: "0", role: "region", "aria-label": "Home" });
  let print = null;
  const show = (isOpen, home) => {
    tab.hidden = !isOpen;
    const now = JSON.stringify(home ?? null);
    if (!isOpen || now === print) return;
    print = now;
    tab.replaceChildren(...(home ? drawn(pane, home) : [el("p", {}, "Nothing here yet.")]));
  };
  return { tab, show };
}

function drawn(pane, { user, view }) {
  const act = (element, block, choice, typed, kind) => {
    const who = { user, view_id: view.id };
    return kitAct(pane, who, { element, block, choice, typed, kind });
  };
  return blocks(view.blocks, act);
}

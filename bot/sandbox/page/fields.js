/** The inputs of a modal. Each field's element knows its answer: `read()` gives what is submitted for its block. */

import { carried, el, freshId } from "./dom.js";
import { names, words } from "./mrkdwn.js";

/** One input block: label, input, hint, and room for what is wrong with it. */
export function field(block, act) {
  const id = freshId("field");
  const { element } = block;
  const { input, read, write } = (INPUTS[element.type] ?? INPUTS.plain_text_input)(element, id, { block, act });
  const grouped = input.matches("[role=group]");
  const label = grouped
    ? el("span.label", { id: `${id}-label` }, words(block.label))
    : el("label", { for: id }, words(block.label));
  const hint = block.hint ? el("p.hint", { id: `${id}-hint` }, words(block.hint)) : null;
  const fault = el("p.fault", { id: `${id}-fault`, role: "alert" });
  input.setAttribute("aria-describedby", `${id}-hint ${id}-fault`);
  if (grouped) input.setAttribute("aria-labelledby", `${id}-label`);
  const row = el(
    block.bare ? "div.field.bare" : "div.block.field",
    { "data-block": block.block_id },
    el("div.label-row", {}, label, block.optional ? el("span.optional", {}, "optional") : null),
    input,
    hint,
    fault,
  );
  const target = input.matches("input, textarea, select") ? input : input.querySelector("[role=combobox]");
  row.read = read;
  row.write = write;
  row.action = element.action_id;
  row.complain = (sentence) => {
    fault.textContent = sentence ?? "";
    row.classList.toggle("wrong", Boolean(sentence));
    target?.setAttribute("aria-invalid", String(Boolean(sentence)));
  };
  if (block.dispatch_action || block.bare) row.addEventListener("change", () => act(element, block, undefined, read()));
  return row;
}

const LINE_TYPES = {
  email_text_input: "email",
  url_text_input: "url",
  number_input: "number",
  datepicker: "date",
  timepicker: "time",
};

function line(element, id) {
  const input = el("input", {
    id,
    type: LINE_TYPES[element.type] ?? "text",
    placeholder: words(element.placeholder),
    maxlength: element.max_length,
    value: element.initial_value ?? element.initial_date ?? element.initial_time ?? "",
    autocomplete: "off",
  });
  return plainValue(input);
}

function plainValue(input) {
  return { input, read: () => input.value, write: (value) => (input.value = value) };
}

function area(element, id) {
  const input = el("textarea", { id, rows: "5", placeholder: words(element.placeholder), maxlength: element.max_length });
  input.value = element.initial_value ?? "";
  return plainValue(input);
}

function files(element, id) {
  const input = el("input", { id, type: "file", multiple: true });
  let chosen = [];
  input.addEventListener("change", async () => (chosen = await Promise.all([...input.files].map(carried))));
  return { input, read: () => chosen, write: () => undefined };
}

/** All options of an element, or of an answer to a suggestion, groups or not. */
export function optionsOf(element) {
  return element.options ?? (element.option_groups ?? []).flatMap((group) => group.options);
}

function option(choice) {
  return el("option", { value: choice.value }, words(choice.text));
}

function select(element, id) {
  const input = el("select", { id });
  input.append(el("option", { value: "" }, words(element.placeholder) || "Choose…"));
  for (const choice of element.options ?? []) input.append(option(choice));
  for (const group of element.option_groups ?? []) {
    input.append(el("optgroup", { label: words(group.label) }, group.options.map(option)));
  }
  input.value = element.initial_option?.value ?? "";
  return plainValue(input);
}

function boxes(kind) {
  return (element, id) => {
    const chosen = new Set((element.initial_options ?? [element.initial_option]).filter(Boolean).map(({ value }) => value));
    const input = el("div.boxes", { role: "group", id });
    for (const choice of optionsOf(element)) {
      const box = el("input", { type: kind, name: id, value: choice.value, checked: chosen.has(choice.value) });
      const more = choice.description ? el("small", {}, words(choice.description)) : null;
      input.append(el("label.box", {}, box, el("span", {}, words(choice.text), more)));
    }
    const all = () => [...input.querySelectorAll("input")];
    const read = () => {
      const values = all().filter((box) => box.checked).map((box) => box.value);
      return kind === "radio" ? (values[0] ?? "") : values;
    };
    const write = (value) => all().forEach((box) => (box.checked = [value].flat().includes(box.value)));
    return { input, read, write };
  };
}

/** A field that asks the app for its options while one types; one choice, or several. */
function suggesting(several) {
  return (element, id, { block, act }) => {
    const initial = several ? element.initial_options : element.initial_option && [element.initial_option];
    let picked = [...(initial ?? [])];
    const typed = el("input", {
      id,
      type: "text",
      role: "combobox",
      autocomplete: "off",
      "aria-expanded": "false",
      "aria-controls": `${id}-list`,
      placeholder: words(element.placeholder) || "Type to search…",
    });
    const list = el("div.suggestions", { id: `${id}-list`, role: "listbox", hidden: true });
    const chips = el("div.chips");
    const show = () => {
      chips.replaceChildren(...(several ? picked.map(chip) : []));
      if (!several) typed.value = picked[0] ? words(picked[0].text) : "";
    };
    const chip = (choice) => {
      const drop = () => {
        picked = picked.filter((other) => other !== choice);
        show();
      };
      return el("button.chip", { type: "button", click: drop }, words(choice.text), el("span", { "aria-hidden": "true" }, "×"));
    };
    const open = (visible) => {
      list.hidden = !visible;
      typed.setAttribute("aria-expanded", String(visible));
    };
    const pick = (choice) => {
      picked = several ? [...picked.filter(({ value }) => value !== choice.value), choice] : [choice];
      if (several) typed.value = "";
      show();
      open(false);
      typed.dispatchEvent(new Event("change", { bubbles: true }));
    };
    const ask = async () => {
      if (!several) picked = [];
      if (typed.value.length < (element.min_query_length ?? 3)) return open(false);
      const asked = typed.value;
      const found = await act(element, block, undefined, asked, "suggest");
      if (asked !== typed.value) return undefined;
      list.replaceChildren(...optionsOf(found ?? {}).map((choice) => suggestion(choice, pick)));
      if (!list.children.length) list.append(el("p", {}, "Nothing found"));
      return open(true);
    };
    typed.addEventListener("input", ask);
    typed.addEventListener("focus", () => !picked.length && ask());
    typed.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !list.hidden) {
        event.stopPropagation();
        open(false);
      }
      if (event.key === "ArrowDown") list.querySelector("button")?.focus();
    });
    show();
    const input = el("div.suggest", {}, chips, typed, list);
    input.addEventListener("focusout", (event) => input.contains(event.relatedTarget) || open(false));
    const values = () => picked.map(({ value }) => value);
    return {
      input,
      read: () => (several ? values() : (values()[0] ?? "")),
      write: () => undefined,
      picked: () => picked,
    };
  };
}

function suggestion(choice, pick) {
  return el("button", { type: "button", role: "option", click: () => pick(choice) }, words(choice.text));
}

/** A choice among people, as a choice among options. */
function withPeople(element) {
  const people = Object.entries(names).filter(([id]) => id.startsWith("U"));
  const options = people.map(([value, name]) => ({ value, text: { type: "plain_text", text: name, emoji: false } }));
  const first = options.filter(({ value }) => [element.initial_user, ...(element.initial_users ?? [])].includes(value));
  return { ...element, options, initial_option: first[0], initial_options: first };
}

const INPUTS = {
  plain_text_input: (element, id) => (element.multiline ? area : line)(element, id),
  ...Object.fromEntries(Object.keys(LINE_TYPES).map((type) => [type, line])),
  file_input: files,
  static_select: select,
  users_select: (element, id) => select(withPeople(element), id),
  external_select: suggesting(false),
  multi_external_select: suggesting(true),
  multi_static_select: boxes("checkbox"),
  multi_users_select: (element, id) => boxes("checkbox")(withPeople(element), id),
  checkboxes: boxes("checkbox"),
  radio_buttons: boxes("radio"),
};

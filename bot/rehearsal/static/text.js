// A message's text and entities as elements. Everything a person or the bot wrote goes in as text, never as HTML.

const PLAIN = { bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code", pre: "pre" };

export function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${name}`);
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
}

// `act` has open(url) and command(text). Offsets are UTF-16 units, as JavaScript counts.
export function richText(text, entities, act) {
  const root = document.createDocumentFragment();
  const sorted = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  fill(root, text, 0, text.length, sorted, act);
  return root;
}

function fill(parent, text, start, end, entities, act) {
  let at = start;
  while (entities.length) {
    const one = entities.shift();
    const from = Math.max(one.offset, at);
    const to = Math.min(one.offset + one.length, end);
    if (to <= from) continue;
    const inner = [];
    while (entities.length && entities[0].offset < to) inner.push(entities.shift());
    append(parent, text.slice(at, from));
    const { outer, body } = shaped(one, text.slice(from, to), act);
    fill(body, text, from, to, inner, act);
    parent.append(outer);
    at = to;
    if (one.type.includes("blockquote") && text[at] === "\n") at += 1;
  }
  append(parent, text.slice(at, end));
}

function append(parent, text) {
  if (text) parent.append(document.createTextNode(text));
}

function shaped(entity, text, act) {
  if (entity.type === "blockquote") return same(element("blockquote"));
  if (entity.type === "expandable_blockquote") return expandable();
  if (entity.type === "spoiler") return spoiler();
  if (entity.type === "url" || entity.type === "text_link") {
    const link = button("link", () => act.open(entity.url || text));
    link.title = entity.url || text;
    return same(link);
  }
  if (entity.type === "bot_command") return same(button("link", () => act.command(text)));
  return same(element(PLAIN[entity.type] || "span", PLAIN[entity.type] ? "" : "marked"));
}

function same(made) {
  return { outer: made, body: made };
}

function button(className, run) {
  const made = element("button", className);
  made.type = "button";
  made.addEventListener("click", run);
  return made;
}

function spoiler() {
  const made = button("spoiler", () => made.classList.add("shown"));
  return same(made);
}

function expandable() {
  const outer = element("blockquote", "expandable");
  const body = element("div", "folded");
  const toggle = button("fold", () => {
    const open = body.classList.toggle("folded") === false;
    toggle.textContent = open ? "Show less" : "Show all";
    toggle.setAttribute("aria-expanded", String(open));
  });
  toggle.textContent = "Show all";
  toggle.setAttribute("aria-expanded", "false");
  outer.append(body, toggle);
  return { outer, body };
}

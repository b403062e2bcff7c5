// Parts of a phone that need nothing of it: its menus, a file to send, and moving through messages by keyboard.

import { element } from "./text.js";

export function commandItems(commands, pick) {
  return commands.map((one) => {
    const item = element("li");
    const made = element("button");
    made.type = "button";
    made.append(element("strong", "", `/${one.command}`), element("span", "", one.description));
    made.addEventListener("click", () => pick(`/${one.command}`));
    item.append(made);
    return item;
  });
}

export function keyRows(keyboard, pick) {
  return (keyboard ? keyboard.keyboard : []).map((row) => {
    const line = element("div", "row");
    for (const each of row) {
      const made = element("button", "", each.text);
      made.type = "button";
      made.dir = "auto";
      made.addEventListener("click", () => pick(each.text));
      line.append(made);
    }
    return line;
  });
}

export async function asMedia(file) {
  const kind = /^image\/(png|jpeg)$/.test(file.type) ? "photo" : file.type.startsWith("audio/") ? "voice" : "document";
  const bytes = new Uint8Array(await file.arrayBuffer());
  let binary = "";
  for (let at = 0; at < bytes.length; at += 32768) binary += String.fromCharCode(...bytes.subarray(at, at + 32768));
  return { kind, name: file.name, mime: file.type || null, base64: btoa(binary) };
}

// One message of a chat and its buttons are reached with Tab, the others from it with the arrow keys.
export function select(item) {
  if (!item) return;
  for (const other of item.parentNode.querySelectorAll('li.message[tabindex="0"]')) reach(other, -1);
  reach(item, 0);
}

function reach(item, index) {
  item.tabIndex = index;
  for (const made of item.querySelectorAll("button, a")) made.tabIndex = index;
}

export function walk(event) {
  const item = event.target.closest("li.message");
  if (!item || event.target !== item || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
  const all = [...item.parentNode.querySelectorAll("li.message")];
  const next = all[all.indexOf(item) + (event.key === "ArrowUp" ? -1 : 1)];
  if (next) next.focus();
  event.preventDefault();
}

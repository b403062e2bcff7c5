// One message as a bubble: what it replies to, its picture or file, its text, its time and its buttons.

import { element, icon, richText } from "./text.js";

export function bubble(message, phone) {
  const item = element("li", `message ${message.from}`);
  item.dataset.id = message.message_id;
  item.tabIndex = -1;
  if (message.service) {
    item.className = "service";
    item.textContent = message.service === "left" ? "The bot left the group" : "The group was made";
    return item;
  }
  const body = element("div", "bubble");
  if (message.forwarded) body.append(element("p", "from", "Forwarded message"));
  if (message.reply_to) body.append(quoted(message.reply_to, phone));
  if (message.media) body.append(media(message));
  if (message.text) {
    const text = element("div", "text");
    text.dir = "auto";
    text.append(richText(message.text, message.entities, phone.act));
    body.append(text);
  }
  body.append(footer(message, phone));
  item.append(body);
  if (message.buttons.length) item.append(buttons(message, phone));
  item.append(actions(message, phone));
  for (const made of item.querySelectorAll("button, a")) made.tabIndex = -1;
  return item;
}

function quoted(id, phone) {
  const original = phone.messages.get(id);
  const quote = element("button", "quoted");
  quote.type = "button";
  quote.dir = "auto";
  quote.append(element("strong", "", original && original.from === "bot" ? phone.botName : phone.name));
  quote.append(element("span", "", original ? summary(original) : "A deleted message"));
  quote.addEventListener("click", () => phone.focusMessage(id));
  return quote;
}

export function summary(message) {
  if (message.text) return message.text.slice(0, 140);
  return message.media ? message.media.name || message.media.kind : "";
}

function media(message) {
  const { kind, file_id: id, name, mime, size } = message.media;
  const path = `/rehearsal/files/${encodeURIComponent(id)}`;
  if (kind === "contact") return element("p", "card", `Contact: ${message.media.first_name}`);
  if (kind === "location") {
    return element("p", "card", `Place: ${message.media.latitude}, ${message.media.longitude}`);
  }
  if (kind === "poll") return element("p", "card", `Poll: ${message.media.question}`);
  if (kind === "dice") return element("p", "card", `${message.media.emoji} ${message.media.value}`);
  if (kind === "photo" || (kind === "sticker" && /^image\//.test(mime || ""))) {
    const picture = element("img", kind);
    picture.src = path;
    picture.alt = message.text ? `Picture: ${message.text.slice(0, 80)}` : "Picture";
    return picture;
  }
  const card = element("a", "card");
  card.href = path;
  card.download = name || kind;
  card.append(icon("file"), element("span", "", name || named(kind)), element("small", "", sized(size)));
  return card;
}

function named(kind) {
  return { voice: "Voice message", audio: "Music", video: "Video", sticker: "Sticker", video_note: "Video message", animation: "GIF" }[kind] || "File";
}

function sized(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1048576 ? `${Math.round(bytes / 1024)} KB` : `${(bytes / 1048576).toFixed(1)} MB`;
}

function footer(message, phone) {
  const line = element("p", "when");
  if (message.edited) line.append(element("span", "", "edited"));
  const time = element("time", "", phone.timeOf(message.date));
  time.dateTime = message.date;
  line.append(time);
  return line;
}

function buttons(message, phone) {
  const box = element("div", "buttons");
  for (const row of message.buttons) {
    const line = element("div", "row");
    for (const each of row) {
      const made = element("button", each.style || "");
      made.type = "button";
      made.dir = "auto";
      made.append(element("span", "", each.text));
      if (each.url) made.append(icon("link"));
      made.addEventListener("click", () => phone.tap(message, each, made));
      line.append(made);
    }
    box.append(line);
  }
  return box;
}

function actions(message, phone) {
  const box = element("div", "acts");
  const add = (name, label, run) => {
    const made = element("button", "icon");
    made.type = "button";
    made.setAttribute("aria-label", label);
    made.title = label;
    made.append(icon(name));
    made.addEventListener("click", run);
    box.append(made);
  };
  add("reply", "Reply", () => phone.replyTo(message));
  if (message.from === "person" && message.text && !message.forwarded) add("edit", "Edit", () => phone.edit(message));
  return box;
}

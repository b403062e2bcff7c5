// One phone: its chat, its composer, its menu; what its owner does goes to the rehearsal API.

import { get, later, send } from "./api.js";
import { bubble, summary } from "./message.js";
import { asMedia, commandItems, keyRows, select, walk } from "./parts.js";
import { element } from "./text.js";

export class Phone {
  constructor(root, page) {
    this.root = root;
    this.page = page;
    this.id = Number(root.dataset.person);
    this.name = root.dataset.name;
    this.zone = root.dataset.zone;
    this.path = `/rehearsal/people/${this.id}`;
    this.messages = new Map();
    this.shown = new Map();
    this.unread = 0;
    this.mode = null;
    this.botName = this.$(".bot-name").textContent;
    this.act = { open: (url) => this.open(url), command: (text) => this.say({ text }) };
    this.refresh = later(() => this.load().catch(() => {}), () => (page.hurried() ? 700 : 40));
    this.listen();
  }

  $(selector) {
    return this.root.querySelector(selector);
  }

  listen() {
    const text = this.$("textarea");
    this.$(".composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    text.addEventListener("keydown", (event) => this.key(event));
    text.addEventListener("input", () => this.grow());
    this.$(".attach input").addEventListener("change", (event) => this.attach(event.target));
    this.$(".context .cancel").addEventListener("click", () => this.setMode(null));
    this.$(".menu").addEventListener("click", () => this.toggleMenu());
    this.$(".start").addEventListener("click", () => this.say({ text: "/start" }));
    this.$(".unblock").addEventListener("click", () => this.order("unblock"));
    this.$(".block").addEventListener("click", () => this.order(this.blocked ? "unblock" : "block"));
    this.$(".group").addEventListener("click", () => this.group());
    this.$(".alert button").addEventListener("click", () => this.closeAlert());
    this.$(".chat").addEventListener("keydown", (event) => walk(event));
    this.$(".chat").addEventListener("focusin", (event) => select(event.target.closest("li.message")));
    this.root.addEventListener("pointerdown", () => this.page.choose(this.id, false));
    this.root.addEventListener("focusin", () => this.page.choose(this.id, false));
  }

  // ---- what is on the phone ----

  async load() {
    const [messages, phone] = await Promise.all([get(`${this.path}/chat`), get(`${this.path}/phone`)]);
    const chat = this.$(".chat");
    const stuck = this.show(messages);
    this.dress(phone);
    if (stuck) chat.scrollTop = chat.scrollHeight;
  }

  show(messages) {
    const chat = this.$(".chat");
    const near = chat.scrollHeight - chat.scrollTop - chat.clientHeight < 80;
    const first = this.messages.size === 0;
    const fresh = messages.filter((one) => !this.messages.has(one.message_id));
    this.messages = new Map(messages.map((one) => [one.message_id, one]));
    this.draw(chat, messages);
    const news = first ? [] : fresh.filter((one) => one.from === "bot");
    if (news.length) this.arrived(news);
    return first || near || fresh.some((one) => one.from === "person");
  }

  draw(chat, messages) {
    const shown = new Map();
    const wanted = [];
    let day = "";
    for (const message of messages) {
      const its = this.dayOf(message.date);
      if (its !== day) wanted.push(this.kept(shown, `day ${its}`, its, () => element("li", "day", its)));
      day = its;
      const reply = message.reply_to ? JSON.stringify(this.messages.get(message.reply_to) || null) : "";
      wanted.push(this.kept(shown, message.message_id, JSON.stringify(message) + reply, () => bubble(message, this)));
    }
    this.shown = shown;
    wanted.forEach((item, at) => {
      if (chat.children[at] !== item) chat.insertBefore(item, chat.children[at] || null);
    });
    while (chat.children.length > wanted.length) chat.lastChild.remove();
    if (!chat.contains(document.activeElement)) select([...chat.querySelectorAll("li.message")].pop());
    for (const fold of chat.querySelectorAll(".folded")) {
      fold.nextSibling.hidden = fold.scrollHeight <= fold.clientHeight + 2;
    }
  }

  kept(shown, key, facts, make) {
    const before = this.shown.get(key);
    const entry = before && before.facts === facts ? before : { facts, item: make() };
    if (before && entry !== before && before.item.contains(document.activeElement)) {
      queueMicrotask(() => entry.item.focus({ preventScroll: true }));
    }
    shown.set(key, entry);
    return entry.item;
  }

  arrived(news) {
    if (!this.page.isWatched(this)) {
      this.unread += news.length;
      this.page.showUnread(this);
    }
    const newest = news[news.length - 1];
    if (newest.force_reply && this.page.isWatched(this)) {
      this.replyTo(newest, newest.placeholder, this.root.contains(document.activeElement));
    }
  }

  dress(phone) {
    this.blocked = phone.blocked;
    this.started = phone.started;
    this.botName = phone.bot.first_name;
    this.$(".bot-name").textContent = phone.bot.first_name;
    this.$(".chat").dataset.empty = phone.description || "No messages here yet.";
    this.$(".block").textContent = phone.blocked ? "Unblock the bot" : "Block the bot";
    this.$(".unblock").hidden = !phone.blocked;
    this.$(".composer").hidden = phone.blocked;
    this.$(".start").hidden = phone.blocked || phone.started;
    this.$("textarea").placeholder = phone.started ? this.hint(phone) : "Paste an invitation, or Start";
    this.showCommands(phone.commands);
    this.showKeys(phone.blocked ? null : phone.keyboard);
  }

  hint(phone) {
    return (phone.keyboard && phone.keyboard.input_field_placeholder) || "Message";
  }

  showCommands(commands) {
    this.$(".menu").hidden = !commands.length || !this.started;
    this.$(".commands").replaceChildren(...commandItems(commands, (text) => {
      this.toggleMenu(false);
      this.say({ text });
    }));
  }

  showKeys(keyboard) {
    this.$(".keys").hidden = !keyboard;
    this.$(".keys").replaceChildren(...keyRows(keyboard, (text) => this.say({ text })));
  }

  timeOf(date) {
    return new Date(date).toLocaleTimeString("en-GB", { timeZone: this.zone, hour: "2-digit", minute: "2-digit" });
  }

  dayOf(date) {
    const how = { timeZone: this.zone, weekday: "long", day: "numeric", month: "long" };
    return new Date(date).toLocaleDateString(this.root.dataset.language === "fr" ? "fr-FR" : "en-GB", how);
  }

  showTime(now) {
    this.$(".local").textContent = this.timeOf(now);
  }

  // ---- what its owner does ----

  focus() {
    [...this.root.querySelectorAll("textarea, .wide")].find((one) => one.checkVisibility())?.focus();
  }

  key(event) {
    const text = this.$("textarea");
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "Escape") {
      this.setMode(null);
      this.toggleMenu(false);
    } else if (event.key === "ArrowUp" && !text.value) {
      const own = [...this.messages.values()].filter((one) => one.from === "person" && one.text);
      if (own.length) this.edit(own[own.length - 1]);
      event.preventDefault();
    }
  }

  async submit() {
    const text = this.$("textarea");
    const said = text.value.trim();
    if (!said) return;
    const mode = this.mode;
    text.value = "";
    this.setMode(null);
    try {
      if (mode && mode.kind === "edit") {
        await send(`${this.path}/edit`, { message_id: mode.message.message_id, text: said });
      } else {
        await this.say({ text: this.opened(said), ...(mode ? { reply_to: mode.message.message_id } : {}) });
      }
    } catch {
      text.value = said;
      this.grow();
    }
  }

  opened(said) {
    const link = this.page.invitation(said);
    return link ? `/start ${link}` : said;
  }

  async say(what) {
    await send(`${this.path}/send`, what);
    this.refresh();
  }

  async attach(input) {
    const file = input.files[0];
    input.value = "";
    if (!file) return;
    const media = await asMedia(file);
    const text = this.$("textarea").value.trim();
    this.$("textarea").value = "";
    await this.say({ media, ...(text ? { text } : {}) });
  }

  async tap(message, button, made) {
    if (button.url) return this.open(button.url);
    made.setAttribute("aria-busy", "true");
    try {
      const answer = await send(`${this.path}/tap`, { message_id: message.message_id, data: button.data });
      if (answer.url) this.open(answer.url);
      if (answer.text) this.hear(answer);
    } finally {
      made.removeAttribute("aria-busy");
      this.refresh();
    }
  }

  hear(answer) {
    if (answer.show_alert) {
      this.$(".alert p").textContent = answer.text;
      this.$(".alert").hidden = false;
      this.$(".alert button").focus();
      return;
    }
    this.toast(answer.text);
  }

  closeAlert() {
    this.$(".alert").hidden = true;
    this.$("textarea").focus();
  }

  toast(text) {
    const toast = this.$(".toast");
    toast.textContent = text;
    toast.hidden = false;
    clearTimeout(this.toasting);
    this.toasting = setTimeout(() => { toast.hidden = true; }, 4000);
  }

  typing() {
    const status = this.$(".status");
    status.textContent = "typing …";
    clearTimeout(this.typed);
    this.typed = setTimeout(() => { status.textContent = "bot"; }, 3000);
  }

  open(url) {
    const payload = this.page.invitation(url);
    if (payload) this.page.hand(url, payload, this);
    else this.toast(`Links are not opened here: ${url}`);
  }

  async order(what) {
    this.$(".more").open = false;
    await send(`${this.path}/${what}`);
    this.refresh();
  }

  async group() {
    this.$(".more").open = false;
    const { chat_id: id } = await send(`${this.path}/group`, { title: `${this.name}’s group` });
    const group = await get(`/rehearsal/groups/${-id}/chat`);
    const said = group.messages.filter((one) => one.from === "bot" && one.text).map((one) => one.text).join(" ");
    this.toast(`In the group: ${said || "(nothing)"} ${group.bot_is_member ? "The bot is still there." : "The bot has left."}`);
  }

  // ---- replying, editing, moving about ----

  replyTo(message, placeholder, focus = true) {
    this.setMode({ kind: "reply", message }, focus);
    if (placeholder) this.$("textarea").placeholder = placeholder;
  }

  edit(message) {
    this.setMode({ kind: "edit", message });
    this.$("textarea").value = message.text;
    this.grow();
  }

  setMode(mode, focus = true) {
    if (this.mode && this.mode.kind === "edit" && !mode) this.$("textarea").value = "";
    this.mode = mode;
    const box = this.$(".context");
    box.hidden = !mode;
    if (mode) {
      const who = mode.message.from === "bot" ? this.botName : "yourself";
      box.querySelector("strong").textContent = mode.kind === "edit" ? "Edit message" : `Reply to ${who}`;
      box.querySelector("span").textContent = summary(mode.message);
      if (focus) this.$("textarea").focus();
    }
    this.grow();
  }

  grow() {
    const text = this.$("textarea");
    text.style.height = "auto";
    text.style.height = `${Math.min(text.scrollHeight, 140)}px`;
  }

  toggleMenu(open = this.$(".commands").hidden) {
    this.$(".commands").hidden = !open;
    this.$(".menu").setAttribute("aria-expanded", String(open));
    if (open) this.$(".commands button")?.focus();
  }

  focusMessage(id) {
    const entry = this.shown.get(id);
    if (!entry) return;
    entry.item.scrollIntoView({ block: "center" });
    entry.item.focus();
  }
}

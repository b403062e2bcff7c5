// The page: the clock, the row of phones, the stories, the log; kept alive by server-sent events.

import { get, later, onProblem, send } from "./api.js";
import { Phone } from "./phone.js";
import { Log } from "./log.js";

const $ = (selector) => document.querySelector(selector);
const LONDON = "Europe/London";

class Page {
  constructor() {
    this.phones = new Map();
    for (const root of document.querySelectorAll(".phone")) {
      const phone = new Phone(root, this);
      this.phones.set(phone.id, phone);
    }
    this.log = new Log(this);
    this.refreshState = later(() => this.loadState().catch(() => {}), () => (this.hurried() ? 250 : 60));
    this.refreshSession = later(() => this.loadSession().catch(() => {}), () => 600);
    onProblem((sentence) => this.notice(sentence));
    this.listen();
    this.choose(this.remembered(), true);
    this.connect();
    setInterval(() => this.tick(), 1000);
  }

  listen() {
    for (const chip of document.querySelectorAll(".chip[data-person]")) {
      chip.addEventListener("click", (event) => {
        this.choose(Number(chip.dataset.person), true);
        const byKeyboard = event.detail === 0;
        if (byKeyboard) this.phones.get(this.current).focus();
      });
    }
    for (const button of document.querySelectorAll(".advance")) {
      button.addEventListener("click", () => this.move({ advance_s: Number(button.dataset.seconds) }));
    }
    $("#next-event").addEventListener("click", () => this.move({ to: this.state.next_due }));
    $("#next-session")?.addEventListener("click", () => this.move({ to: this.session }));
    $("#open-play").addEventListener("click", () => $("#play").showModal());
    $("#stop-play").addEventListener("click", () => send("/rehearsal/play", {}, "DELETE"));
    $("#open-add").addEventListener("click", () => $("#add").showModal());
    $("#play").addEventListener("close", () => $("#play").returnValue === "go" && this.play());
    $("#add").addEventListener("close", () => $("#add").returnValue === "go" && this.addPhone());
    $("#hand").addEventListener("close", () => $("#hand").returnValue === "go" && this.handOver());
    for (const dialog of document.querySelectorAll("dialog")) {
      dialog.addEventListener("cancel", () => { dialog.returnValue = "cancel"; });
    }
    document.addEventListener("click", (event) => {
      for (const more of document.querySelectorAll(".more[open]")) if (!more.contains(event.target)) more.open = false;
    });
  }

  // ---- staying alive ----

  connect() {
    const events = new EventSource("/rehearsal/events");
    events.onmessage = (event) => JSON.parse(event.data).forEach((one) => this.heard(one));
    events.onerror = () => document.body.classList.add("away");
    events.onopen = () => document.body.classList.remove("away");
  }

  heard(news) {
    if (news.kind === "hello") this.loadAll();
    else if (news.kind === "chat") this.phones.get(news.person)?.refresh();
    else if (news.kind === "typing") this.phones.get(news.person)?.typing();
    else if (news.kind === "call") this.log.refresh();
    else if (news.kind === "commands") this.phones.forEach((phone) => phone.refresh());
    else if (news.kind === "play") this.showPlaying(news.playing);
    else if (news.kind === "people") this.refreshState();
    if (news.kind === "clock" || news.kind === "play") this.refreshState();
  }

  loadAll() {
    this.phones.forEach((phone) => phone.refresh());
    this.log.refresh();
    this.refreshState();
    get("/rehearsal/play").then((stories) => this.showStories(stories)).catch(() => {});
  }

  async loadState() {
    this.state = await get("/rehearsal/state");
    this.fetched = Date.now();
    if (this.state.people.length !== this.phones.size) location.reload();
    for (const person of this.state.people) {
      const phone = this.phones.get(person.id);
      if (phone && (phone.blocked !== person.blocked || phone.started !== person.started)) phone.refresh();
    }
    this.tick();
    this.showNext();
    this.refreshSession();
  }

  async loadSession() {
    const button = $("#next-session");
    if (!button) return;
    this.session = (await get(`/rehearsal/clock/session?name=${button.dataset.name}`)).at;
    button.hidden = !this.session;
    button.querySelector("small").textContent = this.session ? this.moment(this.session) : "";
  }

  now() {
    const passed = this.state.standing ? 0 : Date.now() - this.fetched;
    return new Date(new Date(this.state.now).getTime() + passed);
  }

  // While the clock runs ahead, looking at everything at once would only slow it down.
  hurried() {
    return this.playing || this.moving > 0;
  }

  tick() {
    if (!this.state) return;
    const now = this.now();
    const time = { timeZone: LONDON, hour: "2-digit", minute: "2-digit" };
    const date = { timeZone: LONDON, weekday: "short", day: "numeric", month: "short", year: "numeric" };
    $("#now-time").textContent = now.toLocaleTimeString("en-GB", time);
    $("#now-date").textContent = `${now.toLocaleDateString("en-GB", date)} · London`;
    $("#now").dateTime = now.toISOString();
    this.phones.forEach((phone) => phone.showTime(now));
  }

  showNext() {
    const due = this.state.next_due;
    const button = $("#next-event");
    button.disabled = !due || this.moving > 0;
    button.querySelector("small").textContent = due ? this.moment(due) : "";
    let words = this.state.standing ? "Stands still until you move it." : "Runs with real time.";
    if (this.hurried()) words = "Moving …";
    if (!this.state.followers) words += " No bot follows it.";
    $("#clock-state").textContent = words;
  }

  moment(iso) {
    const how = { timeZone: LONDON, weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" };
    return new Date(iso).toLocaleString("en-GB", how).replace(",", "");
  }

  // ---- moving the clock, playing stories ----

  async move(where) {
    await this.busy(() => send("/rehearsal/clock", where));
  }

  async busy(work) {
    this.moving = (this.moving || 0) + 1;
    document.body.classList.add("moving");
    for (const button of document.querySelectorAll(".advance, #next-event, #next-session")) button.disabled = true;
    try {
      return await work();
    } catch {
      return null; // the notice has said it
    } finally {
      this.moving -= 1;
      document.body.classList.toggle("moving", this.moving > 0);
      for (const button of document.querySelectorAll(".advance, #next-session")) button.disabled = this.moving > 0;
      this.refreshState();
    }
  }

  showStories(stories) {
    const who = $("#play-who");
    const options = stories.people.filter((id) => this.phones.has(id)).map((id) => {
      const option = document.createElement("option");
      option.value = id;
      option.textContent = this.phones.get(id).name;
      return option;
    });
    who.replaceChildren(who.options[0], ...options);
    $("#open-play").disabled = !options.length;
    this.showPlaying(stories.playing);
  }

  showPlaying(playing) {
    this.playing = playing;
    $("#open-play").hidden = playing;
    $("#stop-play").hidden = !playing;
    document.body.classList.toggle("playing", playing);
  }

  async play() {
    const who = $("#play-who").value;
    const span = Number(new FormData($("#play form")).get("span"));
    const order = { people: who ? [Number(who)] : null, span_s: span };
    const done = await this.busy(() => send("/rehearsal/play", order));
    if (done) this.notice(done.answers === 1 ? "1 answer was given." : `${done.answers} answers were given.`);
  }

  async addPhone() {
    const language = $("#add-language").value;
    const order = { name: $("#add-name").value, language, zone: language === "fr" ? "Europe/Paris" : LONDON };
    const person = await send("/rehearsal/people", order).catch(() => null);
    if (!person) return;
    sessionStorage.setItem("phone", person.id);
    location.reload();
  }

  // ---- which phone ----

  remembered() {
    const last = Number(sessionStorage.getItem("phone"));
    return this.phones.has(last) ? last : this.phones.keys().next().value;
  }

  choose(id, bring) {
    const phone = this.phones.get(id);
    if (!phone || (this.current === id && !bring)) return;
    this.current = id;
    sessionStorage.setItem("phone", id);
    for (const chip of document.querySelectorAll(".chip[data-person]")) {
      const chosen = Number(chip.dataset.person) === id;
      chip.setAttribute("aria-pressed", String(chosen));
      if (chosen) chip.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
    this.phones.forEach((one) => {
      one.root.classList.toggle("current", one.id === id);
      one.$(".chat").setAttribute("aria-live", one.id === id ? "polite" : "off");
    });
    phone.unread = 0;
    this.showUnread(phone);
    if (bring) {
      phone.root.scrollIntoView({ block: "nearest", inline: "center" });
      phone.$(".chat").scrollTop = phone.$(".chat").scrollHeight;
    }
  }

  isWatched(phone) {
    return this.current === phone.id;
  }

  showUnread(phone) {
    const badge = $(`.chip[data-person="${phone.id}"] .unread`);
    badge.hidden = !phone.unread;
    badge.textContent = phone.unread ? String(phone.unread) : "";
  }

  // ---- invitations and notices ----

  invitation(text) {
    const name = document.body.dataset.username;
    const match = text.trim().match(new RegExp(`^(?:https?://)?t\\.me/${name}\\?start=([A-Za-z0-9_-]{1,64})$`, "i"));
    return match && match[1];
  }

  hand(url, payload, phone) {
    this.payload = payload;
    $("#hand-url").textContent = url;
    const others = [...this.phones.values()].filter((one) => one !== phone);
    $("#hand-who").value = (others.find((one) => !one.started) || others.pop() || phone).id;
    $("#hand").showModal();
  }

  async handOver() {
    const phone = this.phones.get(Number($("#hand-who").value));
    this.choose(phone.id, true);
    await phone.say({ text: `/start ${this.payload}` }).catch(() => {});
  }

  notice(sentence) {
    const notice = $("#notice");
    notice.textContent = sentence;
    notice.hidden = false;
    clearTimeout(this.noticing);
    this.noticing = setTimeout(() => { notice.hidden = true; }, 7000);
  }
}

window.rehearsal = new Page();

// The log of Bot API calls: newest first, fetched only while it is open.

import { get, later } from "./api.js";
import { element } from "./text.js";

const KEPT = 250;

export class Log {
  constructor(page) {
    this.page = page;
    this.last = 0;
    this.box = document.querySelector("#log");
    this.refresh = later(() => this.load().catch(() => {}), () => 300);
    this.box.addEventListener("toggle", () => this.refresh());
  }

  async load() {
    if (!this.box.open) return;
    let calls;
    do {
      calls = await get(`/rehearsal/calls?since=${this.last}&limit=1000`);
      for (const call of calls.slice(-KEPT)) this.add(call);
    } while (calls.length === 1000);
    document.querySelector("#log-count").textContent = this.last ? `(${this.last})` : "";
  }

  add(call) {
    this.last = call.n;
    const rows = document.querySelector("#calls");
    const row = element("tr", call.ok && !call.fault ? "" : "failed");
    const outcome = call.ok ? "ok" : `${call.error_code || "–"} ${call.description || ""}`;
    const parts = [call.n, this.page.moment(call.at), call.method, this.chat(call.params.chat_id),
      call.fault ? `${outcome} (fault: ${call.fault})` : outcome, JSON.stringify(this.rest(call.params))];
    for (const part of parts) row.append(element("td", "", String(part)));
    rows.prepend(row);
    while (rows.children.length > KEPT) rows.lastChild.remove();
  }

  chat(id) {
    const phone = this.page.phones.get(Number(id));
    return phone ? phone.name : id || "";
  }

  rest(params) {
    const { chat_id: _, ...others } = params;
    return others;
  }
}

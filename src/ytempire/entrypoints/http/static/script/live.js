/* Keeps a page alive: hears the feed, moves upload bars at once, and asks for the page's part anew when its topics
   changed: soon after the first change, and then no more often than the server takes with ease. Without it, pages are as they were when they were loaded, and forms work. */
"use strict";
(() => {
  const APART = 250;
  const LONGEST_WAIT = 15000;
  const POLL = 10000;
  const live = document.getElementById("live");
  const stale = document.getElementById("stale");
  const announce = document.getElementById("announce");
  const topics = new Set((live?.dataset.topics || "").split(" ").filter(Boolean));
  let asked = 0, apart = APART, timer = 0, wait = 1000, lost = null, pending = false, heard = 0;
  let uploads = new Map();

  const refresh = () => {
    clearTimeout(timer);
    timer = 0;
    if (!live || !live.hasAttribute("hx-get")) return;
    if (document.hidden) { pending = true; return; }
    const left = asked + apart - performance.now();
    if (left > 0 && asked) { timer = setTimeout(refresh, left); return; }
    asked = performance.now();
    document.body.dispatchEvent(new CustomEvent("live-changed"));
  };

  /* What a person wrote or opened must not be taken from under their hands. */
  const busy = () => live?.contains(document.activeElement)
    && document.activeElement.matches("input:not([type=hidden]), select, textarea");

  const size = (octets) => {
    const units = ["B", "kB", "MB", "GB", "TB"];
    let amount = octets, unit = 0;
    while (amount >= 1000 && unit < units.length - 1) { amount /= 1000; unit += 1; }
    return unit ? `${amount.toFixed(1)} ${units[unit]}` : `${octets} B`;
  };
  const span = (seconds) => {
    const whole = Math.max(0, Math.round(seconds));
    if (whole < 60) return `${whole} s`;
    if (whole < 3600) return `${Math.floor(whole / 60)} min`;
    if (whole < 86400) return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
    return `${Math.floor(whole / 86400)} d ${Math.floor((whole % 86400) / 3600)} h`;
  };
  const write = (within, name, text) => {
    const found = within.querySelector(`[data-${name}]`);
    if (found && found.textContent !== text) found.textContent = text;
  };

  const showUploads = () => {
    for (const row of document.querySelectorAll("[data-upload]")) {
      const told = uploads.get(row.dataset.upload);
      if (!told) continue;
      const bar = row.querySelector("progress");
      if (bar) { bar.max = told.size || 1; bar.value = told.offset; }
      write(row, "percent", `${told.size ? Math.floor((100 * told.offset) / told.size) : 0} %`);
      write(row, "sent", size(told.offset));
      write(row, "rate", told.rate ? `${size(told.rate)}/s` : "–");
      write(row, "eta", told.eta === null || told.eta === undefined ? "" : `${span(told.eta)} left`);
    }
  };

  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const pacific = "America/Los_Angeles";
  const form = (moment, options) => new Intl.DateTimeFormat(undefined, options).format(moment);
  const showTimes = () => {
    const now = new Date();
    for (const each of document.querySelectorAll("time[datetime]")) {
      const moment = new Date(each.dateTime);
      if (Number.isNaN(moment.getTime())) continue;
      const whole = { dateStyle: "medium", timeStyle: "long" };
      each.title = `${form(moment, whole)}\n${form(moment, { ...whole, timeZone: pacific })}`;
      if (each.hasAttribute("data-ago")) {
        const gone = (now - moment) / 1000;
        const text = gone > 0 && each.hasAttribute("data-due") ? "due now" : Math.abs(gone) < 1 ? "now" : gone > 0 ? `${span(gone)} ago` : `in ${span(-gone)}`;
        if (each.textContent !== text) each.textContent = text;
      } else if (!each.classList.contains("pt") && zone !== pacific) {
        const near = Math.abs(moment - now) < 72000000;
        const second = each.hasAttribute("data-exact") ? { second: "2-digit" } : {};
        const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", ...second };
        const text = form(moment, near ? clock : { day: "2-digit", month: "short", ...clock });
        if (each.textContent !== text) each.textContent = text;
      }
    }
  };

  const openAlerts = () => parseInt(document.getElementById("badge-alerts")?.textContent || "0", 10);
  let alertsBefore = openAlerts();
  const settle = () => {
    showTimes();
    showUploads();
    const alerts = openAlerts();
    if (alerts !== alertsBefore && announce) announce.textContent = alerts > alertsBefore ? `A new alert: ${alerts} open` : `An alert has ended: ${alerts} open`;
    alertsBefore = alerts;
    document.body.dataset.swapped = String(Number(document.body.dataset.swapped || "0") + 1);
  };

  const say = () => {
    if (!stale) return;
    stale.hidden = lost === null;
    if (lost !== null) {
      const text = `Not live since ${form(lost, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" })}. What you see may be old; trying again.`;
      if (stale.textContent !== text) stale.textContent = text;
    }
    document.body.dataset.live = lost === null && heard ? "yes" : "no";
  };

  const hear = (message) => {
    heard += 1;
    wait = 1000;
    const snapshot = message.type === "snapshot";
    uploads = new Map((message.uploads || []).map((each) => [each.id, each]));
    showUploads();
    lost = null;
    say();
    const ours = (message.topics || []).some((topic) => topics.has(topic));
    if (snapshot || ours) { if (busy()) pending = true; else refresh(); }
  };

  const listen = () => {
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/v1/live`);
    socket.addEventListener("message", (event) => hear(JSON.parse(event.data)));
    socket.addEventListener("close", () => {
      lost ??= new Date();
      say();
      setTimeout(listen, wait);
      wait = Math.min(LONGEST_WAIT, wait * 2);
    });
  };

  document.addEventListener("htmx:after:swap", () => {
    if (asked) apart = Math.max(APART, 4 * (performance.now() - asked));
    settle();
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && pending) { pending = false; refresh(); }
  });
  document.addEventListener("focusout", () => setTimeout(() => {
    if (pending && !busy()) { pending = false; refresh(); }
  }, 50));
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented || event.target.method !== "post") return;
    setTimeout(() => { for (const each of event.target.querySelectorAll("button")) each.disabled = true; }, 0);
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) for (const each of document.querySelectorAll("form button")) each.disabled = false;
  });

  const told = document.getElementById("zone");
  if (told && zone !== pacific) told.textContent = `Others are your own (${zone}).`;
  const address = new URL(location.href);
  if (address.searchParams.has("said")) {
    address.searchParams.delete("said");
    history.replaceState(null, "", address);
  }
  /* On a phone the navigation is a strip: what is current is brought into sight, without moving the focus there. */
  const current = document.querySelector(".side nav [aria-current]");
  const strip = current?.closest("nav");
  if (strip) strip.scrollLeft = current.offsetLeft - (strip.clientWidth - current.offsetWidth) / 2;
  showTimes();
  setInterval(showTimes, 15000);
  setInterval(() => { if (lost !== null) refresh(); }, POLL);
  listen();
})();

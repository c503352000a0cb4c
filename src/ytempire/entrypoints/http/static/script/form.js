/* New publication: sends files as they are chosen, and counts while typing; the server judges. */
"use strict";
(() => {
  const whole = document.getElementById("publication");
  if (!whole) return;
  const limit = Number(whole.dataset.maxFile);
  const field = (name) => whole.elements.namedItem(name);
  const count = {
    title: () => [...field("title").value].length,
    description: () => new TextEncoder().encode(field("description").value.replaceAll("\r\n", "\n")).length,
    tags: () => {
      const tags = field("tags").value.split(",").map((tag) => tag.trim()).filter(Boolean);
      return tags.reduce((sum, tag) => sum + [...tag].length + (tag.includes(" ") ? 2 : 0), 0) + Math.max(0, tags.length - 1);
    },
  };
  const show = () => {
    for (const row of document.querySelectorAll("[data-count]")) {
      const used = count[row.dataset.count]();
      const most = Number(row.dataset.limit);
      row.querySelector("[data-used]").textContent = used.toLocaleString("en");
      row.className = `tone-${used > most ? "bad" : used > 0.9 * most ? "note" : "idle"}`;
    }
  };
  whole.addEventListener("input", show);
  document.addEventListener("htmx:after:swap", show);

  let sending = 0;
  const submit = whole.querySelector("button.big");
  const gate = () => { submit.disabled = sending > 0; submit.textContent = sending ? "Sending the file…" : "Submit"; };

  const done = (name, answer, into) => {
    if (name === "captions") {
      const language = field("language").value || "en";
      into.value = `${into.value.trim()}\n${language}:${answer.file}`.trim();
    } else into.value = answer.file;
    into.dispatchEvent(new Event("input", { bubbles: true }));
  };

  const send = (name, file, box) => {
    const bar = box.querySelector("progress"), told = box.querySelector("[data-told]");
    const into = field(name);
    if (file.size > limit) { told.textContent = `${file.name} is larger than the ${limit.toLocaleString("en")} bytes that are taken here.`; return; }
    const request = new XMLHttpRequest();
    const began = performance.now();
    sending += 1;
    gate();
    bar.hidden = false;
    bar.value = 0;
    request.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      const part = (100 * event.loaded) / event.total, rate = event.loaded / ((performance.now() - began) / 1000);
      bar.value = part;
      told.textContent = `${Math.floor(part)} % of ${(event.total / 1e6).toFixed(1)} MB at ${(rate / 1e6).toFixed(1)} MB/s`;
    });
    const over = (text) => { told.textContent = text; sending -= 1; gate(); };
    request.addEventListener("load", () => {
      let answer = null;
      try { answer = JSON.parse(request.responseText); } catch { answer = null; }
      if (request.status !== 201 || !answer) { bar.hidden = true; over(`${file.name} was not taken: ${answer?.detail || request.status}`); return; }
      bar.value = 100;
      done(name, answer, into);
      if (name === "file" && !field("title").value) {
        field("title").value = file.name.replace(/\.[^.]*$/, "");
        field("title").dispatchEvent(new Event("input", { bubbles: true }));
      }
      over(`${file.name} is here (${(file.size / 1e6).toFixed(1)} MB).`);
    });
    request.addEventListener("error", () => { bar.hidden = true; over(`${file.name} did not arrive; nothing was kept of it. Choose it again.`); });
    request.open("PUT", `/api/v1/files?name=${encodeURIComponent(file.name.slice(-255))}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.send(file);
  };

  for (const box of whole.querySelectorAll("[data-file]")) {
    const picker = box.querySelector(".picker");
    picker.hidden = false;
    picker.querySelector("input").addEventListener("change", (event) => {
      const [file] = event.target.files;
      if (file) send(box.dataset.file, file, box);
    });
  }
  show();
})();

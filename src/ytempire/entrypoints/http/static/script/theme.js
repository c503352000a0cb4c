/* The chosen theme, before anything is drawn. "auto" is what the machine says. */
"use strict";
(() => {
  const KEY = "ytempire-theme";
  const NAMES = ["auto", "light", "dark"];
  const remembered = () => {
    try { return localStorage.getItem(KEY); } catch { return null; }
  };
  const chosen = () => (NAMES.includes(remembered()) ? remembered() : "auto");
  const apply = (name) => {
    if (name === "auto") document.documentElement.removeAttribute("data-theme");
    else document.documentElement.dataset.theme = name;
    const told = document.getElementById("theme-name");
    if (told) told.textContent = name;
  };
  apply(chosen());
  document.addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme");
    if (!button) return;
    button.hidden = false;
    apply(chosen());
    button.addEventListener("click", () => {
      const next = NAMES[(NAMES.indexOf(chosen()) + 1) % NAMES.length];
      try { localStorage.setItem(KEY, next); } catch { /* a browser that keeps nothing: for this page only */ }
      apply(next);
      document.dispatchEvent(new CustomEvent("theme-changed"));
    });
  });
})();

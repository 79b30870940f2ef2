// One key each for what is done most. They can be switched off, since who dictates or hits keys by
// chance would trigger them (WCAG 2.1.4); `?` then still shows where.
"use strict";

(() => {
  const OFF = "keys-off";
  // asked for each time: going back in the history brings the page's parts anew
  const list = () => document.getElementById("keys");
  const choice = () => document.getElementById("keys-on");
  const off = () => localStorage.getItem(OFF) !== null;

  const click = (selector) => {
    const found = document.querySelector(selector);
    if (found) found.click();
  };
  const step = (by) => {
    const links = [...document.querySelectorAll("#nav a")];
    const now = links.findIndex((link) => link.hasAttribute("aria-current"));
    const next = links[now + by];
    if (next) next.click();
  };
  const field = () => {
    const found = document.querySelector("main .search input, main .controls input, main .controls select");
    if (found) found.focus();
  };

  const KEYS = {
    o: () => click("#nav-overview"),
    i: () => click("#nav-ingests"),
    n: () => step(1),
    p: () => step(-1),
    "/": field,
    r: () => click("#refresh-all, main button[id$='-refresh']"),
    c: () => click("main [data-copy]"),
  };

  const show = () => {
    choice().checked = !off();
    list().showModal();
  };

  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    const writes = target.closest("input, select, textarea, [contenteditable]");
    if (event.ctrlKey || event.metaKey || event.altKey || writes || list().open) return;
    if (key === "?") show();
    else if (key in KEYS && !off()) KEYS[key]();
    else return;
    event.preventDefault();
  });
  document.addEventListener("change", ({ target }) => {
    if (target !== choice()) return;
    if (target.checked) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "1");
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-keys]")) show();
  });
})();

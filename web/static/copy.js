// Copies an address or a text, says so, and keeps a shown query open when its answer is renewed.
"use strict";

(() => {
  const SAID_MS = 2000;

  const copy = async (text) => {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    // outside localhost and TLS there is no clipboard but that of a selected field
    const field = document.createElement("textarea");
    field.value = text;
    field.className = "unseen";
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    if (!done) throw new Error("not copied");
  };

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy], [data-copy-text]");
    if (!button) return;
    const { copy: address, copyText } = button.dataset;
    const text = copyText ? document.getElementById(copyText).textContent : new URL(address, location.href).href;
    const said = button.textContent;
    try {
      await copy(text);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Could not be copied";
    }
    document.getElementById("status").textContent = button.textContent;
    setTimeout(() => {
      button.textContent = said;
    }, SAID_MS);
  });

  let open = [];
  document.addEventListener("htmx:before:swap", () => {
    open = [...document.querySelectorAll("details[id][open]")].map(({ id }) => id);
  });
  document.addEventListener("htmx:after:swap", () => {
    for (const id of open) {
      const details = document.getElementById(id);
      if (details) details.open = true;
    }
  });
})();

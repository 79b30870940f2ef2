// What the markup cannot say: look for a change of the lake, tell when the server is away, and put
// the focus where a reader expects it. Nothing here is needed to read a page.
"use strict";

(() => {
  const TICK_MS = 1000; // with what the watcher waits, a file is on an open page within two seconds
  const NEW_PLACE = "main";
  let restoring = false;

  const renew = (state, all) => {
    for (const part of document.querySelectorAll("[data-state]")) {
      // a waiting part asks by itself; after an outage its question may have been lost
      if (part.dataset.state === "waiting" ? all : part.dataset.state !== state) {
        htmx.trigger(part, "lake:changed", {}, false);
      }
    }
  };

  // asked for each time: going back in the history brings the page's parts anew
  const notice = () => document.getElementById("away");

  const look = async () => {
    if (document.hidden) return;
    try {
      const response = await fetch("/state", { headers: { Accept: "application/json" } });
      if (!response.ok) throw new Error(String(response.status));
      const { state } = await response.json();
      const away = notice();
      const back = !away.hidden;
      away.hidden = true;
      renew(state, back);
    } catch {
      notice().hidden = false;
    }
  };

  const tick = async () => {
    await look();
    setTimeout(tick, TICK_MS);
  };

  // what does not scroll is no stop for the tab key
  const markScrolling = () => {
    for (const box of document.querySelectorAll(".scroll")) {
      box.tabIndex = box.scrollWidth > box.clientWidth ? 0 : -1;
    }
  };

  // on a phone the way through the pages is a row that scrolls
  const showPlace = () => {
    const place = document.querySelector("nav [aria-current]");
    if (place) place.scrollIntoView({ block: "nearest", inline: "center" });
  };

  // what was not asked for now is asked for when the page, or the server, is back
  const outdate = (part) => {
    part.dataset.state = "";
  };

  const renews = (source) => source.hasAttribute("data-state") || source.hasAttribute("data-control");

  const focusHeading = () => {
    const heading = document.querySelector("main h1");
    if (heading) heading.focus({ preventScroll: true });
    showPlace();
  };

  // whoever stood on something that was replaced stands on its like, or on what can be done now;
  // what has an id htmx itself finds again
  const stops = (part) => [...part.querySelectorAll("a[href], button, summary, [tabindex]")];
  const stood = new WeakMap(); // several parts may be replaced at the same time
  const noteFocus = (part) => {
    const place = stops(part).indexOf(document.activeElement);
    stood.set(part, place < 0 ? undefined : { place, tag: document.activeElement.tagName });
  };
  const keepFocus = (part) => {
    const was = stood.get(part);
    if (!was || document.activeElement !== document.body) return;
    const like = stops(part)[was.place];
    const next = like && like.tagName === was.tag ? like : part.querySelector("form button");
    if (next) next.focus({ preventScroll: true });
  };

  // a message at a control came with the part that was asked for, the control itself stayed
  const markFaults = () => {
    for (const fault of document.querySelectorAll(".fault[id]")) {
      const control = document.getElementById(fault.id.replace(/-fault$/, ""));
      if (control) control.setAttribute("aria-invalid", String(fault.textContent !== ""));
    }
  };

  // a control that someone is writing in keeps what was written, also while its choices come
  const written = ({ sourceElement: source, target }) =>
    source.hasAttribute("data-control") && target.contains(document.activeElement);

  document.addEventListener("htmx:before:request", (event) => {
    const { ctx } = event.detail;
    const source = ctx.sourceElement;
    // a part that was replaced while it stood in line would ask its old question again
    if (!source.isConnected || written(ctx)) event.preventDefault();
    else if (document.hidden && source.hasAttribute("data-rests")) {
      event.preventDefault();
      outdate(source);
    }
    else if (!renews(source)) ctx.target.setAttribute("aria-busy", "true");
  });
  document.addEventListener("htmx:before:swap", (event) => {
    const { ctx } = event.detail;
    if (written(ctx)) event.preventDefault();
    else noteFocus(ctx.target);
  });
  document.addEventListener("htmx:finally:request", (event) => {
    const { ctx } = event.detail;
    if (ctx.target && !renews(ctx.sourceElement)) ctx.target.removeAttribute("aria-busy");
  });
  document.addEventListener("htmx:before:history:restore", () => {
    restoring = true;
  });
  document.addEventListener("htmx:after:swap", (event) => {
    const { ctx } = event.detail;
    if (restoring || (ctx.target && ctx.target.id === NEW_PLACE)) focusHeading();
    else if (ctx.target) keepFocus(ctx.target);
    restoring = false;
    markFaults();
    markScrolling();
  });
  document.addEventListener("htmx:error", (event) => {
    away.hidden = false;
    const { ctx } = event.detail;
    if (ctx && ctx.sourceElement.hasAttribute("data-rests")) outdate(ctx.sourceElement);
  });
  document.addEventListener("visibilitychange", look);
  addEventListener("resize", markScrolling);
  showPlace();
  markScrolling();
  setTimeout(tick, TICK_MS);
})();

// What the markup cannot say: look for a change of the lake, tell when the server is away, and put
// the focus where a reader expects it. Nothing here is needed to read a page.
"use strict";

(() => {
  const TICK_MS = 1000; // with what the watcher waits, a file is on an open page within two seconds
  const NEW_PLACE = "main";
  const UNREAD = "This cannot be read, so it counts as empty.";
  const SIGNED_OUT = 401; // what a load balancer says when its session has ended; we never do
  let restoring = false;
  let astray = false; // whether the page is not that of its address: Back got no answer

  const renew = (state, all) => {
    for (const part of document.querySelectorAll("[data-state]")) {
      // a waiting part asks by itself; after an outage its question may have been lost
      if (part.dataset.state === "waiting" ? all : part.dataset.state !== state) {
        htmx.trigger(part, "lake:changed", {}, false);
      }
    }
  };

  // a filter whose numbers did not come would stand beside those of the one before
  const askAgain = () => {
    for (const form of document.querySelectorAll("form[data-failed]")) {
      delete form.dataset.failed;
      htmx.trigger(form, "change");
    }
  };

  // which of the two notices is seen: "away", "signed-out" or, as all is well, none.
  // asked for each time: going back in the history brings the page's parts anew
  const NOTICES = ["away", "signed-out"];
  const notices = () => NOTICES.map((id) => document.getElementById(id));
  const tell = (shown) => {
    for (const notice of notices()) notice.hidden = notice.id !== shown;
  };

  const look = async () => {
    if (document.hidden) return;
    try {
      const response = await fetch("/state", { headers: { Accept: "application/json" } });
      if (response.status === SIGNED_OUT) return tell("signed-out");
      if (!response.ok) throw new Error(String(response.status));
      const { state } = await response.json();
      if (astray) return location.reload();
      const back = notices().some((notice) => !notice.hidden);
      tell("");
      renew(state, back);
      if (back) askAgain();
    } catch {
      tell("away");
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
      if (!control) continue;
      // the server gets nothing of it, and so has nothing to say
      const unread = control.validity && control.validity.badInput;
      if (unread && control !== document.activeElement) fault.textContent = UNREAD;
      else if (fault.textContent === UNREAD) fault.textContent = "";
      control.setAttribute("aria-invalid", String(fault.textContent !== ""));
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
    const signedOut = ctx.response && ctx.response.raw.status === SIGNED_OUT;
    if (signedOut) tell("signed-out");
    if (signedOut || written(ctx)) event.preventDefault();
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
    tell("away");
    astray ||= restoring;
    restoring = false;
    const source = event.detail.ctx && event.detail.ctx.sourceElement;
    if (source && source.hasAttribute("data-rests")) outdate(source);
    if (source && source.matches("form.controls")) source.dataset.failed = "";
  });
  // a date that is typed comes piece by piece, its year by way of 2, 20 and 202, and goes without a
  // word: it is asked for once it is whole, or left
  const asked = new WeakMap(); // what was last asked for, by input
  const unfinished = (input) => input.validity.badInput || input.value.startsWith("0");
  const ask = (input) => {
    if (input.value === asked.get(input)) return;
    asked.set(input, input.value);
    htmx.trigger(input, "change");
  };
  const isDate = ({ target }) => target.type === "date";
  document.addEventListener("focusin", (event) => {
    if (isDate(event)) asked.set(event.target, event.target.value);
  });
  document.addEventListener("change", (event) => {
    if (!isDate(event) || !event.isTrusted) return;
    event.stopImmediatePropagation();
    // one key can change it twice
    setTimeout(() => unfinished(event.target) || ask(event.target));
  }, true);
  document.addEventListener("focusout", (event) => {
    if (!isDate(event)) return;
    ask(event.target);
    markFaults();
  });
  document.addEventListener("visibilitychange", look);
  addEventListener("resize", markScrolling);
  showPlace();
  markScrolling();
  setTimeout(tick, TICK_MS);
})();

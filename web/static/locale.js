// Writes numbers and times in the reader's own way; the exact value stays, and shows on hover.
// The page came with all of them written once already, so nothing here is needed to read it.
"use strict";

window.lake = (() => {
  const LANGUAGES = navigator.languages;
  const MINUS = "\u2212";
  const formats = new Map();

  const format = (kind, options) => {
    const key = JSON.stringify(options);
    if (!formats.has(key)) formats.set(key, new kind(LANGUAGES, options));
    return formats.get(key);
  };

  const number = (exact, options) =>
    format(Intl.NumberFormat, options).format(exact).replace("-", MINUS);

  // as many digits as it came with: a count has none, an amount two
  const places = (text) => {
    const shown = /\.(\d+)/.exec(text);
    return { minimumFractionDigits: shown ? shown[1].length : 0, maximumFractionDigits: shown ? shown[1].length : 0 };
  };

  const time = (exact) => {
    const options = /^\d+-\d\d$/.test(exact)
      ? { month: "short", year: "numeric" }
      : exact.includes("T")
        ? { dateStyle: "medium", timeStyle: "short" }
        : { dateStyle: "medium" };
    return format(Intl.DateTimeFormat, { ...options, timeZone: "UTC" }).format(new Date(exact));
  };

  // the page's age counts on by itself: whatever the clock here says, nothing is from the future
  const age = (exact) => {
    const seconds = Math.max(0, (Date.now() - Date.parse(exact)) / 1000);
    if (seconds < 10) return "just now";
    for (const [word, size, most] of [["s", 10, 60], ["min", 60, 3600], ["h", 3600, 172_800]]) {
      if (seconds < most) return `${Math.floor(seconds / size) * (word === "s" ? 10 : 1)} ${word} ago`;
    }
    return `${Math.floor(seconds / 86_400)} days ago`;
  };

  // on paper an age soon tells nothing
  let onPaper = false;
  const dressAges = () => {
    for (const part of document.querySelectorAll('time[data-as="age"]')) {
      if (!part.title) part.title = `${time(part.dateTime)} UTC`;
      const text = onPaper ? part.title : age(part.dateTime);
      if (part.textContent !== text) part.textContent = text;
    }
  };

  const dressFor = (paper) => {
    onPaper = paper;
    dressAges();
  };

  // a run's time counts on from what the server said with each part that it sent
  const begun = new WeakMap();
  const dressElapsed = () => {
    for (const part of document.querySelectorAll("[data-elapsed]")) {
      if (!begun.has(part)) begun.set(part, performance.now() - 1000 * part.dataset.elapsed);
      const seconds = Math.floor((performance.now() - begun.get(part)) / 1000);
      const text = seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
      if (part.textContent !== text) part.textContent = text;
    }
  };

  const dress = () => {
    dressAges();
    dressElapsed();
    for (const part of document.querySelectorAll("data[value]:not([title])")) {
      const options = places(part.textContent);
      part.title = part.value;
      part.textContent =
        part.dataset.as === "percent"
          ? number(part.value, { ...options, style: "percent", signDisplay: "exceptZero" })
          : number(part.value, options);
    }
    for (const part of document.querySelectorAll("time[datetime]:not([title])")) {
      part.title = part.dateTime;
      part.textContent = time(part.dateTime);
    }
  };

  document.addEventListener("htmx:after:swap", dress);
  addEventListener("beforeprint", () => dressFor(true));
  addEventListener("afterprint", () => dressFor(false));
  dress();
  setInterval(dressAges, 5000);
  setInterval(dressElapsed, 250);
  return { number, time };
})();

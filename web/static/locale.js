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

  const dress = () => {
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
  dress();
  return { number, time };
})();

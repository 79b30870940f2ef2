// Lighthouse on a page, several times, each in a Chromium of its own; its reports as one JSON text.
// usage: node run.mjs CHROMIUM TIMES ADDRESS
import { launch } from "chrome-launcher";
import lighthouse from "lighthouse";

const TRIES = 3; // now and then a trace lacks its beginning: "Please run Lighthouse again"

const [chromePath, times, address] = process.argv.slice(2);

const run = async () => {
  const chrome = await launch({ chromePath, chromeFlags: ["--headless=new", "--no-sandbox"] });
  try {
    // its default is what it calls mobile: a middling phone on a slow line, both reckoned
    const { lhr } = await lighthouse(address, {
      port: chrome.port,
      onlyCategories: ["performance", "accessibility", "best-practices"],
      disableFullPageScreenshot: true,
    });
    return lhr;
  } finally {
    await chrome.kill();
  }
};

const reports = [];
while (reports.length < Number(times)) {
  let report = await run();
  for (let tried = 1; report.runtimeError && tried < TRIES; tried += 1) report = await run();
  reports.push(report);
}
console.log(JSON.stringify(reports));

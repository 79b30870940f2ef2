// Lighthouse on pages, each several times in one Chromium; its reports as one JSON text.
// usage: node run.mjs CHROMIUM TIMES ADDRESS...
import { launch } from "chrome-launcher";
import lighthouse from "lighthouse";

const [chromePath, times, ...addresses] = process.argv.slice(2);
const chrome = await launch({ chromePath, chromeFlags: ["--headless=new", "--no-sandbox"] });
const reports = {};
try {
  for (const address of addresses) {
    reports[address] = [];
    for (let time = 0; time < Number(times); time += 1) {
      // its default is what it calls mobile: a middling phone on a slow line, both reckoned
      const { lhr } = await lighthouse(address, {
        port: chrome.port,
        onlyCategories: ["performance", "accessibility", "best-practices"],
      });
      reports[address].push(lhr);
    }
  }
} finally {
  await chrome.kill();
}
console.log(JSON.stringify(reports));

// A picture of a report: node screenshot.mjs REPORT.html OUT.png [WIDTH] [HEIGHT] [light|dark] [SCRIPT]
// SCRIPT runs in the page first, for example to open a take.
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { findBrowser, openBrowser } from "./chromium.mjs";

const [report, out, width = "1280", height = "900", scheme = "light", script = ""] = process.argv.slice(2);
const name = findBrowser();
if (!report || !out || !name) {
  console.error(name ? "usage: node screenshot.mjs REPORT.html OUT.png [WIDTH] [HEIGHT] [light|dark] [SCRIPT]" : "Chromium is not installed");
  process.exit(2);
}
const browser = await openBrowser(name);
await browser.send("Page.enable");
await browser.send("Emulation.setDeviceMetricsOverride", { width: +width, height: +height, deviceScaleFactor: 2, mobile: false });
await browser.send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: scheme }] });
const loaded = new Promise((done) => browser.on("Page.loadEventFired", done));
await browser.send("Page.navigate", { url: pathToFileURL(resolve(report)).href });
await loaded;
if (script) await browser.evaluate(script);
await new Promise((done) => setTimeout(done, 400));
const { data } = await browser.send("Page.captureScreenshot", { format: "png" });
writeFileSync(out, Buffer.from(data, "base64"));
await browser.close();

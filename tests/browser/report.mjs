// What a report promises in a browser: node tests/browser/report.mjs REPORT.html
//
// It opens from disk, asks nothing of the network, writes no error to the console, sorts, filters, shows scores under the
// pointer, plays the sound at a click, and says so where it can't. Without Chromium (on the path, or
// named by CHROMIUM) it says "skipped" and passes; with REQUIRE_BROWSER=1 that is a failure.
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { findBrowser, openWatched } from "./chromium.mjs";

const report = process.argv[2];
if (!report) {
  console.error("usage: node report.mjs REPORT.html (cargo run --release -p undersong-core --example demo_report -- FOLDER makes one)");
  process.exit(2);
}
const name = findBrowser();
if (!name) {
  console.log("skipped: Chromium absent");
  process.exit(process.env.REQUIRE_BROWSER === "1" ? 1 : 0);
}

const browser = await openWatched(name);
let failures = 0;
function check(promise, holds, seen) {
  if (!holds) failures++;
  console.log(`${holds ? "ok    " : "FAILED"} ${promise}${holds ? "" : `: ${JSON.stringify(seen)}`}`);
}
const { evaluate, send, until, troubles, requests } = browser;
const url = pathToFileURL(resolve(report)).href;
const loaded = new Promise((done) => browser.on("Page.loadEventFired", done));
await send("Page.navigate", { url });
await loaded;

const names = "Array.from(document.querySelectorAll('tbody.take:not([hidden])'), (body) => body.dataset.name)";
const count = await evaluate("document.querySelectorAll('tbody.take').length");
check("there are takes", count > 0, count);
await until("document.querySelector('.timeline canvas').width > 300");

// Curves: in view they are drawn, far below they are not yet.
const painted = `(() => { const canvas = document.querySelector(".timeline canvas");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const colours = new Set(); for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 200) colours.add(data.slice(i, i + 3).join());
  return colours.size; })()`;
const colours = await evaluate(painted);
check("the first timeline is drawn in several colours", colours >= 3, colours);
if (count > 20) {
  const drawn = await evaluate("Array.from(document.querySelectorAll('canvas')).filter((it) => it.width > 300).length");
  check("only what is near the view is drawn", drawn < count / 2, drawn);
}
check("nothing is wider than the page", await evaluate("document.documentElement.scrollWidth <= innerWidth"));

// Sorting.
for (const key of ["seconds", "name", "emotion", "valence", "arousal", "confidence", "voiced"]) {
  const click = `document.querySelector('[data-key=${key}]').click()`;
  const order = `Array.from(document.querySelectorAll('tbody.take'), (body) => body.dataset.${key})`;
  const before = await evaluate(names);
  const numeric = !["name", "emotion"].includes(key);
  const sorted = (values) => {
    const known = values.filter((value) => value !== "");
    const compare = numeric ? (a, b) => b - a : new Intl.Collator(undefined, { numeric: true, sensitivity: "base" }).compare;
    return [...known.sort(compare), ...values.filter((value) => value === "")].join();
  };
  await evaluate(click);
  const first = await evaluate(order);
  check(`a click sorts by ${key}, takes without voice last`, first.join() === sorted([...first]), first);
  await evaluate(click);
  const second = await evaluate(order);
  const known = (values) => values.filter((value) => value !== "");
  check(`another turns ${key} around`, known(second).join() === known(first).reverse().join(), second);
  await evaluate(click);
  check(`a third gives the scan's order back (${key})`, (await evaluate(names)).join() === before.join());
}

// Filter.
const wanted = (await evaluate(names))[count - 1];
await evaluate(`(() => { const filter = document.getElementById("filter"); filter.value = ${JSON.stringify(wanted)}.toUpperCase(); filter.dispatchEvent(new Event("input")); })()`);
const left = await evaluate(names);
check("the filter keeps what matches", left.length < Math.max(count, 2) && left.includes(wanted), left);
await evaluate(`(() => { const filter = document.getElementById("filter"); filter.value = "no such take"; filter.dispatchEvent(new Event("input")); })()`);
check("and says when nothing does", await evaluate("!document.getElementById('none').hidden"));
await evaluate(`(() => { const filter = document.getElementById("filter"); filter.value = ""; filter.dispatchEvent(new Event("input")); })()`);

// The pointer, as a person moves it.
// Rows that were filtered out are laid out again with the next frame, so two are waited for first.
await evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
const place = await evaluate("(() => { const box = document.querySelector('.timeline').getBoundingClientRect(); return { x: box.left + box.width * .4, y: box.top + 20 }; })()");
await send("Input.dispatchMouseEvent", { type: "mouseMoved", ...place });
check("scores are shown under the pointer", await until("!document.getElementById('tip').hidden && document.getElementById('tip').innerText.includes('%')"),
  await evaluate("document.getElementById('tip').innerText"));
const apart = await evaluate(`(() => { const tip = document.getElementById("tip").getBoundingClientRect(); return tip.left >= 0 && tip.right <= innerWidth && tip.bottom <= innerHeight; })()`);
check("the tooltip stays within the page", apart);
await send("Input.dispatchMouseEvent", { type: "mouseMoved", x: 5, y: 5 });
check("and goes with the pointer", await until("document.getElementById('tip').hidden"));

// Sound: a click plays from there, once the file is known to be playable.
const source = await evaluate("document.querySelector('audio').src");
const local = source.startsWith("file:") ? existsSync(fileURLToPath(source)) : source.startsWith("data:");
check("the sound's address leads to the take", local, source.slice(0, 200));
for (const type of ["mousePressed", "mouseReleased"]) {
  await send("Input.dispatchMouseEvent", { type, ...place, button: "left", clickCount: 1 });
}
check("a click plays", await until("document.querySelector('tbody.take').classList.contains('playing') && document.querySelector('audio').currentTime > 0"),
  await evaluate("document.querySelector('.silent').hidden ? 'no message' : 'can\\'t play'"));
const heard = await evaluate("({ at: document.querySelector('audio').currentTime, length: document.querySelector('audio').duration, take: +document.querySelector('tbody.take').dataset.seconds })");
const goal = Math.min(heard.take * 0.4, heard.length);
check("from where it was clicked", heard.at >= goal - 0.1 && heard.at < goal + 2, heard);
await evaluate("document.querySelector('.play').click()");
check("and the button pauses", await until("document.querySelector('audio').paused && !document.querySelector('tbody.take').classList.contains('playing')"));

// Details, and the keyboard.
await evaluate("document.querySelector('.open').click()");
check("a take opens", await evaluate("!document.querySelector('.more').hidden && document.querySelectorAll('.more .bars .rail').length > 1"));
// Delivery, where it was measured: facts with their units, and each fault with its reason.
if (await evaluate(`!!JSON.parse(document.getElementById("data").textContent).takes[0].delivery`)) {
  const shown = await evaluate("document.querySelector('.more .delivery').innerText");
  check("an opened take shows its delivery", ["LUFS", "dBTP", "Hz", "syllables/s", "Pauses"].every((it) => shown.includes(it)), shown);
  const faulty = await evaluate("Array.from(document.querySelectorAll('tbody.take')).findIndex((it) => it.querySelector('.open .flag'))");
  if (faulty >= 0) {
    const body = `document.querySelectorAll('tbody.take')[${faulty}]`;
    await evaluate(`${body}.querySelector('.open[aria-expanded=false]')?.click()`);
    const [name, faults] = await evaluate(`[${body}.querySelector('.open .flag').innerText, ${body}.querySelector('.faults').innerText]`);
    check("a fault is named in its row and has its reason below", faults.includes(name) && faults.length > name.length + 10, [name, faults]);
    await evaluate(`(() => { const filter = document.getElementById("filter"); filter.value = ${JSON.stringify("cut off")}; filter.dispatchEvent(new Event("input")); })()`);
    const found = await evaluate("Array.from(document.querySelectorAll('tbody.take:not([hidden])'), (it) => it.dataset.flags)");
    check("the filter finds faults", found.every((it) => it.includes("cut off")), found);
    await evaluate(`(() => { const filter = document.getElementById("filter"); filter.value = ""; filter.dispatchEvent(new Event("input")); })()`);
    if (faulty > 0) await evaluate(`${body}.querySelector('.open').click()`);
  }
}
// Why, where the report has it: the panel of an opened take follows the pointer, and its patches sum up to what it says.
const why = "document.querySelector('.more .why')";
if (await evaluate(`!!JSON.parse(document.getElementById("data").textContent).takes[0].why`)) {
  check("an opened take shows what moved its score", await evaluate(`${why} && ${why}.querySelectorAll('.patch').length > 5`));
  const said = () => evaluate(`${why}.querySelector('.said').innerText`);
  const seen = "document.querySelector('.seen').style.left";
  await evaluate("document.querySelector('.timeline').scrollIntoView({ block: 'center' })");
  const across = (share) => evaluate(`(() => { const box = document.querySelector('.timeline').getBoundingClientRect(); return { x: box.left + box.width * ${share}, y: box.top + 20 }; })()`);
  await send("Input.dispatchMouseEvent", { type: "mouseMoved", ...(await across(.1)) });
  await new Promise((done) => setTimeout(done, 100));
  const [first, from] = [await said(), await evaluate(seen)];
  await send("Input.dispatchMouseEvent", { type: "mouseMoved", ...(await across(.8)) });
  check("it follows the pointer", await until(`${why}.querySelector('.said').innerText !== ${JSON.stringify(first)}`), first);
  check("the timeline marks which window it shows", (await evaluate(seen)) !== from, from);
  check("the part that is pointed at is marked", await evaluate(`${why}.querySelectorAll('.patch.here').length > 2`));
  const whole = await evaluate(`(() => { const sums = ${why}.querySelectorAll('.all .sum'); return { all: +sums[sums.length - 1].textContent.replace("−", "-"), shown: ${why}.querySelector('.said').innerText.match(/(\\d+)\u00a0%/g).map(parseFloat) }; })()`);
  check("the patches sum up to the score's difference", Math.abs(whole.all - (whole.shown[0] - whole.shown[1])) <= 1, whole);
  await send("Input.dispatchMouseEvent", { type: "mouseMoved", x: 5, y: 5 });
}
await evaluate("document.querySelector('.timeline').focus()");
await send("Input.dispatchKeyEvent", { type: "keyDown", key: "ArrowRight", code: "ArrowRight", windowsVirtualKeyCode: 39 });
check("the arrow keys move along the take", await until("+document.querySelector('.timeline').getAttribute('aria-valuenow') > 0"));
await evaluate("document.querySelector('.timeline').blur()");
await evaluate("document.querySelector('.legend button').click()");
check("the legend shows one emotion alone", (await evaluate(painted)) < colours);
await evaluate("document.querySelector('.legend button').click()");

// Narrow, dark.
await send("Emulation.setDeviceMetricsOverride", { width: 480, height: 900, deviceScaleFactor: 1, mobile: false });
await send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: "dark" }] });
check("480 pixels are enough", await until("document.documentElement.scrollWidth <= innerWidth"), await evaluate("document.documentElement.scrollWidth"));
check("a dark page is dark", await evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).every((it) => it < 64)"));

const outside = requests.filter((it) => !it.startsWith("file:") && !it.startsWith("data:"));
check("nothing was asked of the network", outside.length === 0, outside);
check("the console has no error", troubles.length === 0, troubles);

// A file that is gone or unplayable: its message comes, with a way to the file.
await evaluate("(() => { const audio = document.querySelector('audio'); audio.src = 'no-such-file.aiff'; document.querySelector('.play').click(); })()");
check("a file that can't be played says so", await until("!document.querySelector('.silent').hidden"));

await browser.close();
console.log(failures ? `${failures} failed` : "all kept");
process.exit(failures ? 1 : 0);

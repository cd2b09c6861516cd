// What the page of `undersong desk` promises in a browser: node tests/browser/desk.mjs UNDERSONG TAKE [OUT.png [light|dark [WIDTH HEIGHT]]]
//
// A real Chromium on a desk over a folder with pieces of the take: it plays, filters, marks by keyboard alone, compares, exports, and survives a reload
// and a restart of the server; a new take dropped into the folder appears; nothing is asked of the network; no error is written to the console. With
// OUT.png it takes a picture instead, of FOLDER if that is set. It needs ffmpeg; without Chromium it says "skipped" and passes, which with
// REQUIRE_BROWSER=1 is a failure.
import { spawn, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findBrowser, openBrowser } from "./chromium.mjs";

const [undersong, take, picture, scheme = "light", width = "1440", height = "900"] = process.argv.slice(2);
if (!undersong || !take) {
  console.error("usage: node desk.mjs UNDERSONG TAKE [OUT.png [light|dark [WIDTH HEIGHT]]]");
  process.exit(2);
}
const name = findBrowser();
if (!name) {
  console.log("skipped: Chromium absent");
  process.exit(process.env.REQUIRE_BROWSER === "1" ? 1 : 0);
}
const room = mkdtempSync(join(tmpdir(), "undersong-desk-")), folder = process.env.FOLDER ?? join(room, "takes");
function cut(path, from, seconds) {
  const made = spawnSync("ffmpeg", ["-loglevel", "error", "-y", "-ss", `${from}`, "-t", `${seconds}`, "-i", take, "-ac", "1", path], { stdio: ["ignore", "inherit", "inherit"] });
  if (made.status !== 0) throw new Error("ffmpeg could not cut the take");
}
if (!process.env.FOLDER) {
  mkdirSync(join(folder, "scene 2"), { recursive: true });
  [[0, 2.5], [2, 3], [4.5, 2], [6, 3.5], [9, 2.2], [11, 3]].forEach(([from, seconds], at) => cut(join(folder, `door_${at + 1}.wav`), from, seconds));
  cut(join(folder, "scene 2", "window_1.flac"), 0, 14);
  cut(join(folder, "scene 2", "window_2.aiff"), 5, 3);
}
cut(join(room, "new.wav"), 3, 3);

let port = "0";
async function serve() {
  const server = spawn(undersong, ["desk", folder, "--library", process.env.LIBRARY ?? join(room, "library.db"), "--port", port, "--engine", process.env.ENGINE ?? "builtin"], { stdio: ["ignore", "pipe", "inherit"] });
  const line = await new Promise((done, fail) => {
    server.stdout.once("data", (data) => done(String(data)));
    server.once("exit", (code) => fail(new Error(`the desk ended with ${code}`)));
  });
  const ended = new Promise((done) => server.once("exit", done));
  const url = line.trim().replace("the desk is at ", "");
  port = new URL(url).port;
  return { url, end: () => (server.kill("SIGINT"), ended) };
}

let failures = 0;
function check(promise, holds, seen) {
  if (!holds) failures++;
  console.log(`${holds ? "ok    " : "FAILED"} ${promise}${holds ? "" : `: ${JSON.stringify(seen)}`}`);
}
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

let server = await serve();
const downloads = join(room, "downloads");
mkdirSync(downloads);
const browser = await openBrowser(name);
const { evaluate, send } = browser;
const until = async (expression, seconds = 30) => {
  for (let waited = 0; waited < seconds * 20; waited++) {
    if (await evaluate(expression)) return true;
    await pause(50);
  }
  return false;
};
const go = async (url) => {
  const loaded = new Promise((done) => browser.on("Page.loadEventFired", done));
  await send("Page.navigate", { url });
  await loaded;
};
const CODES = { " ": [32, "Space"], Enter: [13, "Enter"], Escape: [27, "Escape"], ArrowDown: [40, "ArrowDown"], ArrowUp: [38, "ArrowUp"], ArrowLeft: [37, "ArrowLeft"], ArrowRight: [39, "ArrowRight"], Home: [36, "Home"], End: [35, "End"], Tab: [9, "Tab"], Backspace: [8, "Backspace"] };
async function press(key, modifiers = 0) {
  const [code, physical] = CODES[key] ?? [key.toUpperCase().charCodeAt(0), `Key${key.toUpperCase()}`];
  const text = key.length === 1 ? key : key === "Enter" ? "\r" : undefined;
  await send("Input.dispatchKeyEvent", { type: "keyDown", key, code: physical, windowsVirtualKeyCode: code, text, modifiers });
  await send("Input.dispatchKeyEvent", { type: "keyUp", key, code: physical, windowsVirtualKeyCode: code, modifiers });
}
const write = async (text) => { for (const letter of text) await press(letter); };

const troubles = [], requests = [], answers = [];
browser.on("Runtime.exceptionThrown", (it) => troubles.push(it.exceptionDetails.exception?.description ?? it.exceptionDetails.text));
browser.on("Runtime.consoleAPICalled", (it) => { if (it.type === "error") troubles.push(JSON.stringify(it.args)); });
let outage = false;
browser.on("Log.entryAdded", ({ entry }) => { if (entry.level === "error" && !outage) troubles.push(`${entry.text} ${entry.url ?? ""}`); });
browser.on("Network.requestWillBeSent", ({ request }) => requests.push(request.url));
browser.on("Network.responseReceived", ({ response }) => answers.push([response.url, response.status]));
for (const domain of ["Page", "Runtime", "Log", "Network"]) await send(`${domain}.enable`);
await send("Browser.setDownloadBehavior", { behavior: "allow", downloadPath: downloads }).catch(() => {});
await send("Page.setDownloadBehavior", { behavior: "allow", downloadPath: downloads }).catch(() => {});
await send("Emulation.setDeviceMetricsOverride", { width: +width, height: +height, deviceScaleFactor: picture ? 2 : 1, mobile: false });
await send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: scheme }] });
await go(server.url);

const ROWS = "Array.from(document.querySelectorAll('.row:not([hidden])')).sort((a, b) => a.getAttribute('aria-rowindex') - b.getAttribute('aria-rowindex'))";
const names = () => evaluate(`${ROWS}.map((row) => row.querySelector('.name b').textContent)`);
const row = (file) => `${ROWS}.find((row) => row.querySelector('.name b').textContent === ${JSON.stringify(file)})`;
const current = () => evaluate("document.getElementById(document.getElementById('grid').getAttribute('aria-activedescendant'))?.querySelector('.name b').textContent");
const slot = (side, part) => `document.querySelector('.slot.${side} ${part}')`;
const seconds = async (side = "A") => {
  const text = await evaluate(`${slot(side, ".time")}.textContent`), [minutes, rest] = text.split(" / ")[0].split(":");
  return +minutes * 60 + +rest;
};

if (picture) {
  await until("document.getElementById('work').textContent === 'watching' || document.getElementById('work').textContent === ''", 600);
  await until("document.querySelector('.slot.A canvas')?.width > 300");
  for (const step of JSON.parse(process.env.STEPS ?? "[]")) {
    if (step.press) await press(step.press, step.modifiers ?? 0);
    if (step.write) await write(step.write);
    if (step.run) await evaluate(step.run);
    await pause(step.wait ?? 150);
  }
  await pause(+(process.env.WAIT ?? 900));
  const { data } = await send("Page.captureScreenshot", { format: "png" });
  writeFileSync(picture, Buffer.from(data, "base64"));
} else {
  const files = ["door_1.wav", "door_2.wav", "door_3.wav", "door_4.wav", "door_5.wav", "door_6.wav", "window_1.flac", "window_2.aiff"];
  check("all takes are listed, by name, scanned in the background", await until(`document.querySelectorAll('.row.ready:not([hidden])').length === ${files.length}`, 180), await names());
  check("in the order of their names", (await names()).join() === files.join(), await names());
  check("each says its emotion by a letter and its name, not by its colour alone", await evaluate(`${ROWS}.every((row) => { const it = row.querySelector('.emotion'); return it.textContent === 'no voice' || (it.querySelector('.badge').textContent.length === 1 && it.children[1].textContent.length > 2); })`));
  const signs = await evaluate("Array.from(document.querySelectorAll('.chip .badge'), (it) => [it.textContent, getComputedStyle(it).backgroundColor])");
  check("eight letters and eight colours, each its own", new Set(signs.map(([letter]) => letter)).size === 8 && new Set(signs.map(([, colour]) => colour)).size === 8, signs);
  const painted = (canvas) => `(() => { const canvas = ${canvas}; if (!canvas?.width) return 0; const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const colours = new Set(); for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 200) colours.add(data.slice(i, i + 3).join()); return colours.size; })()`;
  check("each row has its waveform and band", await until(`${painted(`${row("door_4.wav")}.querySelector('canvas')`)} >= 2`), await evaluate(painted(`${row("door_4.wav")}.querySelector('canvas')`)));
  check("the take on the desk has them in large", await until(`${painted(slot("A", "canvas"))} >= 3`));
  check("the list has the keyboard from the start", await evaluate("document.activeElement.id === 'grid'"));
  check("and says which take is meant", (await current()) === "door_1.wav", await current());

  // Listening.
  await press("ArrowDown");
  check("down goes to the next take", (await current()) === "door_2.wav", await current());
  check("which is then on the desk", (await evaluate(`${slot("A", ".title b")}.textContent`)) === "door_2.wav");
  await press(" ");
  check("space plays", await until(`${slot("A", ".play")}.getAttribute('aria-label') === 'Pause'`));
  await pause(700);
  const first = await seconds(), cursor = await evaluate(`${slot("A", ".cursor")}.style.transform`);
  await pause(500);
  check("the time and the cursor move with the sound", (await seconds()) > first && (await evaluate(`${slot("A", ".cursor")}.style.transform`)) !== cursor, [first, await seconds(), cursor]);
  check("the scores are those at the cursor", (await evaluate("document.getElementById('scores-at').textContent")).startsWith("at "));
  await press(" ");
  check("and pauses", await until(`${slot("A", ".play")}.getAttribute('aria-label') === 'Play'`));
  const stood = await seconds();
  await press("ArrowLeft");
  await pause(150);
  check("left goes back a second", Math.abs((await seconds()) - Math.max(stood - 1, 0)) < 0.15, [stood, await seconds()]);
  await press("Home");
  await press("End");
  check("End goes to the last take", (await current()) === "window_2.aiff", await current());
  await press("Enter");
  check("a format that the browser does not play is decoded and plays", await until(`${slot("A", ".play")}.getAttribute('aria-label') === 'Pause'`), await evaluate(`${slot("A", ".said")}.textContent`));
  check("the sound comes in parts", answers.some(([url, status]) => url.includes("/sound") && status === 206), answers.filter(([url]) => url.includes("/sound")));
  await press(" ");
  const box = await evaluate(`(({ left, top, width }) => ({ x: left + width / 2, y: top + 20 }))(${slot("A", ".wave")}.getBoundingClientRect())`);
  for (const type of ["mousePressed", "mouseReleased"]) await send("Input.dispatchMouseEvent", { type, ...box, button: "left", clickCount: 1 });
  await pause(200);
  check("a click on the waveform goes there", Math.abs((await seconds()) - 1.5) < 0.2, await seconds());

  // Marks, by keyboard.
  await press("Home");
  await press("c");
  check("c chooses", await until(`${row("door_1.wav")}.classList.contains('chosen') && ${row("door_1.wav")}.querySelector('.mark').textContent.startsWith('✓')`));
  await press("4");
  check("a number gives stars", await until(`${row("door_1.wav")}.querySelector('.mark').textContent === '✓★★★★'`), await evaluate(`${row("door_1.wav")}.querySelector('.mark').textContent`));
  await press("ArrowDown");
  await press("x");
  check("x rejects", await until(`${row("door_2.wav")}.classList.contains('rejected')`));
  await press("n");
  check("n writes a note", await evaluate("document.activeElement.classList.contains('note')"));
  await write("breath at the end");
  await press("Escape");
  check("which is kept when one leaves it", await until(`${row("door_2.wav")}.querySelector('.name small').textContent === 'breath at the end'`));
  check("Escape is back in the list", await evaluate("document.activeElement.id === 'grid'"));

  // Filters.
  await press("/");
  await write("window");
  check("typing filters by name", await until("document.getElementById('count').textContent === '2 of 8'"), await evaluate("document.getElementById('count').textContent"));
  await press("Escape");
  await press("Backspace");
  check("Backspace shows all again", await until("document.getElementById('count').textContent === '8 takes'"));
  await press("/");
  await write("breath");
  check("notes are searched, too", (await names()).join() === "door_2.wav", await names());
  await press("Escape");
  await press("Backspace");
  await evaluate("(() => { const it = document.getElementById('mark'); it.value = 'chosen'; it.dispatchEvent(new Event('change')); })()");
  check("marks filter", (await names()).join() === "door_1.wav", await names());
  await press("Backspace");
  await evaluate("(() => { const it = document.getElementById('mark'); it.value = 'unmarked'; it.dispatchEvent(new Event('change')); document.getElementById('grid').focus(); })()");
  await press("Home");
  const queue = await names();
  await press("c");
  check("a mark takes a take out of the unmarked", await until(`document.getElementById('count').textContent === '${queue.length - 1} of 8'`), queue);
  await press("ArrowDown");
  check("and down goes to what took its place", (await current()) === queue[1], [queue, await current()]);
  await press("Backspace");
  await press("Home");
  await press("ArrowDown");
  await press("ArrowDown");
  await press("c");
  check("the same mark again takes it away", await until(`!${row(queue[0])}.classList.contains('chosen')`));
  const leads = await evaluate(`${row("door_1.wav")}.querySelector('.emotion').textContent`);
  await press(leads[0], 8);
  const alike = await evaluate(`${ROWS}.map((row) => row.querySelector('.emotion .badge')?.textContent)`);
  check("shift and a letter show one emotion alone", alike.length > 0 && alike.every((letter) => letter === leads[0]), alike);
  await press("Backspace");
  await evaluate("document.getElementById('more').click()");
  await evaluate("(() => { const it = document.getElementById('seconds-from'); it.value = '3,2'; it.dispatchEvent(new Event('input')); })()");
  check("length filters, with a comma as well", (await names()).join() === "door_4.wav,window_1.flac", await names());
  await evaluate("(() => { const it = document.getElementById('arousal-from'); it.value = 'loud'; it.dispatchEvent(new Event('input')); })()");
  check("what is no number is marked and filters nothing", (await evaluate("document.getElementById('arousal-from').getAttribute('aria-invalid')")) === "true" && (await names()).length === 2);
  await evaluate("document.getElementById('clear').click()");
  await evaluate("document.getElementById('more').click()");
  await evaluate("document.getElementById('grid').focus()");

  // Order.
  await evaluate("document.querySelector('#columns .seconds button').click()");
  check("a click on a column sorts", (await names())[0] === "door_3.wav" && (await evaluate("document.querySelector('#columns .seconds').getAttribute('aria-sort')")) === "ascending", await names());
  await evaluate("document.querySelector('#columns .seconds button').click()");
  check("a second one the other way round", (await names())[0] === "window_1.flac", await names());

  // Comparing.
  await evaluate("document.querySelector('#columns .name button').click()");
  await evaluate("document.getElementById('grid').focus()");
  await press("Home");
  await press("b");
  check("b keeps a take as B and shows the next beside it", await until(`!document.querySelector('.slot.B').hidden && ${slot("B", ".title b")}.textContent === 'door_1.wav' && ${slot("A", ".title b")}.textContent === 'door_2.wav'`));
  check("both have one scale", await until(`${slot("B", ".wave")}.getAttribute('aria-valuemax') === '2.50' && ${slot("A", ".wave")}.getAttribute('aria-valuemax') === '3.00'`));
  await press(" ");
  await until(`${slot("A", ".play")}.getAttribute('aria-label') === 'Pause'`);
  await pause(500);
  await press("v");
  check("v changes over to B, which plays on", await until(`document.querySelector('.slot.B').classList.contains('heard') && ${slot("B", ".play")}.getAttribute('aria-label') === 'Pause'`, 5));
  const [a, b] = [await seconds("A"), await seconds("B")];
  check("at the same place", Math.abs(a - b) < 0.3 && b > 0.2, [a, b]);
  check("the scores of both are beside each other", await evaluate("getComputedStyle(document.querySelector('.value.B')).display !== 'none' && document.querySelector('.value.B').textContent !== ''"));
  await press(" ");
  await press("t");
  await press("v");
  check("each alone keeps its own place", await until("document.querySelector('.slot.A').classList.contains('heard')"));
  await press("b");
  check("b again ends it", await until("document.querySelector('.slot.B').hidden"));

  // Export.
  await press("e");
  check("e opens the export", await until("document.getElementById('exports').open"));
  await evaluate("document.querySelector('[name=which][value=view]').click()");
  await evaluate("document.querySelector('[data-kind=csv]').click()");
  const there = async (file) => { for (let i = 0; i < 100; i++) { if (readdirSync(downloads).includes(file)) return true; await pause(50); } return false; };
  check("a CSV comes", await there("takes.csv"), readdirSync(downloads));
  const rows = readFileSync(join(downloads, "takes.csv"), "utf8").trim().split("\n");
  check("with a row a take, in the list's order, marks and notes in it", rows.length === 9 && rows[1].includes("door_1.wav") && rows[1].includes("chosen") && rows[2].includes("breath at the end"), rows.slice(0, 3));

  // Help.
  await press("?");
  check("? tells the keys and what the letters mean", await until("document.getElementById('help').open && document.querySelectorAll('#help kbd').length > 20 && document.querySelectorAll('#help .badge').length === 8"));
  await press("Escape");
  await until("!document.getElementById('help').open");
  await evaluate("document.getElementById('grid').focus()");
  await press("Tab", 8);
  check("what has the focus shows it", await evaluate("document.activeElement.id !== 'grid' && (document.activeElement.matches(':focus-visible'))"), await evaluate("document.activeElement.outerHTML.slice(0, 80)"));

  // A new take.
  const before = Date.now();
  copyFileSync(join(room, "new.wav"), join(folder, ".part"));
  renameSync(join(folder, ".part"), join(folder, "door_7.wav"));
  check("a take dropped into the folder appears", await until(`${row("door_7.wav")}?.classList.contains('ready')`, 60));
  console.log(`       after ${((Date.now() - before) / 1000).toFixed(2)} s (3 s of sound)`);

  // Reload.
  await evaluate("(() => { const it = document.getElementById('mark'); it.value = 'kept'; it.dispatchEvent(new Event('change')); })()");
  await evaluate("document.getElementById('grid').focus()");
  await press("Home");
  await press("ArrowDown");
  const looked = await current(), listed = (await names()).join();
  await go(server.url);
  check("a reload keeps filter, take and marks", await until(`document.querySelectorAll('.row.ready:not([hidden])').length === 8`) && (await names()).join() === listed && (await current()) === looked && await evaluate(`${row("door_1.wav")}.classList.contains('chosen')`), [listed, await names(), looked, await current()]);

  // Restart.
  outage = true;
  const run = await evaluate("document.getElementById('grid').dataset.run");
  await server.end();
  check("the page says that the server is gone", await until("document.getElementById('notices').textContent.includes('does not answer')"));
  check("and still shows the takes", (await names()).join() === listed);
  server = await serve();
  check("and goes on once it is back", await until("!document.getElementById('notices').textContent.includes('does not answer')", 30), await evaluate("document.getElementById('notices').textContent"));
  check("and reads everything anew", await until(`document.getElementById('grid').dataset.run !== ${JSON.stringify(run)}`), run);
  check("with the marks that were made", await until(`${row("door_1.wav")}?.classList.contains('chosen') && ${row("door_1.wav")}.querySelector('.mark').textContent === '✓★★★★'`));
  outage = false;
  await evaluate("document.getElementById('grid').focus()");
  await press("End");
  const last = await current();
  await press("2");
  check("and with new ones, for which it has the new server's key", await until(`${row(last)}.querySelector('.mark').textContent === '★★'`), await evaluate("document.getElementById('notices').textContent"));
  const fresh = await (await fetch(`${server.url}takes`)).json();
  check("which the server has kept", fresh.takes.find((it) => it.name === last)?.stars === 2);

  for (const [wide, tall, mode] of [[1440, 900, "dark"], [900, 800, "light"], [390, 780, "dark"], [390, 780, "light"]]) {
    await send("Emulation.setDeviceMetricsOverride", { width: wide, height: tall, deviceScaleFactor: 1, mobile: false });
    await send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: mode }] });
    check(`${wide} pixels are enough`, await until("document.documentElement.scrollWidth <= innerWidth", 2), await evaluate("document.documentElement.scrollWidth"));
    check("the list has room", await until("document.getElementById('scroller').clientHeight >= 120", 2), await evaluate("document.getElementById('scroller').clientHeight"));
    const dark = await evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).every((it) => it < 64)");
    check(`a ${mode} page is ${mode}`, dark === (mode === "dark"));
  }
  const { host } = new URL(server.url);
  const outside = requests.filter((url) => !url.startsWith("data:") && !url.startsWith("blob:") && new URL(url).host !== host);
  check("nothing was asked of anybody but the server", outside.length === 0, outside);
  check("the console has no error", troubles.length === 0, troubles);
}

await browser.close();
await server.end();
rmSync(room, { recursive: true, force: true });
if (failures) {
  console.log(`${failures} failed`);
  process.exit(1);
}

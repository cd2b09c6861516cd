// What the contact sheet of `undersong takes` promises in a browser: node tests/browser/takes.mjs UNDERSONG TAKE.flac [FOLDER]
//
// Takes are cut from the sample with ffmpeg (louder, noisy, silent), compared with a cue sheet, and the sheet is opened from disk: it asks nothing of the
// network, plays, sorts, filters, is worked with the keyboard alone, exports the choices and keeps them over a reload. Without Chromium it says
// "skipped" and passes; with REQUIRE_BROWSER=1 that is a failure. In FOLDER, if given, the sheet stays to be looked at.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { findBrowser, openWatched } from "./chromium.mjs";

const [program, sample, kept] = process.argv.slice(2);
if (!program || !sample) {
  console.error("usage: node takes.mjs UNDERSONG TAKE.flac [FOLDER]");
  process.exit(2);
}
const name = findBrowser();
if (!name) {
  console.log("skipped: Chromium absent");
  process.exit(process.env.REQUIRE_BROWSER === "1" ? 1 : 0);
}
let failures = 0;
function check(promise, holds, seen) {
  if (!holds) failures++;
  console.log(`${holds ? "ok    " : "FAILED"} ${promise}${holds ? "" : `: ${JSON.stringify(seen)}`}`);
}

// A session of two lines and a cue without takes; one name has everything that HTML could stumble over.
const folder = kept ?? mkdtempSync(join(tmpdir(), "undersong-takes-"));
mkdirSync(join(folder, "takes"), { recursive: true });
const cut = (file, start, seconds, filter = "anull") => execFileSync("ffmpeg", [
  "-y", "-loglevel", "error", "-ss", String(start), "-t", String(seconds), "-i", sample, "-af", filter, "-bitexact", join(folder, "takes", file),
]);
cut("door_1.wav", 0.1, 2.9);
cut("door_2.wav", 2.7, 2.4);
cut("door_3.wav", 8.4, 2.4, "volume=24dB");
cut("door_4.wav", 10.7, 2.6);
cut("door_10.wav", 0.1, 2.4, "volume=-3dB");
cut("rain_1.wav", 2.7, 2.4, "volume=-6dB");
cut("rain_2.wav", 8.4, 2.4);
cut("rain_<i>'\"&_3.wav", 10.7, 2.6);
writeFileSync(join(folder, "cues.csv"), "line;text;wanted emotion;intensity\ndoor;\"Who left the door open, \"\"again\"\"?\";angry;70 %\nrain;It has stopped raining.;sad;\nsnow;Snow, at last!;happy;\n");
const run = spawnSync(resolve(program), ["takes", "takes", "--cues", "cues.csv", "--quiet", "--html", "sheet.html", "--json", "takes.json", "--hop", "0.5"], { cwd: folder, encoding: "utf8" });
check("the command names the cue without takes, and writes the rest", run.status === 1 && run.stderr.includes("line snow has no take"), run);
const compared = JSON.parse(readFileSync(join(folder, "takes.json"), "utf8"));
const door = compared.lines.find((line) => line.line === "door");

const browser = await openWatched(name);
const { evaluate, send, until, troubles, requests } = browser;
const load = async (how) => {
  const loaded = new Promise((done) => browser.on("Page.loadEventFired", done));
  await how();
  await loaded;
};
await load(() => send("Page.navigate", { url: pathToFileURL(join(resolve(folder), "sheet.html")).href }));
const codes = { " ": "Space" };
const press = async (key) => {
  for (const type of ["keyDown", "keyUp"]) await send("Input.dispatchKeyEvent", { type, key, code: codes[key] ?? (/\d/.test(key) ? `Digit${key}` : key) });
};

const row = (line) => `document.querySelector('.line-row[data-name="${line}"]')`;
const labels = (line) => `Array.from(${row(line)}.querySelectorAll('.card'), (card) => card.dataset.label)`;
const current = "document.querySelector('.card.current')?.dataset.label";
const chosen = (line) => `${row(line)}.querySelector('.card.chosen')?.dataset.label ?? null`;

// What stands there.
const lines = await evaluate("Array.from(document.querySelectorAll('.line-row'), (row) => row.dataset.name)");
check("a row a line, in the cue sheet's order", lines.slice(0, 3).join() === "door,rain,snow", lines);
const byCloseness = door.takes.map((take) => take.path.replace(/.*_(\d+)\.wav/, "take $1"));
check("its takes side by side, closest first", (await evaluate(labels("door"))).join() === byCloseness.map((it) => it.replace("take ", "")).join() || (await evaluate(labels("door"))).join() === byCloseness.join(), [await evaluate(labels("door")), byCloseness]);
check("they lie on one line", await evaluate(`new Set(Array.from(${row("door")}.querySelectorAll('.card'), (card) => card.getBoundingClientRect().top)).size === 1`));
const roles = await evaluate(`Array.from(${row("door")}.querySelectorAll('.badges li:not(.flag)'), (it) => it.className)`);
check("roles are as in the JSON", roles.join() === door.takes.flatMap((take) => take.roles).join(), roles);
check("every take has its reason", (await evaluate(`Array.from(${row("door")}.querySelectorAll('.reason'), (it) => it.textContent)`)).join("; ") === door.takes.map((take) => take.reason).join("; "));
const flags = await evaluate(`Array.from(${row("door")}.querySelectorAll('.card'), (card) => card.querySelectorAll('.badges .flag').length)`);
check("the clipped take is flagged", flags.join() === door.takes.map((take) => take.flags.length).join() && door.takes.some((take) => take.flags.includes("clipped")), flags);
check("a name full of markup is text", await evaluate("document.querySelectorAll('.card i:not(.dot):not(.cursor):not(.now)').length === 0 && document.body.innerText.includes(`<i>'\"&`)"));
check("the line without takes says so", (await evaluate(`${row("snow")}.innerText`)).includes("No take yet"));
check("the first curves are drawn", await until(`(() => { const canvas = document.querySelector('.timeline canvas'); if (canvas.width < 50) return false;
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  return data.some((value, i) => i % 4 === 3 && value > 200); })()`));
check("nothing is wider than the page", await evaluate("document.documentElement.scrollWidth <= innerWidth"));

// The keyboard: to the takes, play, on to the next while it sounds, stop.
await press("ArrowRight");
const order = await evaluate(labels("door"));
check("an arrow key goes to the first take", (await evaluate(current)) === order[0], await evaluate(current));
await press("ArrowRight");
check("another to the second", (await evaluate(current)) === order[1], await evaluate(current));
await press(" ");
const sounding = "Array.from(document.querySelectorAll('.card.playing'), (card) => card.dataset.label)";
check("space plays it", await until(`${sounding}.join() === ${JSON.stringify(order[1])} && document.querySelector('.card.current audio').currentTime > 0`), await evaluate(sounding));
await press("ArrowRight");
check("the next take goes on sounding in its place", await until(`${sounding}.join() === ${JSON.stringify(order[2])}`), await evaluate(sounding));
await press(" ");
check("space stops it", await until(`${sounding}.length === 0`), await evaluate(sounding));
await press("ArrowDown");
check("down goes to the next line", await evaluate(`${current} !== undefined && document.querySelector('.card.current').closest('.line-row').dataset.name === 'rain'`), await evaluate(current));
await press("ArrowUp");
await press("Home");
check("home to the first take", (await evaluate(current)) === order[0], await evaluate(current));

// Choosing.
await press("Enter");
check("enter chooses", (await evaluate(chosen("door"))) === order[0] && (await evaluate("document.getElementById('chosen').textContent")).startsWith("1 of "), await evaluate(chosen("door")));
await press("Enter");
check("and takes it back", (await evaluate(chosen("door"))) === null && await evaluate("document.getElementById('export').disabled"));
await press("3");
check("a number chooses the take that bears it", (await evaluate(chosen("door"))) === order[2] && (await evaluate(current)) === order[2], await evaluate(chosen("door")));
await press("2");
check("one a line", (await evaluate(chosen("door"))) === order[1] && (await evaluate("document.querySelectorAll('.card.chosen').length")) === 1);
await evaluate(`${row("rain")}.querySelectorAll('.mark')[1].click()`);
check("a click chooses, too", (await evaluate("document.getElementById('chosen').textContent")).startsWith("2 of "));

// Sorting and filter.
const sort = (id, key) => evaluate(`(() => { const by = document.getElementById('${id}'); by.value = '${key}'; by.dispatchEvent(new Event('change')); })()`);
await sort("takes-by", "counted");
check("takes as they are counted", (await evaluate(labels("door"))).map((it) => Number(it.match(/\d+/)[0])).join() === "1,2,3,4,10", await evaluate(labels("door")));
await evaluate(`${row("door")}.querySelector('.card').focus()`);
await press("1");
check("numbers go with the order", (await evaluate(chosen("door"))).match(/\d+/)[0] === "1", await evaluate(chosen("door")));
for (const key of ["safety", "difference", "arousal", "valence", "seconds"]) {
  await sort("takes-by", key);
  const values = await evaluate(`Array.from(${row("door")}.querySelectorAll('.card'), (card) => Number(card.dataset.${key}))`);
  check(`takes by ${key}`, values.every((it, i) => i === 0 || values[i - 1] >= it), values);
}
await sort("takes-by", "place");
await sort("lines-by", "open");
const open = await evaluate("Array.from(document.querySelectorAll('.line-row'), (row) => row.dataset.name)");
check("lines that are not chosen yet first", open[0] === "snow" || open.indexOf("snow") < open.indexOf("door"), open);
await sort("lines-by", "name");
check("lines by name", (await evaluate("Array.from(document.querySelectorAll('.line-row'), (row) => row.dataset.name).slice(0, 2)")).join() === "door,rain");
await sort("lines-by", "given");
await evaluate("(() => { const filter = document.getElementById('filter'); filter.value = 'STOPPED rain'; filter.dispatchEvent(new Event('input')); })()");
check("the filter keeps what matches", (await evaluate("Array.from(document.querySelectorAll('.line-row:not([hidden])'), (row) => row.dataset.name)")).join() === "rain");
await evaluate("(() => { const filter = document.getElementById('filter'); filter.value = ''; filter.dispatchEvent(new Event('input')); })()");

// A click into the curves plays from there.
await evaluate(`${row("door")}.scrollIntoView({ block: "center" })`);
await evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
const place = await evaluate(`(() => { const box = ${row("door")}.querySelector('.timeline').getBoundingClientRect(); return { x: box.left + box.width * .5, y: box.top + 15 }; })()`);
await send("Input.dispatchMouseEvent", { type: "mouseMoved", ...place });
check("scores are shown under the pointer", await until("!document.getElementById('tip').hidden && document.getElementById('tip').innerText.includes('%')"));
for (const type of ["mousePressed", "mouseReleased"]) await send("Input.dispatchMouseEvent", { type, ...place, button: "left", clickCount: 1 });
const seconds = await evaluate(`Number(${row("door")}.querySelector('.card').dataset.seconds)`);
check("a click into the curves plays from there", await until(`${row("door")}.querySelector('audio').currentTime >= ${seconds * 0.5 - 0.1}`), await evaluate(`${row("door")}.querySelector('audio').currentTime`));
await press("Escape");
check("escape stops it", await until(`${sounding}.length === 0`));

// Export.
const downloads = mkdtempSync(join(tmpdir(), "undersong-choices-"));
await send("Browser.setDownloadBehavior", { behavior: "allow", downloadPath: downloads });
await evaluate("document.getElementById('export').click()");
const file = join(downloads, "choices.csv");
for (let waited = 0; waited < 100 && !existsSync(file); waited++) await new Promise((done) => setTimeout(done, 50));
const csv = existsSync(file) ? readFileSync(file, "utf8") : "";
const rows = csv.trim().split("\n");
check("the choices go into a CSV file", rows.length === 3 && rows[0] === "line,text,wanted,intensity,take,path", csv);
check("with quotes where they must be", rows[1]?.startsWith('door,"Who left the door open, ""again""?",angry,0.7') && rows[1].endsWith("takes/door_1.wav"), rows[1]);

// Reload.
const before = await evaluate(`[${chosen("door")}, ${chosen("rain")}]`);
await load(() => send("Page.reload"));
check("the choices are there after a reload", (await evaluate(`[${chosen("door")}, ${chosen("rain")}]`)).join() === before.join() && before.every(Boolean), before);

// Narrow, dark.
await send("Emulation.setDeviceMetricsOverride", { width: 390, height: 844, deviceScaleFactor: 1, mobile: false });
await send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: "dark" }] });
check("a phone's width is enough", await until("document.documentElement.scrollWidth <= innerWidth"), await evaluate("document.documentElement.scrollWidth"));
check("a dark page is dark", await evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).every((it) => it < 64)"));

const outside = requests.filter((it) => !it.startsWith("file:") && !it.startsWith("data:") && !it.startsWith("blob:"));
check("nothing was asked of the network", outside.length === 0, outside);
check("the console has no error", troubles.length === 0, troubles);

await browser.close();
rmSync(downloads, { recursive: true, force: true });
if (!kept) rmSync(folder, { recursive: true, force: true });
console.log(failures ? `${failures} failed` : "all kept");
process.exit(failures ? 1 : 0);

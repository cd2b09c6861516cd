// Figures of the desk, printed with how they were measured: node tests/browser/desk_bench.mjs UNDERSONG TAKE [TAKES]
//
// A real Chromium over a made-up library of 5,000 takes (many_takes.py): until the page shows them, and frames while it scrolls. A three-hour take,
// made of the take over and over: until its waveform is there, the first time and afterwards. A take dropped into a watched folder: until it is on the
// page. It needs ffmpeg and python3. MODEL and ENGINE choose another model or engine.
import { spawn, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { findBrowser, openBrowser } from "./chromium.mjs";

const [undersong, take, takes = "5000"] = process.argv.slice(2);
const name = findBrowser();
if (!undersong || !take || !name) {
  console.error("usage: node desk_bench.mjs UNDERSONG TAKE [TAKES]; it needs Chromium");
  process.exit(2);
}
const here = dirname(fileURLToPath(import.meta.url)), room = mkdtempSync(join(process.env.ROOM ?? tmpdir(), "desk-bench-"));
const engine = ["--engine", process.env.ENGINE ?? "auto"];
const run = (program, ...rest) => {
  const done = spawnSync(program, rest, { stdio: ["ignore", "ignore", "inherit"] });
  if (done.status !== 0) throw new Error(`${program} ${rest.join(" ")} ended with ${done.status}`);
};
const cut = (path, from, seconds, ...rest) => run("ffmpeg", "-loglevel", "error", "-y", ...rest, "-ss", `${from}`, "-t", `${seconds}`, "-i", take, "-ac", "1", path);
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

const running = new Set();
process.on("exit", () => running.forEach((server) => server.kill("SIGKILL")));

// Processor time of a program so far, in seconds, where the system tells (Linux counts in hundredths).
function processor(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
    return (+fields[11] + +fields[12]) / 100;
  } catch {
    return NaN;
  }
}

async function serve(...rest) {
  const started = performance.now();
  const server = spawn(undersong, ["desk", ...rest, "--port", "0", ...engine], { stdio: ["ignore", "pipe", "inherit"] });
  const line = await new Promise((done) => server.stdout.once("data", (data) => done(String(data))));
  const ended = new Promise((done) => server.once("exit", done));
  running.add(server);
  server.once("exit", () => running.delete(server));
  return { pid: server.pid, url: line.trim().replace("the desk is at ", ""), ready: performance.now() - started, end: () => (server.kill("SIGINT"), ended) };
}

const few = join(room, "few"), library = join(room, "library.db");
mkdirSync(few);
[[0, 2.5], [2, 3], [4.5, 2], [6, 3.5], [9, 2.2], [11, 3]].forEach(([from, seconds], at) => cut(join(few, `${at}.wav`), from, seconds));
run(undersong, "library", "--library", library, "add", few, "--quiet", ...engine);
run("python3", join(here, "many_takes.py"), library, join(room, "many"), takes);

const browser = await openBrowser(name);
const { evaluate, send } = browser;
for (const domain of ["Page", "Runtime"]) await send(`${domain}.enable`);
await send("Emulation.setDeviceMetricsOverride", { width: 1440, height: 900, deviceScaleFactor: 1, mobile: false });
const go = async (url) => {
  const loaded = new Promise((done) => browser.on("Page.loadEventFired", done));
  await send("Page.navigate", { url });
  await loaded;
};
const until = async (expression, seconds = 120) => {
  for (let waited = 0; waited < seconds * 100; waited++) {
    if (await evaluate(expression)) return true;
    await pause(10);
  }
  throw new Error(`never: ${expression}`);
};

// Many takes: from the request of the page to the frame in which its first rows are painted, as the page's own clock tells.
let server = await serve("--library", library);
const shown = [];
for (let turn = 0; turn < 5; turn++) {
  await go(server.url);
  await until("performance.getEntriesByName('desk shown').length > 0");
  shown.push(await evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.getEntriesByName('desk shown')[0].startTime))))"));
}
const rows = await evaluate("+document.getElementById('grid').getAttribute('aria-rowcount') - 1");
console.log(`the desk listens after ${(server.ready / 1000).toFixed(2)} s (${rows.toLocaleString("en")} takes in its library)`);
console.log(`${rows.toLocaleString("en")} takes are listed ${median(shown).toFixed(0)} ms after the page was asked for (median of ${shown.length}: ${shown.map((it) => it.toFixed(0)).join(", ")})`);

// Frames while it scrolls: 12 pixels a frame's time, and 40 rows a frame's time, for four seconds each.
for (const [pixels, words] of [[12, "slowly (a row in four frames)"], [1760, "as fast as a wheel is flung (40 rows a frame)"]]) {
  const result = await evaluate(`new Promise((done) => {
    const scroller = document.getElementById("scroller"), times = [];
    scroller.scrollTop = 0;
    let start = null, last = null, work = 0;
    requestAnimationFrame(function frame(now) {
      start ??= now;
      if (last !== null) times.push(now - last);
      last = now;
      const before = performance.now();
      scroller.scrollTop = ((now - start) / 16.667 * ${pixels}) % (scroller.scrollHeight - scroller.clientHeight);
      scroller.dispatchEvent(new Event("scroll"));
      work = Math.max(work, performance.now() - before);
      if (now - start < 4000) requestAnimationFrame(frame); else done({ times, work });
    });
  })`);
  const { times, work } = result, late = times.filter((time) => time > 25).length;
  console.log(`scrolling ${words}: ${(1000 * times.length / times.reduce((a, b) => a + b, 0)).toFixed(1)} frames a second, ${late} of ${times.length} later than 25 ms; the list's own work at most ${work.toFixed(1)} ms a frame`);
}
await server.end();

// Three hours: a library that never saw its waveform, then again, and in a new program.
const long = join(room, "long");
mkdirSync(long);
run("ffmpeg", "-loglevel", "error", "-y", "-stream_loop", "-1", "-i", take, "-t", "10800", "-ac", "1", "-ar", "44100", "-c:a", "pcm_s16le", join(long, "three hours.wav"));
console.log(`three hours: ${(statSync(join(long, "three hours.wav")).size / 1e6).toFixed(0)} MB of WAV, 44.1 kHz, 16 bit, mono`);
const hours = join(room, "hours.db");
// Of a file this new a later change could not be told by its times, so that it would be read as a whole to be sure of it.
await pause(3_000);
const peaks = async (url) => {
  const [{ id }] = (await (await fetch(`${url}takes`)).json()).takes;
  const started = performance.now();
  const answer = await fetch(`${url}takes/${id}/peaks?from=0&to=10800&columns=1400`);
  const bytes = (await answer.arrayBuffer()).byteLength;
  if (bytes !== 2800) throw new Error(`${answer.status}, ${bytes} bytes`);
  return performance.now() - started;
};
if (process.env.SCAN !== "0") {
  // The whole way: the folder is opened, the take read, its waveform shown, and a model listens to three hours.
  const started = performance.now();
  server = await serve(long, "--library", hours);
  const state = async () => (await (await fetch(`${server.url}takes`)).json()).takes[0];
  let waveform = null, done = null;
  while (done === null) {
    const it = await state();
    if (waveform === null && it?.seconds) {
      await peaks(server.url);
      waveform = performance.now() - started;
    }
    if (it?.state === "failed") throw new Error(it.error);
    if (it?.state === "ready") done = performance.now() - started;
    await pause(50);
  }
  console.log(`first opened: its waveform is there after ${(waveform / 1000).toFixed(2)} s, its scan ends after ${(done / 1000).toFixed(0)} s; ${(await peaks(server.url)).toFixed(0)} ms once more`);
  await server.end();
} else {
  run(undersong, "library", "--library", hours, "add", long, "--quiet", "--hop", "30", ...engine);
}
rmSync(join(room, "hours.waveforms.db"), { force: true });
server = await serve("--library", hours);
const idle = processor(server.pid), first = await peaks(server.url), worked = processor(server.pid) - idle, second = await peaks(server.url);
await server.end();
server = await serve("--library", hours);
const third = await peaks(server.url);
await server.end();
console.log(`scanned before, waveform never gathered: ${(first / 1000).toFixed(2)} s (${worked.toFixed(2)} s of the processor), then ${second.toFixed(0)} ms; in a new program ${third.toFixed(0)} ms`);

// A new take, three seconds long, in a watched folder: from the moment at which it has its name to its scores on the page.
cut(join(room, "new.wav"), 3, 3);
server = await serve(few, "--library", join(room, "watched.db"));
await go(server.url);
await until("document.querySelectorAll('.row.ready:not([hidden])').length === 6", 60);
const arrivals = [];
for (let turn = 0; turn < 5; turn++) {
  copyFileSync(join(room, "new.wav"), join(few, ".part"));
  // Another sound each time, or it would be known.
  cut(join(room, "new.wav"), 3 + turn * 0.7, 3);
  const started = performance.now();
  renameSync(join(few, ".part"), join(few, `new ${turn}.wav`));
  await until(`Array.from(document.querySelectorAll('.row.ready:not([hidden])')).some((row) => row.querySelector('.name b').textContent === 'new ${turn}.wav')`);
  arrivals.push((performance.now() - started) / 1000);
}
console.log(`a new take of 3 s is on the page, with its scores, ${median(arrivals).toFixed(2)} s after it was dropped in (median of ${arrivals.map((it) => it.toFixed(2)).join(", ")}; the goal is 3 / 50 + 2 = 2.06 s)`);
await server.end();
await browser.close();
rmSync(room, { recursive: true, force: true });

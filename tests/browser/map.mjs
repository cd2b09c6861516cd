// What the page of a map promises in a browser: node tests/browser/map.mjs UNDERSONG TAKE
//
// The command maps a recording of two channels made of the take (with ffmpeg). The page then opens from disk, asks nothing of the network, draws a
// lane a speaker, plays from a section, a highlight and a minute with one cursor over all lanes, and stops where a highlight ends. Without Chromium it says
// "skipped" and passes; with REQUIRE_BROWSER=1 that is a failure.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { findBrowser, openWatched } from "./chromium.mjs";

const [undersong, take] = process.argv.slice(2);
if (!undersong || !take) {
  console.error("usage: node map.mjs UNDERSONG TAKE");
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

// Ann says the take's first half again and again, then its second; Ben answers in between.
const folder = mkdtempSync(join(tmpdir(), "undersong-map-"));
const run = (program, ...args) => {
  const { status, stderr } = spawnSync(program, args, { cwd: folder, encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${stderr}`);
};
run("ffmpeg", "-v", "error", "-i", resolve(take), "-filter_complex",
  "[0]asplit=3[a][b][c];[a]atrim=0.2:2.9,asetpts=N/SR/TB,apad=whole_dur=8,aloop=5:size=176400[calm];[b]atrim=8.8:11,asetpts=N/SR/TB,apad=whole_dur=8,aloop=5:size=176400[loud];" +
  "[calm][loud]concat=n=2:v=0:a=1[ann];[c]atrim=3:5.4,asetpts=N/SR/TB,adelay=4000,apad=whole_dur=8,aloop=11:size=176400[ben];[ann][ben]join=inputs=2:channel_layout=stereo[out]",
  "-map", "[out]", "-ar", "22050", "talk.wav");
run(resolve(undersong), "map", "talk.wav", "--channels", "split", "--names", "Ann,Ben & <Co>", "--min-section", "20", "--change", "0.3", "--html", "map.html", "--quiet");

const browser = await openWatched(name);
const { evaluate, send, until, troubles, requests } = browser;
const loaded = new Promise((done) => browser.on("Page.loadEventFired", done));
await send("Page.navigate", { url: pathToFileURL(join(folder, "map.html")).href });
await loaded;

const seconds = await evaluate("Number(document.querySelector('.whole').dataset.seconds)");
check("the recording has its length", Math.abs(seconds - 96) < 0.2, seconds);
const names = await evaluate("Array.from(document.querySelectorAll('tbody.take'), (body) => body.dataset.name)");
check("each speaker has a lane, under any name", JSON.stringify(names) === JSON.stringify(["Ann", "Ben & <Co>"]), names);
await until("document.querySelector('.timeline canvas').width > 300");
const painted = await evaluate(`Array.from(document.querySelectorAll(".timeline canvas"), (canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const colours = new Set(); for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 200) colours.add(data.slice(i, i + 3).join());
  return colours.size; })`);
check("every lane is drawn in several colours", painted.length === 2 && painted.every((it) => it >= 3), painted);
const sections = await evaluate("Array.from(document.querySelectorAll('.strip:not(.marks) button'), (it) => [+it.dataset.from, +it.dataset.to])");
check("sections tile the strip", sections.length >= 2 && sections[0][0] === 0 && Math.abs(sections.at(-1)[1] - seconds) < 0.01
  && sections.every(([from], i) => i === 0 || from === sections[i - 1][1]), sections);
check("there are highlights", await evaluate("document.querySelectorAll('.marks button').length > 0"));
check("there is a row a minute", await evaluate("document.querySelectorAll('.minutes tbody tr').length === 2"));

// Playing: from a section, with one cursor over all lanes.
const playing = "Array.from(document.querySelectorAll('audio')).filter((it) => !it.paused).length";
const clock = "document.getElementById('clock').textContent";
await evaluate("document.querySelectorAll('.strip:not(.marks) button')[1].click()");
check("a section plays from its start", await until(`${playing} === 1 && Array.from(document.querySelectorAll('audio')).some((it) => !it.paused && Math.abs(it.currentTime - ${sections[1][0]}) < 3 && it.currentTime > ${sections[1][0]})`));
const lefts = "Array.from(document.querySelectorAll('.strip .now, .timeline .now'), (it) => it.hidden ? -1 : it.getBoundingClientRect().left)";
const [first, then] = [await evaluate(lefts), (await new Promise((done) => setTimeout(done, 700)), await evaluate(lefts))];
check("one cursor moves over the strip and every lane", then.length === 3 && then.every((it, i) => it > first[i]) && Math.max(...then) - Math.min(...then) < 6, [first, then]);
check("what is heard is marked", await evaluate("document.querySelectorAll('.strip:not(.marks) button')[1].classList.contains('here')"));
await evaluate("document.getElementById('play').click()");
check("the button pauses", await until(`${playing} === 0`));
const paused = await evaluate(clock);
await evaluate("document.getElementById('play').click()");
check("and goes on from there", await until(`${playing} === 1`) && (await evaluate(clock)) >= paused, paused);
await evaluate("document.getElementById('play').click()");
await until(`${playing} === 0`);

// A highlight is heard from cut to cut.
const cut = await evaluate("(() => { const it = document.querySelector('.marks button'); return [+it.dataset.from, +it.dataset.to]; })()");
await evaluate("for (const it of document.querySelectorAll('audio')) it.playbackRate = it.defaultPlaybackRate = 8; document.querySelector('.marks button').click()");
await until(`${playing} === 1`);
await until(`${playing} === 0`, 10);
const ended = await evaluate("Math.max(...Array.from(document.querySelectorAll('audio'), (it) => it.currentTime))");
check("a highlight stops at its cut", Math.abs(ended - cut[1]) < 1.5, [cut, ended]);

await evaluate("document.querySelector('tbody.take .play').click()");
check("a speaker's track plays alone", await until(`${playing} === 1 && document.querySelector('tbody.take').classList.contains('playing')`));
await evaluate("document.querySelector('tbody.take .play').click()");
await evaluate("document.querySelector('.open').click()");
check("a lane opens to its details", await until("!document.querySelector('.more').hidden && document.querySelectorAll('.more .bars .rail').length > 1"));
await evaluate("document.querySelector('.open').click(); document.querySelector('.legend button').click()");
check("the legend shows one emotion alone", await evaluate("document.querySelector('.legend button').getAttribute('aria-pressed') === 'true'"));
check("everything that plays can be reached with the keyboard", await evaluate("Array.from(document.querySelectorAll('[data-from]')).every((it) => it.tagName === 'BUTTON' && it.tabIndex === 0)"));

for (const width of [1280, 480, 360]) {
  await send("Emulation.setDeviceMetricsOverride", { width, height: 900, deviceScaleFactor: 1, mobile: false });
  check(`${width} pixels are enough`, await until("document.documentElement.scrollWidth <= innerWidth"), await evaluate("document.documentElement.scrollWidth"));
}
await send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: "dark" }] });
check("a dark page is dark", await evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).every((it) => it < 64)"));
const outside = requests.filter((it) => !it.startsWith("file:") && !it.startsWith("data:"));
check("nothing was asked of the network", outside.length === 0, outside);
check("the console has no error", troubles.length === 0, troubles);

await browser.close();
rmSync(folder, { recursive: true, force: true });
console.log(failures ? `${failures} failed` : "all kept");
process.exit(failures ? 1 : 0);

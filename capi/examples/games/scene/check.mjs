// Checks the scene on a real take: node check.mjs UNDERSONG [SCREENSHOT.png]. UNDERSONG is the command; ffmpeg plays cli/samples/take.flac in real time.
// Without Chromium the page is skipped by name, unless REQUIRE_BROWSER is set.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { readFileSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { fileURLToPath } from "node:url";

import { findBrowser, openBrowser } from "../../../../tests/browser/chromium.mjs";
import { COLOURS, EMOTIONS, light, music, nothing, take } from "./mood.mjs";
import { messages } from "./osc.mjs";

const [undersong, screenshot] = process.argv.slice(2);
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const SECONDS = 8;

// What is no packet, or holds numbers that are none, changes nothing.
assert.deepEqual(messages(Buffer.from("#bundle\0")), []);
for (let turn = 0; turn < 2000; turn++) messages(Buffer.from(Array.from({ length: turn % 90 }, () => Math.floor(Math.random() * 256))));
const still = nothing();
take(still, "/undersong/scores", [NaN, 0, 0, 0, 0, 0, 0, 0]);
take(still, "/undersong/scores", [1]);
take(still, "/undersong/affect", [Infinity, 0]);
take(still, "/undersong/label", [1, "happy"]);
assert.deepEqual(still, nothing());

// The colours are those of the report.
const palette = readFileSync(here("../../../../core/src/timeline/colours.rs"), "utf8").replaceAll("_", "");
for (const name of EMOTIONS.slice(1)) {
  assert.match(palette, new RegExp(`"${name}", 0x${COLOURS[name].toString(16).padStart(6, "0")}`, "i"));
}

// Happy is yellow, bright and major; sad is blue and minor; who speaks is lit.
const of = (name, valence, arousal, speaking = true) => ({ ...nothing(), scores: EMOTIONS.map((each) => Number(each === name)), valence, arousal, speaking });
const [happy, sad] = [of("happy", 0.81, 0.51), of("sad", -0.63, -0.27)];
assert.ok(light(happy).red > 200 && light(happy).blue < 100 && light(sad).blue > light(sad).red);
assert.ok(light(happy).brightness > light({ ...happy, speaking: false }).brightness);
assert.ok(music(happy).major && !music(sad).major && music(happy).beats_per_minute > music(sad).beats_per_minute);

const server = spawn(process.execPath, [here("scene.mjs"), "--osc", "0", "--http", "0"], { stdio: ["ignore", "pipe", "inherit"] });
let browser;
try {
  const [osc, page] = await new Promise((done) => {
    let said = "";
    server.stdout.on("data", (text) => {
      said += text;
      const found = said.match(/osc (\d+)\npage (\S+)/);
      if (found) done([found[1], found[2]]);
    });
  });

  // A packet of noise first: the server lives on.
  const noise = createSocket("udp4");
  noise.send(Buffer.from("#bundle\0nonsense here!!"), Number(osc), "127.0.0.1");

  const states = [];
  get(`${page}events`, (response) => {
    let rest = "";
    response.on("data", (text) => {
      const parts = (rest + text).split("\n\n");
      rest = parts.pop();
      for (const part of parts) states.push(JSON.parse(part.slice("data: ".length)));
    });
    response.on("error", () => {});
  }).on("error", () => {});

  const name = findBrowser();
  if (name) {
    browser = await openBrowser(name);
    await browser.send("Page.enable");
    await browser.send("Emulation.setDeviceMetricsOverride", { width: 1280, height: 720, deviceScaleFactor: 1, mobile: false });
    const errors = [];
    await browser.send("Runtime.enable");
    browser.on("Runtime.exceptionThrown", ({ exceptionDetails }) => errors.push(exceptionDetails.text));
    const loaded = new Promise((done) => browser.on("Page.loadEventFired", done));
    await browser.send("Page.navigate", { url: page });
    await loaded;
    await browser.evaluate("document.querySelector('button').click()");
    browser.errors = errors;
  } else if (process.env.REQUIRE_BROWSER) {
    throw new Error("Chromium is missing; .ci/test installs it");
  } else {
    console.log("skipped: the page, because Chromium is not installed");
  }

  // As the README has it, in real time.
  const sound = spawn("ffmpeg", ["-v", "error", "-re", "-i", here("../../../../cli/samples/take.flac"), "-t", String(SECONDS), "-f", "s16le", "-ar", "16000", "-ac", "1", "-"], { stdio: ["ignore", "pipe", "inherit"] });
  const stream = spawn(undersong, ["stream", "--osc", osc], { stdio: ["pipe", "pipe", "inherit"] });
  sound.stdout.pipe(stream.stdin);
  let lines = "";
  stream.stdout.on("data", (text) => { lines += text; });
  const ended = new Promise((done) => stream.on("exit", done));

  let picture, seen;
  if (browser) {
    // In the middle of the voice, once the light has followed.
    for (let turn = 0; turn < 200 && !seen; turn++) {
      await pause(50);
      const scene = await browser.evaluate("({ heard: scene.heard(), shown: { ...scene.shown }, player: scene.player() })");
      if (scene.heard.updates > 14 && scene.heard.speaking && scene.heard.label) {
        seen = scene;
        ({ data: picture } = await browser.send("Page.captureScreenshot", { format: "png" }));
      }
    }
    assert.ok(seen, "the page hears the voice");
    if (screenshot) writeFileSync(screenshot, Buffer.from(picture, "base64"));
    const text = await browser.evaluate("document.querySelector('h1').textContent");
    assert.ok(EMOTIONS.includes(text) || text === "unsure", text);
    const want = light(seen.heard);
    assert.ok(seen.shown.brightness > 0.5, `the lamp is lit: ${seen.shown.brightness}`);
    assert.ok(seen.player.state === "running" && seen.player.notes > 3 && seen.player.filter_hz > 100, JSON.stringify(seen.player));
    // What is painted at the lamp is light, and of its colour more than the sky's.
    const pixel = await browser.evaluate("Array.from(document.querySelector('canvas').getContext('2d').getImageData(640, Math.round(720 * 0.58 * 0.62), 1, 1).data)");
    assert.ok(Math.max(...pixel.slice(0, 3)) > 150, `${pixel} for ${JSON.stringify(want)}`);
    assert.deepEqual(browser.errors, []);
  }
  assert.equal(await ended, 0);
  await pause(200);

  const told = lines.trim().split("\n").map((line) => JSON.parse(line)).filter(({ type }) => type === "emotion.update");
  const last = states.at(-1);
  assert.ok(last.updates >= told.length - 1 && told.length > 20, `${last.updates} of ${told.length} updates`);
  assert.ok(states.some((state) => state.speaking) && states.some((state) => !state.speaking));
  const labels = new Set(states.map((state) => state.label));
  assert.ok(labels.size >= 3, `labels: ${[...labels]}`);
  for (const state of states) {
    assert.ok(state.scores.every((score) => score >= 0 && score <= 1));
    assert.deepEqual(state.light, light(state));
    assert.deepEqual(state.music, music(state));
  }
  // The light follows the scores: its colour moved with them.
  const reds = states.filter((state) => state.updates > 4).map((state) => state.light.red);
  assert.ok(Math.max(...reds) - Math.min(...reds) > 40, `red from ${Math.min(...reds)} to ${Math.max(...reds)}`);
  console.log(`scene: ${last.updates} updates, ${labels.size} labels${browser ? ", page seen and heard" : ""}`);
} finally {
  if (browser) await browser.close();
  server.kill();
}
process.exit(0);

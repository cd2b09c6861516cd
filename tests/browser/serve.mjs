// What the page of `undersong serve` promises in a browser: node tests/browser/serve.mjs UNDERSONG TAKE [OUT.png [light|dark [WIDTH HEIGHT]]]
//
// A real Chromium with a fake microphone that plays the take: the page listens, shows eight scores that are the stream's, says when it is unsure and
// when there is no voice, asks nothing of the network but its server, writes no error to the console, and says what is wrong when something is.
// With OUT.png it takes a picture instead. It needs ffmpeg; without Chromium it says "skipped" and passes, which with REQUIRE_BROWSER=1 is a failure.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findBrowser, openBrowser } from "./chromium.mjs";

const [undersong, take, picture, scheme = "light", width = "1120", height = "1000"] = process.argv.slice(2);
if (!undersong || !take) {
  console.error("usage: node serve.mjs UNDERSONG TAKE [OUT.png [light|dark [WIDTH HEIGHT]]]");
  process.exit(2);
}
const name = findBrowser();
if (!name) {
  console.log("skipped: Chromium absent");
  process.exit(process.env.REQUIRE_BROWSER === "1" ? 1 : 0);
}
const room = mkdtempSync(join(tmpdir(), "undersong-serve-"));
const sound = join(room, "microphone.wav");
// Three seconds of silence after it: the fake microphone plays it over and over.
const made = spawnSync("ffmpeg", ["-loglevel", "error", "-i", take, "-af", "apad=pad_dur=3", "-ar", "48000", "-ac", "1", sound], { stdio: ["ignore", "inherit", "inherit"] });
if (made.status !== 0) {
  console.error("ffmpeg could not make the microphone's sound");
  process.exit(1);
}

async function serve(...options) {
  const server = spawn(undersong, ["serve", "--listen", "0", "--engine", "builtin", ...options], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await new Promise((done) => server.stdout.once("data", (data) => done([String(data)])));
  const ended = new Promise((done) => server.once("exit", done));
  return { url: line.trim().replace("listening on ", ""), end: () => (server.kill("SIGTERM"), ended) };
}

let failures = 0;
function check(promise, holds, seen) {
  if (!holds) failures++;
  console.log(`${holds ? "ok    " : "FAILED"} ${promise}${holds ? "" : `: ${JSON.stringify(seen)}`}`);
}
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

const server = await serve();
const browser = await openBrowser(name, ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", `--use-file-for-fake-audio-capture=${sound}`]);
const { evaluate, send } = browser;
const until = async (expression, seconds = 30) => {
  for (let waited = 0; waited < seconds * 20; waited++) {
    if (await evaluate(expression)) return true;
    await pause(50);
  }
  return false;
};
const text = (id) => evaluate(`document.getElementById("${id}").innerText`);
const go = async (url) => {
  const loaded = new Promise((done) => browser.on("Page.loadEventFired", done));
  await send("Page.navigate", { url });
  await loaded;
  await until("document.querySelectorAll('#bars li').length > 0");
};

const troubles = [], requests = [], events = [];
browser.on("Runtime.exceptionThrown", (it) => troubles.push(it.exceptionDetails.exception?.description ?? it.exceptionDetails.text));
browser.on("Runtime.consoleAPICalled", (it) => { if (it.type === "error") troubles.push(JSON.stringify(it.args)); });
browser.on("Log.entryAdded", ({ entry }) => { if (entry.level === "error") troubles.push(`${entry.text} ${entry.url ?? ""}`); });
browser.on("Network.requestWillBeSent", ({ request }) => requests.push(request.url));
browser.on("Network.webSocketCreated", ({ url }) => requests.push(url));
browser.on("Network.webSocketFrameReceived", ({ response }) => { if (response.opcode === 1) events.push(JSON.parse(response.payloadData)); });
for (const domain of ["Page", "Runtime", "Log", "Network"]) await send(`${domain}.enable`);
await send("Emulation.setDeviceMetricsOverride", { width: +width, height: +height, deviceScaleFactor: 1, mobile: false });
await send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: scheme }] });
await go(server.url);

if (picture) {
  await evaluate("document.getElementById('listen').click()");
  // Almost a minute's curves, and a moment at which it is sure.
  await pause(+(process.env.SECONDS ?? 50) * 1000);
  const whole = await evaluate("document.documentElement.scrollHeight");
  await send("Emulation.setDeviceMetricsOverride", { width: +width, height: whole, deviceScaleFactor: 1, mobile: false });
  const sure = "document.body.className === '' && !document.getElementById('here').hasAttribute('hidden')";
  do {
    await until(sure);
    await pause(150);
  } while (!(await evaluate(sure)));
  const { data } = await send("Page.captureScreenshot", { format: "png" });
  writeFileSync(picture, Buffer.from(data, "base64"));
} else {
  const labels = await evaluate("Array.from(document.querySelectorAll('#bars li'), (item) => item.firstChild.textContent)");
  check("eight emotions are named", labels.length === 8 && new Set(labels).size === 8, labels);
  const colours = await evaluate("Array.from(document.querySelectorAll('#bars i'), (bar) => getComputedStyle(bar).backgroundColor)");
  check("each has its own colour", new Set(colours).size === 8, colours);
  check("before it listens there are no scores", (await text("valence")) === "–");

  await evaluate("document.getElementById('listen').click()");
  check("the microphone is heard", await until("+document.getElementById('level').getAttribute('aria-valuenow') > -50"), await text("notice"));
  check("a voice has scores", await until("!document.getElementById('lead').hidden"), await text("state"));
  const ready = events.find((event) => event.type === "ready");
  check("the stream is at the microphone's rate, in floats", ready?.format === "f32le" && ready.rate_hz >= 8000, ready);
  // The bars are those of the last update that came.
  const shown = await evaluate(`({ values: Array.from(document.querySelectorAll("#bars .value"), (it) => it.textContent), lead: document.querySelector("#lead b").textContent, state: document.getElementById("state").textContent })`);
  const same = (event) => event.scores && labels.every((label, index) => `${Math.round(event.scores[label] * 100)} %` === shown.values[index]);
  const of = events.filter((event) => event.type === "emotion.update").find(same);
  check("the bars are an update's scores", of, shown);
  check("its label leads, and it says how sure", of && of.label === shown.lead && shown.state.includes(of.unsure ? "unsure" : "sure"), shown);
  check("valence and arousal are numbers, and a point", /^[+−][01]\.\d\d$/.test(await text("valence")) && await evaluate("!document.getElementById('here').hasAttribute('hidden')"), await text("valence"));
  check("each time somebody spoke is listed", await until("document.querySelectorAll('#said li').length > 0"));
  check("without voice it says so and has no scores", await until("document.getElementById('state').textContent === 'No voice.' && document.querySelector('#bars .value').textContent === '–'"), await text("state"));
  const painted = await evaluate(`(() => { const canvas = document.getElementById("past"); const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const colours = new Set(); for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 200) colours.add(data.slice(i, i + 3).join()); return colours.size; })()`);
  check("the last minute is drawn in several colours", painted >= 5, painted);
  check("no sound was left out", (await text("notice")) === "" && !events.some((event) => event.type === "warning"), await text("notice"));

  await evaluate("document.getElementById('listen').click()");
  check("it stops", await until("document.getElementById('listen').textContent === 'Listen' && document.getElementById('lead').hidden"));
  await evaluate("document.getElementById('listen').click()");
  check("and listens again", await until("!document.getElementById('lead').hidden"));

  for (const [wide, mode] of [[1120, "dark"], [420, "light"]]) {
    await send("Emulation.setDeviceMetricsOverride", { width: wide, height: 900, deviceScaleFactor: 1, mobile: false });
    await send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: mode }] });
    check(`${wide} pixels are enough`, await until("document.documentElement.scrollWidth <= innerWidth", 2), await evaluate("document.documentElement.scrollWidth"));
    const dark = await evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).every((it) => it < 64)");
    check(`a ${mode} page is ${mode}`, dark === (mode === "dark"));
  }
  const { host } = new URL(server.url);
  const outside = requests.filter((url) => !url.startsWith("data:") && new URL(url).host !== host);
  check("nothing was asked of anybody but the server", outside.length === 0, outside);
  check("the console has no error", troubles.length === 0, troubles);

  // A page of somebody else, in the same browser: the server of another port.
  const other = await serve();
  const opened = await evaluate(`new Promise((done) => { const socket = new WebSocket(${JSON.stringify(other.url.replace("http", "ws"))} + "stream"); socket.onopen = () => done("open"); socket.onerror = () => done("refused"); })`);
  check("a page of another origin opens no stream", opened === "refused", opened);
  await other.end();

  await server.end();
  check("when the server ends, the page says so", await until("document.getElementById('notice').innerText.includes('the server ends') && document.getElementById('listen').textContent === 'Listen'"), await text("notice"));

  // With a token, the page's address holds it.
  const closed = await serve("--token", "0123456789abcdef");
  await go(closed.url);
  await evaluate("document.getElementById('listen').click()");
  check("without the token it says what may be wrong", await until("document.getElementById('notice').innerText.includes('token')"), await text("notice"));
  await go(`${closed.url}?token=0123456789abcdef`);
  await evaluate("document.getElementById('listen').click()");
  check("with it, it listens", await until("!document.getElementById('lead').hidden"), await text("notice"));
  await closed.end();
}
await browser.close();
await server.end();
rmSync(room, { recursive: true, force: true });
if (!picture) console.log(failures ? `${failures} failed` : "all kept");
process.exit(failures ? 1 : 0);

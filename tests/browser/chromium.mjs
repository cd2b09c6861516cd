// A headless Chromium over its own pipe (--remote-debugging-pipe), with Node alone: no package to install.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// The browser to use: CHROMIUM if set, else the first known name on the path; undefined if there is none.
export function findBrowser() {
  const names = process.env.CHROMIUM ? [process.env.CHROMIUM] : ["chromium", "chromium-browser", "google-chrome", "chrome"];
  return names.find((name) => spawnSync(name, ["--version"], { stdio: "ignore" }).status === 0);
}

// Starts it and opens an empty page. `send(method, parameters)` speaks the DevTools protocol to that page, `on(method, listener)`
// listens, `evaluate(expression)` gives a script's value, `close()` ends it. `further` are arguments of the browser.
export async function openBrowser(name, further = []) {
  const profile = mkdtempSync(join(tmpdir(), "undersong-browser-"));
  const browser = spawn(name, [
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--no-default-browser-check", "--disable-background-networking",
    "--disable-component-update", "--disable-default-apps", "--disable-sync", "--mute-audio", "--autoplay-policy=no-user-gesture-required",
    "--remote-debugging-pipe", `--user-data-dir=${profile}`, ...further, "about:blank",
  ], { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
  const [, , , input, output] = browser.stdio;
  const waiting = new Map();
  const listeners = [];
  let last = 0, rest = "";
  const ended = new Promise((resolve) => browser.once("exit", resolve));
  browser.once("exit", () => {
    for (const { reject } of waiting.values()) reject(new Error("the browser ended"));
  });
  output.setEncoding("utf8");
  output.on("data", (text) => {
    const parts = (rest + text).split("\0");
    rest = parts.pop();
    for (const part of parts) {
      const message = JSON.parse(part);
      const call = waiting.get(message.id);
      if (call) {
        waiting.delete(message.id);
        if (message.error) call.reject(new Error(message.error.message)); else call.resolve(message.result);
      } else {
        for (const [method, listener] of listeners) if (method === message.method) listener(message.params);
      }
    }
  });
  const raw = (method, params, sessionId) => new Promise((resolve, reject) => {
    const id = ++last;
    waiting.set(id, { resolve, reject });
    input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
  });
  const { targetInfos } = await raw("Target.getTargets", {});
  const { targetId } = targetInfos.find((target) => target.type === "page");
  const { sessionId } = await raw("Target.attachToTarget", { targetId, flatten: true });
  const send = (method, params = {}) => raw(method, params, sessionId);
  return {
    send,
    on: (method, listener) => listeners.push([method, listener]),
    async evaluate(expression) {
      const { result, exceptionDetails } = await send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
      if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
      return result.value;
    },
    async close() {
      await raw("Browser.close", {}).catch(() => {});
      await ended;
      rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}

// A browser for a test of a page: `troubles` holds every error that the page or the browser tells of, `requests` what it asks the network for, and
// `until(expression)` waits for a script's value to be true.
export async function openWatched(name, further = []) {
  const browser = await openBrowser(name, further);
  const { evaluate, on, send } = browser;
  const troubles = [], requests = [];
  on("Runtime.exceptionThrown", (it) => troubles.push(it.exceptionDetails.exception?.description ?? it.exceptionDetails.text));
  on("Runtime.consoleAPICalled", (it) => { if (it.type === "error") troubles.push(JSON.stringify(it.args)); });
  on("Log.entryAdded", ({ entry }) => { if (entry.level === "error") troubles.push(`${entry.text} ${entry.url ?? ""}`); });
  on("Network.requestWillBeSent", ({ request }) => requests.push(request.url.slice(0, 200)));
  for (const domain of ["Page", "Runtime", "Log", "Network"]) await send(`${domain}.enable`);
  await send("Emulation.setDeviceMetricsOverride", { width: 1280, height: 900, deviceScaleFactor: 1, mobile: false });
  const until = async (expression, seconds = 5) => {
    for (let waited = 0; waited < seconds * 20; waited++) {
      if (await evaluate(expression)) return true;
      await new Promise((done) => setTimeout(done, 50));
    }
    return false;
  };
  return { ...browser, until, troubles, requests };
}

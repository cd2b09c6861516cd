// The desk: takes heard, compared, marked, as they come.
import * as exports from "./exports.js";
import * as filters from "./filters.js";
import * as keys from "./keys.js";
import * as list from "./list.js";
import { complain } from "./marks.js";
import { desk, load, on, tell, update } from "./model.js";
import { forgetStrip, readColours } from "./picture.js";
import * as stage from "./stage.js";
import { by, make } from "./words.js";

readColours();
filters.begin();
list.begin();
stage.begin();
exports.begin();
keys.begin();

on("loaded", (first) => {
  const { about } = desk;
  by("opened").textContent = about.opened;
  by("opened").title = about.opened;
  by("grid").dataset.run = about.started;
  document.title = `${about.opened.split(/[/\\]/).filter(Boolean).pop() ?? "takes"} – Undersong`;
  if (first) by("grid").focus({ preventScroll: true });
  else list.repaint();
});
on("view", () => {
  if (!shown) {
    shown = true;
    stage.lay();
    list.show();
    performance.mark("desk shown");
  }
});
let shown = false;
on("restarted", () => { shown = false; });

on("notices", (lines) => {
  const box = by("notices");
  for (const old of box.querySelectorAll(".lasting")) old.remove();
  box.prepend(...lines.map((line) => make("p", "notice lasting", line)));
});
on("progress", ({ done, all }) => {
  const { watching } = desk.about;
  by("work").textContent = all ? `scanning, ${done} of ${all}` : watching ? "watching" : "";
  by("work").classList.toggle("busy", all > 0);
});
on("take", ({ id, state }) => {
  if (state !== "ready") forgetStrip(id);
});
on("wave", (id) => {
  forgetStrip(id);
  list.refresh();
});

// The news, in the order of their numbers. Those that come while everything is read wait until it is known which of them are in it.
let early = [], greeted = false;
function take(news) {
  if (news.n <= desk.told) return;
  desk.told = news.n;
  if (news.type === "take") {
    forgetStrip(news.take.id);
    update(news.take);
  } else if (news.type === "wave") tell("wave", news.id);
  else if (news.type === "progress") tell("progress", news);
  else if (news.type === "notices") tell("notices", news.lines);
}
let events = null;
function listen() {
  if (document.hidden || events) return;
  const mine = events = new EventSource("/events");
  events.addEventListener("open", () => tell("connection", true));
  events.addEventListener("error", () => {
    tell("connection", false);
    // A server that answers otherwise than it should ends the browser's own attempts.
    if (mine.readyState === EventSource.CLOSED && events === mine) {
      events = null;
      setTimeout(listen, 2_000);
    }
  });
  events.addEventListener("message", ({ data }) => {
    const news = JSON.parse(data);
    if (news.type === "hello") {
      // Something was missed, or this is another server; the first time, what is being read anyway tells.
      if (greeted || news.n > desk.told) reload();
      greeted = true;
    } else if (news.type === "again") reload();
    else if (early) early.push(news);
    else take(news);
  });
}
// A browser keeps six connections to a server, and news take one: windows that nobody sees leave theirs to the others, and read all again once seen.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    events?.close();
    events = null;
  } else {
    listen();
  }
});
let lost = null;
on("connection", (there) => {
  if (there) {
    lost?.remove();
    lost = null;
  } else if (!lost) {
    lost = make("p", "notice", "The server does not answer. What you see stays; start `undersong desk` again to go on.");
    by("notices").append(lost);
  }
});

let reading = null;
function reload() {
  early ??= [];
  // Asked for while one is under way: once more after it, since what it reads may be older.
  reading = (reading ?? Promise.resolve()).then(read);
  return reading;
}
async function read() {
  try {
    await load();
    const waiting = early;
    early = null;
    waiting.forEach(take);
    stage.lay();
    list.show();
  } catch (error) {
    complain(error.message);
  }
}

const dark = matchMedia("(prefers-color-scheme: dark)");
dark.addEventListener("change", () => {
  readColours();
  tell("colours");
  list.repaint();
});

await reload();
listen();

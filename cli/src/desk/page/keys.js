// Everything by the keyboard, and what the keys are.
import { clear, open as openRanges, toggleEmotion } from "./filters.js";
import { page, sortNext } from "./list.js";
import { setMark, say, star } from "./marks.js";
import { desk, step } from "./model.js";
import { at, changeOver, compared, play, player, seek, setTogether, toggle } from "./player.js";
import { compare, exchange, heardSlot, heardTake, jump, zoom } from "./stage.js";
import { badge, by, button, make } from "./words.js";

const move = (seconds) => seek(at(player.heard) + seconds);
const KEYS = [
  ["Takes", [
    [["↓", "j"], "next take", ["ArrowDown", "j"], () => step(1)],
    [["↑", "k"], "take before", ["ArrowUp", "k"], () => step(-1)],
    [["Page ↓", "Page ↑"], "a page of them", ["PageDown"], () => step(page())],
    [null, "", ["PageUp"], () => step(-page())],
    [["Home", "End"], "first, last", ["Home"], () => step(-desk.view.length)],
    [null, "", ["End"], () => step(desk.view.length)],
    [["o"], "sort by the next column", ["o"], () => say(`sorted by ${sortNext()}`)],
  ]],
  ["Listen", [
    [["space"], "play, pause", [" "], toggle],
    [["Enter"], "play from the start", ["Enter"], () => { seek(0); play(); }],
    [["←", "→"], "a second back, on (with shift: 0.1 s)", ["ArrowLeft"], (shift) => move(shift ? -0.1 : -1)],
    [null, "", ["ArrowRight"], (shift) => move(shift ? 0.1 : 1)],
    [["[", "]"], "to the change of emotion before, after", ["["], () => jump(false)],
    [null, "", ["]"], () => jump(true)],
    [["+", "−"], "zoom (also ctrl and the wheel)", ["+", "="], () => zoom(0.5)],
    [null, "", ["-", "−"], () => zoom(2)],
  ]],
  ["Compare", [
    [["b"], "keep this take as B and compare; again: stop", ["b"], compare],
    [["v"], "change over to the other, at the same place", ["v"], () => changeOver()],
    [["t"], "both together, or each alone", ["t"], () => {
      if (!compared()) return;
      setTogether(!player.together);
      say(player.together ? "both run together" : "each runs alone");
    }],
    [["w"], "exchange A and B", ["w"], exchange],
  ]],
  ["Decide", [
    [["c"], "choose; again: no mark", ["c"], () => setMark(heardTake(), "chosen")],
    [["x"], "reject; again: no mark", ["x"], () => setMark(heardTake(), "rejected")],
    [["1", "…", "5"], "stars; 0 takes them away", ["0", "1", "2", "3", "4", "5"], (shift, key) => star(heardTake(), +key)],
    [["n"], "write a note; Esc ends it", ["n"], () => heardSlot().note.focus()],
  ]],
  ["Find", [
    [["/"], "search names and notes", ["/"], () => by("text").select()],
    [["Shift+letter"], "only this emotion, by its letter", [], null],
    [["f"], "ranges: score, valence, arousal, length", ["f"], () => openRanges(by("ranges").hidden)],
    [["Backspace"], "clear the filter", ["Backspace"], clear],
    [["e"], "export", ["e"], () => by("export").click()],
    [["?"], "this page", ["?"], () => openHelp()],
  ]],
];
const actions = new Map(KEYS.flatMap(([, keys]) => keys.flatMap(([, , names, action]) => names.map((name) => [name, action]))));

export function begin() {
  document.addEventListener("keydown", pressed);
  by("keys").addEventListener("click", openHelp);
}

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const { target, key, shiftKey } = event;
  if (document.querySelector("dialog[open]")) return;
  const writes = target.matches("input:not([type=radio]), textarea, select");
  if (key === "Escape") {
    if (writes || target !== by("grid")) by("grid").focus();
    if (!by("ranges").hidden && target.closest("#ranges")) openRanges(false);
    return;
  }
  if (writes) {
    // Down from the search is into what it found.
    if (target === by("text") && (key === "ArrowDown" || key === "Enter")) {
      event.preventDefault();
      by("grid").focus();
    }
    return;
  }
  // A button's own keys are its own.
  if (target.matches("button") && (key === " " || key === "Enter")) return;
  if (shiftKey && /^\p{L}$/u.test(key)) {
    const emotion = desk.emotions.find(({ letter }) => letter === key.toUpperCase());
    if (emotion) {
      event.preventDefault();
      toggleEmotion(emotion.index);
    }
    return;
  }
  const action = actions.get(key);
  if (!action) return;
  event.preventDefault();
  action(shiftKey, key);
}

let built = false;
function openHelp() {
  const dialog = by("help");
  if (!built) {
    built = true;
    const title = make("h2", "", "Keys");
    title.id = "help-title";
    const groups = make("div", "groups");
    for (const [name, keys] of KEYS) {
      const group = make("section"), list = make("dl");
      for (const [shown, about] of keys) {
        if (!shown) continue;
        const term = make("dt");
        term.append(...shown.map((it) => (it === "…" ? make("span", "", "…") : make("kbd", "", it))));
        list.append(term, make("dd", "", about));
      }
      group.append(make("h3", "", name), list);
      groups.append(group);
    }
    const legend = make("div", "legend");
    legend.append(...desk.emotions.map((emotion) => {
      const item = make("span");
      item.append(badge(emotion), make("span", "", emotion.name));
      return item;
    }));
    const about = make("p", "quiet");
    about.textContent = `A score is the probability, as the model judges it, that a speaker meant this emotion. Below ${Math.round(desk.about.unsure_below * 100)} % it is unsure, and hatched in the band; without voice there is no score. The model learned from actors: it says what a voice sounds like, not what somebody feels. Marks, stars and notes belong to the sound: they stay when its file is moved or renamed.`;
    const model = make("p", "quiet", `Model ${desk.about.model}. Kept in ${desk.about.library}.`);
    const close = button("close", "Close");
    close.addEventListener("click", () => dialog.close());
    dialog.append(title, groups, legend, about, model, close);
    dialog.addEventListener("click", ({ target }) => { if (target === dialog) dialog.close(); });
  }
  dialog.showModal();
}

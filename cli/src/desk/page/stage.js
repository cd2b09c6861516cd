// The take that is looked at, with its waveform and band, and the one that it is compared with.
import { Slot } from "./slot.js";
import { desk, go, leading, on, remember, tell } from "./model.js";
import { at, compared, follow, isPlaying, play, player, put, seek, sides } from "./player.js";
import { windowAt } from "./picture.js";
import { badge, by, clock, make, percent, signed } from "./words.js";

const slots = { A: new Slot("A"), B: new Slot("B") };
const bars = [];

export function begin() {
  by("slots").append(slots.A.root, slots.B.root);
  on("loaded", buildBars);
  on("at", lay);
  on("view", () => { if (!slots.A.take) lay(); });
  on("take", (take) => {
    for (const slot of Object.values(slots)) if (slot.take?.id === take.id) lay();
  });
  on("wave", (id) => { for (const slot of Object.values(slots)) if (slot.take?.id === id) slot.fetch(); });
  on("playing", frame);
  on("heard", () => {
    for (const slot of Object.values(slots)) slot.mark();
    frame();
  });
  on("moved", frame);
  on("look", showScores);
  on("windows", showScores);
  on("play", (id) => {
    if (id === desk.at || id !== desk.other) {
      go(id);
      player.heard = "A";
    } else {
      player.heard = "B";
    }
    tell("heard");
    seek(0);
    play();
  });
  follow(frame);
}

// Puts the takes on the desk.
export function lay() {
  const take = desk.takes.get(desk.at) ?? null, other = desk.takes.get(desk.other) ?? null;
  const two = take && other && other.id !== take.id;
  if (!two && player.heard === "B") player.heard = "A";
  put("A", take);
  put("B", two ? other : null);
  slots.A.put(take, two);
  slots.B.put(two ? other : null, two);
  by("stage").classList.toggle("two", Boolean(two));
  by("stage").classList.toggle("none", !take);
  by("empty").hidden = Boolean(take);
  by("empty").textContent = desk.takes.size ? "No take is listed. Clear the filter to see all." : "There are no takes here yet. A take that is recorded or copied into the folder appears by itself.";
  // Both waveforms have one scale, so that a moment stands above the same moment.
  const seconds = two ? Math.max(take.seconds ?? 0, other.seconds ?? 0) : take?.seconds ?? 0;
  for (const slot of Object.values(slots)) slot.scale(seconds);
  showScores();
}

// Compares the take that is looked at with another; asked again, stops comparing.
export function compare() {
  if (desk.at === null) return;
  if (desk.other === desk.at || (compared() && desk.other !== null)) desk.other = null; else desk.other = desk.at;
  if (desk.other !== null) {
    // The next in the list comes beside it.
    const here = desk.view.findIndex((take) => take.id === desk.at);
    const next = desk.view[here + 1] ?? desk.view[here - 1];
    if (next) desk.at = next.id;
  }
  tell("at");
  tell("view");
  remember();
}
export function exchange() {
  if (!compared()) return;
  [desk.at, desk.other] = [desk.other, desk.at];
  tell("at");
  tell("view");
}

export const heardSlot = () => slots[player.heard];
export const heardTake = () => slots[player.heard].take;

function buildBars() {
  bars.length = 0;
  const box = by("bars");
  box.replaceChildren();
  for (const emotion of desk.emotions) {
    const row = make("div", "bar"), name = make("span", "name"), rails = make("span", "rails"), values = make("span", "values");
    name.append(badge(emotion), make("span", "", emotion.name));
    const parts = ["A", "B"].map((side) => {
      const rail = make("i", `rail ${side}`), fill = make("i"), value = make("span", `value ${side}`);
      fill.style.background = emotion.colour;
      rail.append(fill);
      rails.append(rail);
      values.append(value);
      return { fill, value };
    });
    row.append(name, rails, values);
    box.append(row);
    bars.push({ row, A: parts[0], B: parts[1] });
  }
}

// What a take's scores are where one looks: at the cursor while it plays or was moved, else over the whole take.
function reading(name, seconds) {
  const slot = slots[name], { take, windows } = slot;
  if (!take?.scores) return null;
  if (seconds === null || !windows) return { scores: take.scores, valence: take.valence, arousal: take.arousal, unsure: take.unsure };
  const k = windowAt(windows, seconds);
  if (k < 0 || !windows.flags[k]) return null;
  const raw = Array.from(windows.scores.subarray(k * windows.n, (k + 1) * windows.n)), sum = raw.reduce((a, b) => a + b, 0) || 1;
  const scores = raw.map((score) => score / sum);
  const mean = (of) => scores.reduce((total, score, e) => total + score * desk.emotions[e][of], 0);
  return { scores, valence: mean("valence"), arousal: mean("arousal"), unsure: windows.flags[k] === 2 };
}

function showScores() {
  const seconds = slots.A.pointed ?? slots.B.pointed ?? (isPlaying() || at(player.heard) > 0 ? at(player.heard) : null);
  const two = compared(), shown = { A: reading("A", seconds), B: two ? reading("B", seconds) : null };
  by("scores-at").textContent = seconds === null ? "whole take" : `at ${clock(seconds)}`;
  const main = shown.A ?? shown.B;
  const lead = main ? main.scores.indexOf(Math.max(...main.scores)) : -1;
  bars.forEach((bar, e) => {
    for (const name of ["A", "B"]) {
      const score = shown[name]?.scores[e];
      bar[name].fill.style.transform = `scaleX(${score ?? 0})`;
      bar[name].value.textContent = score === undefined ? "–" : percent(score);
    }
    bar.row.classList.toggle("leads", e === lead);
  });
  const affect = by("affect"), pairs = [["Valence", "valence"], ["Arousal", "arousal"]];
  affect.replaceChildren(...pairs.flatMap(([title, of]) => {
    const values = (two ? ["A", "B"] : ["A"]).map((name) => (shown[name] ? signed(shown[name][of]) : "–"));
    return [make("dt", "", title), make("dd", "", values.join(" / "))];
  }));
  by("scores").classList.toggle("unsure", Boolean(main?.unsure));
  by("scores").classList.toggle("silent", !main);
  by("scores-of").textContent = main ? (main.unsure ? "Unsure" : "Scores") : slots.A.take?.state === "ready" ? "No voice" : "Scores";
}

let last = 0;
function frame() {
  for (const slot of Object.values(slots)) slot.follow();
  // Numbers that change sixty times a second are read by nobody.
  const now = performance.now();
  if (!isPlaying() || now - last > 90) {
    last = now;
    showScores();
  }
}

export function draw() {
  for (const slot of Object.values(slots)) slot.draw();
}

// To where the leading emotion changes next, or changed before.
export function jump(forward) {
  const { windows, take } = heardSlot(), here = at(player.heard);
  if (!windows || !take) return;
  const moments = [0];
  for (let k = 1; k < windows.count; k++) if (windows.leads && windows.leads[k] !== windows.leads[k - 1]) moments.push(windows.edges[k]);
  const next = forward ? moments.find((moment) => moment > here + 0.05) : moments.findLast((moment) => moment < here - 0.3);
  if (next !== undefined) seek(next);
}

export function zoom(factor) {
  const slot = heardSlot();
  slot.zoom(factor, at(player.heard));
  if (compared()) for (const other of Object.values(slots)) if (other !== slot) other.show(...slot.view);
}

export { leading, sides };

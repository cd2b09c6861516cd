// The list of takes: only the rows in view exist, whatever their number.
import { desk, go, leading, on, apply, remember, tell } from "./model.js";
import { colours, drawBand, drawWave, loudest, ready, stripOf, stripsFor } from "./picture.js";
import { badge, by, clock, make, minus, percent, signed } from "./words.js";

const grid = by("grid"), scroller = by("scroller"), all = by("all");
// Rows above and below the view that exist already.
const BEYOND = 8;
const COLUMNS = [
  ["mark", "Mark", true], ["name", "Take"], ["strip", "", false, true], ["seconds", "Length"], ["emotion", "Emotion"], ["valence", "Valence", true],
  ["arousal", "Arousal", true], ["loudness", "Loudness", true, false, "in LUFS"], ["pitch", "Pitch", true, false, "median, in Hz"], ["rate", "Pace", true, false, "syllables a second, while speaking"], ["modified", "Recorded", true],
];
let rowHeight = 44, height = 0;
// Scrolling so fast that nobody sees a picture: they are drawn once it slows down.
let flung = false, lastTop = 0, slowing = 0;
const pool = [];

export function begin() {
  const head = by("columns").firstElementChild;
  COLUMNS.forEach(([key, title, down, still, unit], index) => {
    const cell = make("div", key);
    cell.setAttribute("role", "columnheader");
    cell.setAttribute("aria-colindex", index + 1);
    if (!still) {
      const sort = make("button", "", title);
      sort.type = "button";
      sort.tabIndex = -1;
      if (unit) sort.title = `${title}, ${unit}`;
      sort.addEventListener("click", () => sortBy(key, Boolean(down)));
      cell.append(sort);
    }
    head.append(cell);
  });
  grid.setAttribute("aria-colcount", COLUMNS.length);
  scroller.addEventListener("scroll", scrolled, { passive: true });
  new ResizeObserver(measure).observe(scroller);
  all.addEventListener("click", ({ target }) => {
    const row = target.closest("[role=row]");
    if (!row) return;
    go(row.take.id);
    grid.focus({ preventScroll: true });
    if (target.closest(".strip") && row.take.state === "ready") tell("play", row.take.id);
  });
  all.addEventListener("dblclick", ({ target }) => {
    const row = target.closest("[role=row]");
    if (row) tell("play", row.take.id);
  });
  stripsFor((id) => pool.some((row) => !row.hidden && row.take?.id === id), refresh);
  on("view", () => {
    all.style.height = `${desk.view.length * rowHeight}px`;
    grid.setAttribute("aria-rowcount", desk.view.length + 1);
    for (const cell of head.children) {
      const { key, down } = desk.sort;
      if (cell.className === key) cell.setAttribute("aria-sort", down ? "descending" : "ascending"); else cell.removeAttribute("aria-sort");
    }
    render();
  });
  on("at", () => {
    render();
    show();
  });
}

// A column sorts downwards first where the most is what one looks for; a second time the other way round.
export function sortBy(key, down) {
  const same = desk.sort.key === key;
  desk.sort = { key, down: same ? !desk.sort.down : down };
  apply();
  remember();
}
export function sortNext() {
  const keys = COLUMNS.filter(([, , , still]) => !still);
  const here = keys.findIndex(([key]) => key === desk.sort.key), [key, , down] = keys[(here + 1) % keys.length];
  desk.sort = { key, down: Boolean(down) };
  apply();
  remember();
  return keys.find(([it]) => it === key)[1];
}

function scrolled() {
  const { scrollTop } = scroller;
  flung = Math.abs(scrollTop - lastTop) > height;
  lastTop = scrollTop;
  if (flung) {
    clearTimeout(slowing);
    slowing = setTimeout(() => {
      flung = false;
      refresh();
    }, 70);
  }
  render();
}

function measure() {
  rowHeight = parseFloat(getComputedStyle(grid).getPropertyValue("--row")) || 44;
  height = scroller.clientHeight;
  all.style.height = `${desk.view.length * rowHeight}px`;
  for (const row of pool) row.index = -1;
  render();
}

// Draws again what is in view: strips have come, or colours changed.
export function refresh() {
  for (const row of pool) if (!row.hidden && row.take) paint(row);
}
export function repaint() {
  for (const row of pool) row.version = row.painted = undefined;
  render();
}

// Has the take that is looked at in view.
export function show() {
  const index = desk.view.findIndex((take) => take.id === desk.at);
  if (index < 0) return;
  const top = index * rowHeight, { scrollTop } = scroller;
  if (top < scrollTop) scroller.scrollTop = top;
  else if (top + rowHeight > scrollTop + height) scroller.scrollTop = top + rowHeight - height;
}

export const page = () => Math.max(Math.floor(height / rowHeight) - 1, 1);

function render() {
  if (!height) return;
  const { view } = desk, { scrollTop } = scroller;
  const first = Math.max(Math.floor(scrollTop / rowHeight) - BEYOND, 0);
  const last = Math.min(Math.ceil((scrollTop + height) / rowHeight) + BEYOND, view.length);
  const needed = Math.ceil(height / rowHeight) + 2 * BEYOND + 2;
  while (pool.length < needed) pool.push(newRow(pool.length));
  let active = null;
  const used = new Set();
  for (let index = first; index < last; index++) {
    const row = pool[index % pool.length], take = view[index];
    used.add(row);
    if (row.index !== index) {
      row.index = index;
      row.style.transform = `translateY(${index * rowHeight}px)`;
      row.setAttribute("aria-rowindex", index + 2);
    }
    if (row.take !== take || row.version !== take.version) fill(row, take);
    if (row.hidden) row.hidden = false;
    const selected = take.id === desk.at;
    if (selected) active = row.id;
    if (row.selected !== selected) {
      row.selected = selected;
      row.setAttribute("aria-selected", String(selected));
    }
    const other = take.id === desk.other;
    if (row.other !== other) {
      row.other = other;
      row.classList.toggle("other", other);
    }
  }
  for (const row of pool) {
    if (used.has(row) || row.hidden) continue;
    row.hidden = true;
    row.index = -1;
  }
  if (active) grid.setAttribute("aria-activedescendant", active); else grid.removeAttribute("aria-activedescendant");
}

function newRow(number) {
  const row = make("div", "row");
  row.id = `row-${number}`;
  row.setAttribute("role", "row");
  row.hidden = true;
  row.cells = {};
  COLUMNS.forEach(([key], index) => {
    const cell = make("div", key);
    cell.setAttribute("role", "gridcell");
    cell.setAttribute("aria-colindex", index + 1);
    row.cells[key] = cell;
    row.append(cell);
  });
  const { name, strip, mark, emotion } = row.cells;
  row.file = make("b");
  row.folder = make("small");
  name.append(row.file, row.folder);
  row.canvas = make("canvas");
  row.canvas.setAttribute("aria-hidden", "true");
  row.said = make("span", "quiet");
  strip.append(row.canvas, row.said);
  row.sign = make("span");
  row.stars = make("span", "stars");
  mark.append(row.sign, row.stars);
  row.badge = badge({ letter: "", colour: "", ink: "" });
  row.emotion = make("span");
  row.share = make("small");
  emotion.append(row.badge, row.emotion, row.share);
  all.append(row);
  return row;
}

const STARS = "★★★★★";
const ACTIVITY = { growing: "being recorded …", waiting: "waits for its scan …" };

// Most of a row is as it was for the take before: only what differs is touched.
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
function name(element, text) {
  if (element.className !== text) element.className = text;
}

function fill(row, take) {
  row.take = take;
  row.version = take.version;
  const { cells } = row, { figures } = take;
  name(row, `row ${take.state} ${take.mark ?? ""}${take.missing ? " missing" : ""}`);
  row.other = undefined;
  row.selected = undefined;
  write(row.file, take.name);
  name(row.file, "");
  write(row.folder, take.note || take.folder);
  name(row.folder, take.note ? "note" : "");
  cells.name.title = take.note ? `${take.name}: ${take.note}` : take.folder ? `${take.folder}/${take.name}` : take.name;
  write(row.sign, take.mark === "chosen" ? "✓" : take.mark === "rejected" ? "✕" : "");
  write(row.stars, STARS.slice(0, take.stars));
  cells.mark.setAttribute("aria-label", [take.mark, take.stars ? `${take.stars} of 5 stars` : ""].filter(Boolean).join(", ") || "no mark");
  write(cells.seconds, take.seconds === null ? "" : clock(take.seconds));
  const emotion = take.scores && desk.emotions[leading(take)];
  row.badge.hidden = row.share.hidden = !emotion;
  if (emotion) {
    write(row.badge, emotion.letter);
    row.badge.style.background = emotion.colour;
    row.badge.style.color = emotion.ink;
    write(row.share, percent(take.confidence));
  }
  write(row.emotion, emotion ? `${emotion.name}${take.unsure ? "?" : ""}` : take.state === "ready" ? "no voice" : "");
  name(row.emotion, emotion && !take.unsure ? "" : "unsure");
  write(cells.valence, take.valence === null ? "" : signed(take.valence));
  write(cells.arousal, take.arousal === null ? "" : signed(take.arousal));
  write(cells.loudness, figures?.loudness == null ? "" : minus(figures.loudness));
  write(cells.pitch, figures?.pitch == null ? "" : `${Math.round(figures.pitch)}`);
  write(cells.rate, figures?.rate == null ? "" : figures.rate.toFixed(1));
  write(cells.modified, take.modified ? when(take.modified) : "");
  write(row.said, take.missing ? "the file is gone" : take.state === "failed" ? take.error : ACTIVITY[take.state] ?? "");
  row.said.title = row.said.textContent;
  row.painted = undefined;
  if (flung) row.canvas.style.visibility = "hidden"; else paint(row);
}

const DAY = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" }), TIME = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
// Formatting a date takes longer than all the rest of a row.
const dates = new Map();
function when(ms) {
  let text = dates.get(ms);
  if (text === undefined) dates.set(ms, text = (Date.now() - ms < 20 * 3600e3 ? TIME : DAY).format(ms));
  return text;
}

function paint(row) {
  const { take, canvas } = row;
  const strip = row.said.textContent ? null : stripOf(take.id);
  canvas.style.visibility = strip ? "" : "hidden";
  const flags = strip?.flags ?? [];
  row.file.classList.toggle("flagged", flags.length > 0);
  row.file.title = flags.join(", ");
  if (!strip || row.painted === strip) return;
  const place = ready(canvas);
  if (!place) return;
  row.painted = strip;
  const { context, width, height, scale } = place, band = 6 * scale;
  if (strip.peaks) drawWave(context, strip.peaks, 0, 0, width, height - band - 2 * scale, 0.96 / (loudest(strip.peaks) || 1), colours().wave);
  if (strip.band) drawBand(context, strip.band, 0, height - band, width, band, scale, false);
}

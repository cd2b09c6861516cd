// What is on the desk: the takes as the server tells them, which of them are listed and in which order, and the one that is looked at.
import { get, renew } from "./api.js";
import { inkOn, letters } from "./words.js";

export const desk = {
  about: null, emotions: [],
  told: -1,           // the number of the last news that is in all this
  takes: new Map(),   // by number
  view: [],           // those listed, in their order
  at: null,           // the take that is looked at
  other: null,        // the one that it is compared with
  filters: {}, sort: { key: "name", down: false },
};

const listeners = new Map();
export function on(name, listener) {
  listeners.set(name, [...(listeners.get(name) ?? []), listener]);
}
export function tell(name, value) {
  for (const listener of listeners.get(name) ?? []) listener(value);
}

const NO_FILTERS = { text: "", emotions: [], mark: "", of: "", score: null, valence: [null, null], arousal: [null, null], confidence: null, seconds: [null, null] };
export const noFilters = () => structuredClone(NO_FILTERS);
desk.filters = noFilters();

// Numbers change when the server is started anew; names do not.
export const nameOf = (take) => `${take.folder}/${take.name}`;

// What survives a reload, for this folder or library.
const place = () => `desk ${desk.about.opened}`;
export function remember() {
  const at = desk.takes.get(desk.at), other = desk.takes.get(desk.other);
  const state = { filters: desk.filters, sort: desk.sort, at: at && nameOf(at), other: other && nameOf(other) };
  try {
    localStorage.setItem(place(), JSON.stringify(state));
  } catch { /* private windows may keep nothing */ }
}
function recall() {
  try {
    return JSON.parse(localStorage.getItem(place())) ?? {};
  } catch {
    return {};
  }
}

export async function load() {
  const { about, notices, progress, takes, n } = await (await get("/takes")).json();
  desk.told = n;
  const first = !desk.about, restarted = !first && desk.about.started !== about.started;
  const before = desk.takes, at = before.get(desk.at), other = before.get(desk.other);
  desk.about = about;
  const signs = letters(about.emotions.map(({ name }) => name));
  desk.emotions = about.emotions.map((emotion, index) => ({ ...emotion, index, letter: signs[index], ink: inkOn(emotion.colour) }));
  desk.takes = new Map(takes.map((take) => [take.id, take]));
  const wanted = first ? recall() : { at: at && nameOf(at), other: other && nameOf(other) };
  if (first) {
    desk.filters = { ...noFilters(), ...wanted.filters };
    desk.sort = wanted.sort ?? desk.sort;
  }
  const find = (name) => (name ? takes.find((take) => nameOf(take) === name)?.id ?? null : null);
  desk.at = find(wanted.at);
  desk.other = find(wanted.other);
  if (restarted) {
    await renew();
    tell("restarted");
  }
  tell("loaded", first);
  tell("notices", notices);
  tell("progress", progress);
  apply();
}

// A take came or changed.
export function update(take) {
  take.version = (desk.takes.get(take.id)?.version ?? 0) + 1;
  desk.takes.set(take.id, take);
  tell("take", take);
  later();
}
let pending = 0;
function later() {
  pending ||= requestAnimationFrame(() => {
    pending = 0;
    apply();
  });
}

export const leading = (take) => (take.scores ? take.scores.indexOf(Math.max(...take.scores)) : -1);

function listed(take) {
  const { text, emotions, mark, of, score, valence, arousal, confidence, seconds } = desk.filters;
  if (text) {
    take.words ??= `${nameOf(take)}\n${take.note}`.toLowerCase();
    if (!text.toLowerCase().split(/\s+/).every((word) => take.words.includes(word))) return false;
  }
  if (emotions.length && !emotions.includes(leading(take))) return false;
  const marks = {
    chosen: () => take.mark === "chosen", rejected: () => take.mark === "rejected", kept: () => take.mark !== "rejected",
    unmarked: () => !take.mark, starred: () => take.stars > 0, noted: () => take.note !== "", missing: () => take.missing || take.state === "failed",
  };
  if (mark && !marks[mark]()) return false;
  if (score !== null) {
    const value = of === "" ? take.confidence : take.scores?.[of];
    if (!(value >= score)) return false;
  }
  if (confidence !== null && !(take.confidence >= confidence)) return false;
  const within = (value, [from, to]) => (from === null && to === null) || (value !== null && (from === null || value >= from) && (to === null || value <= to));
  return within(take.valence, valence) && within(take.arousal, arousal) && within(take.seconds, seconds);
}

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
const KEYS = {
  name: nameOf, emotion: (take) => (take.scores ? leading(take) : null),
  loudness: (take) => take.figures?.loudness ?? null, pitch: (take) => take.figures?.pitch ?? null, rate: (take) => take.figures?.rate ?? null,
  mark: (take) => ({ chosen: 10, rejected: -10 })[take.mark] ?? take.stars / 10 + 0 + (take.stars ? 1 : 0),
};

// Lists what the filters let through. Without a value a take stands last, either way round.
export function apply() {
  const { key, down } = desk.sort, sign = down ? -1 : 1;
  const value = KEYS[key] ?? ((take) => take[key]);
  const names = key === "name";
  const rows = [];
  for (const take of desk.takes.values()) if (listed(take)) rows.push([value(take), take]);
  rows.sort(([a, x], [b, y]) => {
    if (names) return sign * collator.compare(a, b) || x.id - y.id;
    if (a === null || b === null) return (a === null) - (b === null) || x.id - y.id;
    return sign * (a - b) || (key === "emotion" ? y.confidence - x.confidence : 0) || x.id - y.id;
  });
  desk.view = rows.map(([, take]) => take);
  if (desk.at === null && desk.view.length) desk.at = desk.view[0].id;
  stood = whereIs(desk.at) ?? stood;
  tell("view");
}

// Where the take that is looked at stands in the list, or stood before a mark or a filter took it out.
let stood = 0;
function whereIs(id) {
  const index = desk.view.findIndex((take) => take.id === id);
  return index < 0 ? null : index;
}

export function go(id) {
  if (id === desk.at || !desk.takes.has(id)) return;
  desk.at = id;
  stood = whereIs(id) ?? stood;
  tell("at");
  remember();
}

// To the take so many places on in the list; from one that is listed no more, to what has taken its place.
export function step(places) {
  const { view } = desk;
  if (!view.length) return;
  const here = whereIs(desk.at) ?? (places > 0 ? stood - 1 : stood);
  go(view[Math.min(Math.max(here + places, 0), view.length - 1)].id);
}

// Waveforms and emotion bands, and where they come from.
import { get } from "./api.js";
import { desk } from "./model.js";
import { clock } from "./words.js";

const STRIP_COLUMNS = 96;

// Colours of the page, read anew when it changes between light and dark.
let ink = {};
export function readColours() {
  const style = getComputedStyle(document.documentElement);
  ink = Object.fromEntries(["ink", "soft", "line", "wave", "played", "paper"].map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
}

// Sizes a canvas to its box, in the screen's pixels; gives its context and scale, or nothing while it is not shown.
export function ready(canvas) {
  const scale = Math.min(window.devicePixelRatio || 1, 2);
  const width = Math.round(canvas.clientWidth * scale), height = Math.round(canvas.clientHeight * scale);
  if (!width || !height) return null;
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, width, height);
  return { context, width, height, scale };
}

// An edge is the signed square root of the sample; see peaks.rs.
const sample = (edge) => Math.sign(edge) * (edge / 127) ** 2;

// `edges` are pairs of lowest and highest, a pair a column; `gain` makes them fill the height.
export function drawWave(context, edges, x, y, width, height, gain, colour) {
  const columns = edges.length / 2, step = width / columns, middle = y + height / 2;
  const wide = step > 2 ? step * 0.7 : Math.max(step, 1);
  context.fillStyle = colour;
  for (let column = 0; column < columns; column++) {
    const low = sample(edges[2 * column]) * gain, high = sample(edges[2 * column + 1]) * gain;
    const top = middle - Math.max(high, 0) * height / 2, bottom = middle - Math.min(low, 0) * height / 2;
    context.fillRect(x + column * step, top, wide, Math.max(bottom - top, 1));
  }
}

export function loudest(edges) {
  let most = 0;
  for (const edge of edges) most = Math.max(most, Math.abs(edge));
  return (most / 127) ** 2;
}

// Runs of one emotion: `states` holds a number a column, -1 without voice, 100 more where it is unsure.
export function runs(states) {
  const runs = [];
  for (let from = 0; from < states.length;) {
    let to = from + 1;
    while (to < states.length && states[to] === states[from]) to++;
    const state = states[from];
    runs.push({ from, to, emotion: state < 0 ? -1 : state % 100, unsure: state >= 100 });
    from = to;
  }
  return runs;
}

export function drawBand(context, states, x, y, width, height, scale, lettered) {
  const step = width / states.length;
  for (const { from, to, emotion, unsure } of runs(states)) {
    const left = x + from * step, wide = (to - from) * step;
    if (emotion < 0) {
      context.fillStyle = ink.line;
      context.fillRect(left, y + height / 2 - scale / 2, wide, scale);
      continue;
    }
    const { colour, letter, ink: on } = desk.emotions[emotion] ?? { colour: ink.soft, letter: "?", ink: ink.paper };
    context.globalAlpha = unsure ? 0.42 : 1;
    context.fillStyle = colour;
    context.fillRect(left, y, wide, height);
    context.globalAlpha = 1;
    if (unsure && lettered) hatch(context, left, y, wide, height, scale);
    if (!lettered || wide < 15 * scale) continue;
    context.fillStyle = unsure ? ink.ink : on;
    context.font = `600 ${11.5 * scale}px system-ui, sans-serif`;
    context.textBaseline = "middle";
    context.textAlign = "center";
    // A long stretch says its emotion's name.
    const name = desk.emotions[emotion]?.name ?? "?", text = `${name}${unsure ? "?" : ""}`;
    const fits = context.measureText(text).width + 10 * scale < wide;
    context.fillText(fits ? text : letter, left + wide / 2, y + height / 2 + 0.5 * scale);
  }
}

function hatch(context, left, top, width, height, scale) {
  context.save();
  context.beginPath();
  context.rect(left, top, width, height);
  context.clip();
  context.strokeStyle = ink.paper;
  context.lineWidth = scale;
  context.globalAlpha = 0.55;
  context.beginPath();
  for (let x = left - height; x < left + width; x += 5 * scale) {
    context.moveTo(x, top + height);
    context.lineTo(x + height, top);
  }
  context.stroke();
  context.restore();
}

export function drawAxis(context, from, to, width, y, scale) {
  const seconds = to - from;
  if (!(seconds > 0)) return;
  const steps = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];
  const room = seconds / (width / scale / 80);
  const step = steps.find((it) => it >= room) ?? Math.ceil(room / 3600) * 3600;
  context.fillStyle = context.strokeStyle = ink.soft;
  context.lineWidth = scale;
  context.font = `${10.5 * scale}px system-ui, sans-serif`;
  context.textBaseline = "top";
  context.textAlign = "left";
  context.beginPath();
  for (let tick = Math.ceil(from / step - 1e-9); tick * step <= to + 1e-9; tick++) {
    const x = Math.min(Math.max(Math.round(((tick * step - from) / seconds) * width), 1), width - 1);
    context.moveTo(x - 0.5, y);
    context.lineTo(x - 0.5, y + 3 * scale);
    const label = clock(tick * step, step < 0.1 ? 2 : step < 1 ? 1 : 0), wide = context.measureText(label).width;
    context.fillText(label, Math.min(Math.max(x - wide / 2, 0), width - wide), y + 5 * scale);
  }
  context.stroke();
}

export const colours = () => ink;

// The windows of a take: where each stretch ends, what was heard in it.
export async function windowsOf(id) {
  const bytes = await (await get(`/takes/${id}/windows`)).arrayBuffer();
  const view = new DataView(bytes), count = view.getUint32(0, true), n = view.getUint32(4, true);
  const edges = new Float32Array(bytes, 8, count + 1);
  const flags = new Uint8Array(bytes, 8 + 4 * (count + 1), count);
  const scores = new Uint8Array(bytes, 8 + 4 * (count + 1) + count, count * n);
  return { count, n, edges, flags, scores };
}

// The window that stands for a moment.
export function windowAt({ edges, count }, seconds) {
  let low = 0, high = count - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (edges[middle] <= seconds) low = middle; else high = middle - 1;
  }
  return count ? low : -1;
}

// What leads in each of so many columns, as drawBand takes it. Of many windows in a column, the one that leads longest counts.
export function statesOf(windows, from, to, columns) {
  const states = new Array(columns).fill(-1), { count, n, edges, flags, scores } = windows;
  if (!count) return states;
  const leads = windows.leads ??= Array.from({ length: count }, (_, k) => {
    if (!flags[k]) return -1;
    let best = 0;
    for (let e = 1; e < n; e++) if (scores[k * n + e] > scores[k * n + best]) best = e;
    return best + (flags[k] === 2 ? 100 : 0);
  });
  const end = edges[count];
  for (let column = 0; column < columns; column++) {
    const start = from + (column * (to - from)) / columns, stop = from + ((column + 1) * (to - from)) / columns;
    if (start >= end) break;
    const first = windowAt(windows, start), last = windowAt(windows, Math.max(stop - 1e-6, start));
    if (last - first < 2) {
      states[column] = leads[windowAt(windows, (start + stop) / 2)];
      continue;
    }
    const votes = new Map();
    for (let k = first; k <= last; k++) votes.set(leads[k], (votes.get(leads[k]) ?? 0) + 1);
    states[column] = [...votes].reduce((best, it) => (it[1] > best[1] ? it : best))[0];
  }
  return states;
}

export const factsOf = async (id) => (await get(`/takes/${id}/facts`)).json();

export async function edgesOf(id, from, to, columns) {
  const answer = await get(`/takes/${id}/peaks?from=${from}&to=${to}&columns=${columns}`);
  return new Int8Array(await answer.arrayBuffer());
}

// Small pictures for the list: asked for together, kept until the take changes.
const strips = new Map(), wanted = new Set();
let asking = null;
export function stripOf(id) {
  const strip = strips.get(id);
  if (!strip) {
    wanted.add(id);
    asking ??= setTimeout(askStrips, 40);
  }
  return strip;
}
export function forgetStrip(id) {
  strips.delete(id);
}
let inView = () => true, arrived = () => {};
export function stripsFor(view, listener) {
  inView = view;
  arrived = listener;
}
async function askStrips() {
  // What was scrolled past meanwhile is not asked for.
  const ids = [...wanted].filter(inView).slice(0, 64);
  wanted.clear();
  if (ids.length) {
    try {
      const answer = await (await get(`/strips?columns=${STRIP_COLUMNS}&ids=${ids.join(",")}`)).json();
      for (const [id, strip] of Object.entries(answer)) strips.set(+id, strip);
      arrived();
    } catch { /* it is asked for again with the next look */ }
  }
  asking = wanted.size ? setTimeout(askStrips, 40) : null;
}

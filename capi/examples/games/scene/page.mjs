// The page: a lamp over water, whose colour, height of waves and music follow the voice.
import { COLOURS, EMOTIONS, light, music, nothing } from "./mood.mjs";

const canvas = document.querySelector("canvas");
const paint = canvas.getContext("2d");
const [title, line, button] = ["h1", "p", "button"].map((name) => document.querySelector(name));

// What is heard, and what is shown: the second follows the first in about half a second.
let heard = nothing();
const shown = { red: 120, green: 120, blue: 130, brightness: 0.3, waves: 0.2, scores: EMOTIONS.map(() => 0) };

const events = new EventSource("/events");
events.onmessage = ({ data }) => {
  heard = JSON.parse(data);
  title.textContent = heard.updates === 0 ? "" : heard.label || "unsure";
  line.textContent = heard.updates === 0
    ? "waiting for a voice"
    : `valence ${signed(heard.valence)} · arousal ${signed(heard.arousal)} · ${heard.speaking ? "speaking" : "silent"}`;
};
line.textContent = "waiting for a voice";

const signed = (value) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2)}`;

function follow(seconds) {
  const share = 1 - Math.exp(-seconds / 0.5);
  const aim = { ...light(heard), waves: 0.15 + 0.85 * Math.max(0, (heard.arousal + 1) / 2) };
  for (const name of Object.keys(aim)) shown[name] += share * (aim[name] - shown[name]);
  shown.scores = shown.scores.map((score, index) => score + share * (heard.scores[index] - score));
}

const colour = (alpha, factor = 1) => `rgba(${[shown.red, shown.green, shown.blue].map((part) => Math.round(Math.min(255, part * factor))).join(",")},${alpha})`;

// Stars that stay where they are.
const stars = Array.from({ length: 160 }, (_, index) => {
  const random = (salt) => Math.abs(Math.sin(index * 12.9898 + salt * 78.233) * 43758.5453) % 1;
  return { x: random(1), y: random(2), size: 0.5 + 1.2 * random(3), phase: 6.28 * random(4) };
});

function draw(time) {
  const scale = window.devicePixelRatio || 1;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  if (canvas.width !== width * scale || canvas.height !== height * scale) [canvas.width, canvas.height] = [width * scale, height * scale];
  paint.setTransform(scale, 0, 0, scale, 0, 0);
  const horizon = height * 0.58;
  const lamp = { x: width / 2, y: horizon * 0.62 };

  const sky = paint.createLinearGradient(0, 0, 0, horizon);
  sky.addColorStop(0, "#0b0d12");
  sky.addColorStop(1, colour(0.34 * shown.brightness + 0.05, 0.8));
  paint.fillStyle = "#0b0d12";
  paint.fillRect(0, 0, width, height);
  paint.fillStyle = sky;
  paint.fillRect(0, 0, width, horizon);
  for (const star of stars) {
    paint.globalAlpha = (0.35 + 0.3 * Math.sin(time + star.phase)) * (1.1 - 0.7 * shown.brightness);
    paint.fillStyle = "#fff";
    paint.fillRect(star.x * width, star.y * horizon * 0.95, star.size, star.size);
  }
  paint.globalAlpha = 1;

  // The lamp: a core, and a glow that breathes.
  const radius = Math.min(width, height) * (0.055 + 0.03 * shown.brightness) * (1 + 0.03 * Math.sin(time * 2));
  const glow = paint.createRadialGradient(lamp.x, lamp.y, 0, lamp.x, lamp.y, radius * 7);
  glow.addColorStop(0, colour(0.75 * shown.brightness));
  glow.addColorStop(0.25, colour(0.28 * shown.brightness));
  glow.addColorStop(1, colour(0));
  paint.fillStyle = glow;
  paint.fillRect(0, 0, width, height);
  const core = paint.createRadialGradient(lamp.x, lamp.y - radius * 0.2, radius * 0.1, lamp.x, lamp.y, radius);
  core.addColorStop(0, "#ffffffee");
  core.addColorStop(0.6, colour(0.95, 1.15));
  core.addColorStop(1, colour(0.85));
  paint.fillStyle = core;
  paint.beginPath();
  paint.arc(lamp.x, lamp.y, radius, 0, 7);
  paint.fill();
  ring(lamp, radius * 1.55);

  // Water, with the lamp's path of light in it.
  const water = paint.createLinearGradient(0, horizon, 0, height);
  water.addColorStop(0, colour(0.3 * shown.brightness + 0.04, 0.55));
  water.addColorStop(1, "#05070b");
  paint.fillStyle = "#05070b";
  paint.fillRect(0, horizon, width, height - horizon);
  paint.fillStyle = water;
  paint.fillRect(0, horizon, width, height - horizon);
  const rows = 46;
  for (let row = 0; row < rows; row++) {
    const depth = (row / rows) ** 1.6;
    const y = horizon + 4 + depth * (height - horizon);
    const sway = Math.sin(time * (1 + shown.waves) + row * 0.9) * shown.waves * (6 + 60 * depth);
    const half = radius * (0.5 + 2.6 * depth) * (0.75 + 0.25 * Math.sin(time * 1.7 + row * 2.1));
    paint.fillStyle = colour(0.5 * shown.brightness * (1 - depth));
    paint.beginPath();
    paint.ellipse(lamp.x + sway, y, half, 1 + 3.5 * depth, 0, 0, 7);
    paint.fill();
  }
}

// Around the lamp, an arc for each emotion, as long as its score; the longer ones are named.
function ring(lamp, radius) {
  let from = -Math.PI / 2;
  paint.lineWidth = radius * 0.07;
  shown.scores.forEach((score, index) => {
    const to = from + score * 2 * Math.PI;
    if (score > 0.01) {
      paint.strokeStyle = `#${COLOURS[EMOTIONS[index]].toString(16).padStart(6, "0")}`;
      paint.globalAlpha = 0.4 + 0.6 * Math.min(1, shown.brightness);
      paint.beginPath();
      paint.arc(lamp.x, lamp.y, radius, from + 0.015, Math.max(from + 0.02, to - 0.015));
      paint.stroke();
    }
    if (score > 0.1) {
      const middle = (from + to) / 2;
      paint.fillStyle = "#eef";
      paint.font = "14px system-ui, sans-serif";
      paint.textAlign = Math.cos(middle) < 0 ? "right" : "left";
      paint.textBaseline = "middle";
      paint.fillText(EMOTIONS[index], lamp.x + Math.cos(middle) * radius * 1.15, lamp.y + Math.sin(middle) * radius * 1.15);
    }
    from = to;
  });
  paint.globalAlpha = 1;
}

// Music: a chord that is held, and an arpeggio over it.
let player;
class Player {
  constructor() {
    this.context = new AudioContext();
    this.filter = new BiquadFilterNode(this.context, { type: "lowpass", frequency: 600, Q: 0.8 });
    this.gain = new GainNode(this.context, { gain: 0 });
    this.filter.connect(this.gain).connect(this.context.destination);
    this.pads = [0, 1, 2].map(() => {
      const pad = new OscillatorNode(this.context, { type: "triangle" });
      const level = new GainNode(this.context, { gain: 0.12 });
      pad.connect(level).connect(this.filter);
      pad.start();
      return pad;
    });
    this.next = this.context.currentTime;
    this.step = 0;
  }

  static frequency(note) { return 220 * 2 ** (note / 12); }

  follow() {
    const { major, beats_per_minute, cutoff_hz, gain } = music(heard);
    const now = this.context.currentTime;
    const chord = major ? [0, 4, 7] : [0, 3, 7];
    this.filter.frequency.setTargetAtTime(cutoff_hz, now, 0.4);
    this.gain.gain.setTargetAtTime(gain, now, 0.4);
    this.pads.forEach((pad, index) => pad.frequency.setTargetAtTime(Player.frequency(chord[index] - 12), now, 0.15));
    while (this.next < now + 0.1) {
      this.pluck(chord[this.step % 3] + 12 * (Math.floor(this.step / 3) % 2), this.next);
      this.next = Math.max(this.next, now) + 30 / beats_per_minute;
      this.step += 1;
    }
  }

  pluck(note, at) {
    const tone = new OscillatorNode(this.context, { type: "sawtooth", frequency: Player.frequency(note) });
    const level = new GainNode(this.context, { gain: 0 });
    level.gain.setValueAtTime(0, at);
    level.gain.linearRampToValueAtTime(0.16, at + 0.01);
    level.gain.exponentialRampToValueAtTime(0.001, at + 0.45);
    tone.connect(level).connect(this.filter);
    tone.start(at);
    tone.stop(at + 0.5);
  }
}

button.onclick = async () => {
  player ??= new Player();
  const playing = button.getAttribute("aria-pressed") === "true";
  await (playing ? player.context.suspend() : player.context.resume());
  button.setAttribute("aria-pressed", String(!playing));
  button.textContent = playing ? "Play music" : "Stop music";
};

let before;
function frame(ms) {
  follow(before === undefined ? 0 : Math.min(0.2, (ms - before) / 1000));
  before = ms;
  draw(ms / 1000);
  if (player?.context.state === "running") player.follow();
  requestAnimationFrame(frame);
}
requestAnimationFrame(frame);

// For the check: what is heard, shown and played.
window.scene = { heard: () => heard, shown, player: () => player && { filter_hz: player.filter.frequency.value, gain: player.gain.gain.value, state: player.context.state, notes: player.step } };

// The microphone, through the server, into the meter.
import { History } from "./history.js";

// Sound that may wait for the server, in seconds; what comes then is left out.
const MOST_WAITING_SECONDS = 2;
// A meter is read more easily if it does not jump.
const SMOOTHING_SECONDS = 0.4;
const TRAIL = 12;
const MOST_SAID = 8;

const element = (id) => document.getElementById(id);
const percent = (share) => `${Math.round(share * 100)} %`;
const signed = (value) => (value < -.005 ? "−" : "+") + Math.abs(value).toFixed(2);
const clock = (ms) => `${Math.floor(ms / 60000)}:${(ms / 1000 % 60).toFixed(1).padStart(4, "0")}`;

let about, history, running;

async function begin() {
  // The token of the page's address is the stream's, too.
  const answer = await fetch("meter.json");
  if (!answer.ok) throw new Error(`the server answers ${answer.status}`);
  about = await answer.json();
  element("about").textContent = about.model;
  element("threshold").textContent = percent(about.unsure_below);
  for (const { name, colour } of about.labels) {
    const item = document.createElement("li");
    const [label, rail, value] = ["span", "span", "span"].map((tag) => document.createElement(tag));
    label.textContent = name;
    rail.className = "rail";
    rail.append(document.createElement("i"));
    rail.firstChild.style.background = colour;
    value.className = "value";
    item.append(label, rail, value);
    element("bars").append(item);
  }
  history = new History(element("past"), about.labels.map(({ colour }) => colour));
  rest("Press Listen, and speak.");
  element("listen").addEventListener("click", () => (running ? stop() : listen()));
}

// Nothing is shown but a word of why.
function rest(why) {
  document.body.className = "silent";
  show(null, why);
}

function notice(text) {
  element("notice").textContent = text;
  element("notice").hidden = !text;
}

async function listen() {
  notice("");
  element("listen").disabled = true;
  try {
    running = await open();
    const button = element("listen");
    button.textContent = "Stop";
    button.setAttribute("aria-pressed", "true");
    history.clear();
    element("said").replaceChildren();
    element("none").hidden = false;
    rest("Waiting for a voice.");
  } catch (error) {
    running = null;
    notice(error.message);
  }
  element("listen").disabled = false;
}

function stop(why) {
  const { socket, context, tracks } = running ?? {};
  running = null;
  for (const track of tracks ?? []) track.stop();
  context?.close();
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ type: "end" }));
  const button = element("listen");
  button.textContent = "Listen";
  button.setAttribute("aria-pressed", "false");
  level(-60);
  rest(why ? "Stopped." : "Press Listen, and speak.");
  if (why) notice(why);
}

// The microphone and the stream, both running.
async function open() {
  if (!navigator.mediaDevices?.getUserMedia) {
    throw new Error("The browser gives microphones only to pages of this machine (http://localhost, http://127.0.0.1) and to those that come over HTTPS.");
  }
  // As it is: what makes a call pleasant takes away what a voice sounds like.
  const audio = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  const media = await navigator.mediaDevices.getUserMedia({ audio }).catch((error) => {
    throw new Error(`There is no microphone for this page (${error.message}); allow it in the browser, or plug one in.`);
  });
  const tracks = media.getTracks();
  const context = new AudioContext();
  try {
    await context.audioWorklet.addModule("capture.js");
    await context.resume();
    const socket = await connect(context.sampleRate);
    const source = context.createMediaStreamSource(media);
    const capture = new AudioWorkletNode(context, "capture", { numberOfOutputs: 0 });
    capture.port.onmessage = ({ data }) => take(socket, data, context.sampleRate);
    source.connect(capture);
    tracks[0].addEventListener("ended", () => running && stop("The microphone has gone."));
    return { socket, context, tracks };
  } catch (error) {
    for (const track of tracks) track.stop();
    context.close();
    throw error;
  }
}

// A stream that is ready.
function connect(rate) {
  const address = new URL(`stream${location.search}`, location.href);
  address.protocol = address.protocol.replace("http", "ws");
  const socket = new WebSocket(address);
  socket.binaryType = "arraybuffer";
  return new Promise((resolve, reject) => {
    let last = "";
    socket.onopen = () => socket.send(JSON.stringify({ type: "start", rate_hz: rate, channels: 1, format: "f32le", smoothing_seconds: SMOOTHING_SECONDS }));
    socket.onmessage = ({ data }) => {
      const event = JSON.parse(data);
      if (event.type === "ready") {
        element("about").textContent = `${event.model} · ${event.engine}`;
        resolve(socket);
      } else if (event.type === "error") {
        last = event.message;
      } else {
        hear(event);
      }
    };
    socket.onclose = ({ reason }) => {
      const why = last || reason;
      const text = why ? `The server ended the stream: ${why}.` : "There is no way to the server; does it run, and does the page’s address hold the right ?token=…?";
      reject(new Error(text));
      if (running?.socket === socket) stop(text);
    };
  });
}

let waiting = false;

function take(socket, piece, rate) {
  let sum = 0;
  for (const sample of piece) sum += sample * sample;
  level(10 * Math.log10(sum / piece.length + 1e-12));
  if (socket.readyState !== WebSocket.OPEN) return;
  const late = socket.bufferedAmount > MOST_WAITING_SECONDS * rate * 4;
  if (late !== waiting) {
    waiting = late;
    notice(late ? "The server cannot keep up; some sound is left out." : "");
  }
  if (!late) socket.send(piece.buffer);
}

function level(db) {
  const meter = element("level");
  meter.firstElementChild.style.width = `${Math.min(Math.max((db + 60) / 60, 0), 1) * 100}%`;
  meter.setAttribute("aria-valuenow", Math.round(Math.min(Math.max(db, -60), 0)));
}

function hear(event) {
  if (event.type === "emotion.update" && running) {
    const scores = event.scores && about.labels.map(({ name }) => event.scores[name]);
    history.push(event.audio_end_ms / 1000, scores, event.unsure);
    document.body.className = scores ? (event.unsure ? "unsure" : "") : "silent";
    const sure = event.unsure ? "unsure" : "sure";
    show(event, scores ? `${sure}, ${percent(event.confidence)}${event.speaking ? "" : " · silence now"}` : "No voice.");
  } else if (event.type === "emotion.final") {
    tell(event);
  } else if (event.type === "warning") {
    notice(event.message);
  }
}

// An update's scores, or none.
function show(event, state) {
  const scores = event?.scores;
  const lead = element("lead"), leading = about.labels.find(({ name }) => scores && name === event.label);
  lead.hidden = !leading;
  if (leading) {
    lead.querySelector("b").textContent = leading.name;
    lead.querySelector(".dot").style.background = leading.colour;
  }
  element("state").textContent = state;
  Array.from(element("bars").children).forEach((item, index) => {
    const { name } = about.labels[index];
    const score = scores ? scores[name] : 0;
    item.classList.toggle("leads", Boolean(scores) && name === event.label);
    item.querySelector("i").style.width = `${score * 100}%`;
    item.querySelector(".value").textContent = scores ? percent(score) : "–";
  });
  element("valence").textContent = scores ? signed(event.valence) : "–";
  element("arousal").textContent = scores ? signed(event.arousal) : "–";
  plot(scores ? event : null);
}

const places = [];

function plot(event) {
  const here = element("here");
  here.toggleAttribute("hidden", !event);
  if (!event) places.length = 0;
  if (event) {
    places.push([event.valence, -event.arousal]);
    if (places.length > TRAIL) places.shift();
    here.setAttribute("cx", event.valence);
    here.setAttribute("cy", -event.arousal);
    here.classList.toggle("unsure", event.unsure);
  }
  const dots = places.slice(0, -1).map(([x, y], index) => {
    const dot = document.createElementNS("http://www.w3.org/2000/svg", "circle");
    for (const [name, value] of Object.entries({ cx: x, cy: y, r: .03, opacity: (index + 1) / TRAIL / 2 })) dot.setAttribute(name, value);
    return dot;
  });
  element("trail").replaceChildren(...dots);
}

function tell(event) {
  const item = document.createElement("li");
  const [time, label, rest] = ["time", "span", "small"].map((tag) => document.createElement(tag));
  time.textContent = `${clock(event.audio_start_ms)} – ${clock(event.audio_end_ms)}`;
  const dot = document.createElement("i"), name = document.createElement("b");
  dot.className = "dot";
  const known = about.labels.find(({ name }) => name === event.label);
  dot.style.background = known?.colour ?? "transparent";
  name.textContent = event.label ?? "not known";
  if (event.unsure) label.className = "unsure";
  label.append(dot, name);
  if (event.scores) {
    rest.textContent = `${percent(event.confidence)}${event.unsure ? ", unsure" : ""} · valence ${signed(event.valence)} · arousal ${signed(event.arousal)}`;
  }
  item.append(time, label, rest);
  element("said").prepend(item);
  while (element("said").children.length > MOST_SAID) element("said").lastChild.remove();
  element("none").hidden = true;
}

begin().catch((error) => notice(`The page could not begin: ${error.message}`));

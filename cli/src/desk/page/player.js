// The sound: one take, or two that are compared. Compared together, both run and one is heard, so that changing over is instant and keeps the place.
import { on, tell } from "./model.js";

export const sides = { A: side("A"), B: side("B") };
export const player = { heard: "A", together: true };

function side(name) {
  const audio = new Audio();
  audio.preload = "metadata";
  const it = { name, audio, take: null, decoded: false, wanted: null, trouble: null };
  audio.addEventListener("error", () => {
    if (!it.take || !audio.getAttribute("src")) return;
    // The browser cannot play this: have it decoded, once.
    if (!it.decoded) return open(it, true);
    explain(it);
  });
  audio.addEventListener("loadedmetadata", () => {
    if (it.wanted !== null) audio.currentTime = Math.min(it.wanted, Math.max(audio.duration - 0.02, 0));
    it.wanted = null;
    tell("moved", it);
  });
  for (const event of ["play", "pause", "ended", "seeked"]) audio.addEventListener(event, () => tell("playing", it));
  return it;
}

async function explain(it) {
  it.trouble = "the browser cannot play it";
  try {
    const answer = await fetch(`/takes/${it.take.id}/sound.wav`, { headers: { range: "bytes=0-1" } });
    if (!answer.ok) it.trouble = (await answer.json()).message;
  } catch {
    it.trouble = "the server does not answer";
  }
  tell("playing", it);
}

const KINDS = { wav: "audio/wav", wave: "audio/wav", bwf: "audio/wav", flac: "audio/flac", mp3: "audio/mpeg", ogg: "audio/ogg", oga: "audio/ogg", m4a: "audio/mp4", m4b: "audio/mp4", mp4: "audio/mp4", aac: "audio/aac", aif: "audio/aiff", aiff: "audio/aiff", aifc: "audio/aiff" };

function open(it, decoded) {
  const kind = KINDS[it.take.name.split(".").pop().toLowerCase()];
  it.decoded = decoded || (kind !== undefined && it.audio.canPlayType(kind) === "");
  const playing = it.play;
  it.audio.src = `/takes/${it.take.id}/${it.decoded ? "sound.wav" : "sound"}`;
  if (playing) it.audio.play().catch(() => {});
}

// Puts a take on a side; its sound is fetched once it is played.
export function put(name, take) {
  const it = sides[name];
  if (it.take?.id === take?.id && it.take?.version === take?.version) return;
  const same = it.take?.id === take?.id && it.take?.modified === take?.modified;
  it.take = take;
  if (same) return;
  it.play = false;
  it.audio.pause();
  it.audio.removeAttribute("src");
  it.audio.load();
  it.wanted = null;
  it.trouble = null;
  it.decoded = false;
}

export const compared = () => sides.A.take !== null && sides.B.take !== null;
const running = () => (compared() && player.together ? [sides.A, sides.B] : [sides[player.heard]]);

export const isPlaying = () => Object.values(sides).some((it) => it.take && !it.audio.paused);
export const at = (name) => sides[name].wanted ?? sides[name].audio.currentTime;

export function play() {
  const pair = running(), heard = sides[player.heard];
  // Together from the same place.
  const place = heard.audio.ended ? 0 : at(heard.name);
  for (const it of pair) {
    if (!it.take || it.take.missing || it.take.state === "failed") continue;
    it.play = true;
    if (!it.audio.getAttribute("src")) open(it, false);
    it.audio.muted = it !== heard;
    if (it !== heard) seekOne(it, place);
    it.audio.play().catch((error) => {
      if (error.name === "NotAllowedError") it.trouble = "the browser wants a click first";
      tell("playing", it);
    });
  }
}

export function pause() {
  for (const it of Object.values(sides)) {
    it.play = false;
    it.audio.pause();
  }
}
export const toggle = () => (isPlaying() ? pause() : play());

function seekOne(it, seconds) {
  const end = it.take?.seconds ?? seconds, place = Math.min(Math.max(seconds, 0), Math.max(end - 0.02, 0));
  if (it.audio.readyState > 0) it.audio.currentTime = place; else it.wanted = place;
}

export function seek(seconds, name = player.heard) {
  if (compared() && player.together) Object.values(sides).forEach((it) => seekOne(it, seconds)); else seekOne(sides[name], seconds);
  tell("moved", sides[name]);
}

// Hears the other side, from the same place if they run together.
export function changeOver(name = player.heard === "A" ? "B" : "A") {
  if (!compared() && name === "B") return;
  const was = isPlaying(), place = at(player.heard);
  player.heard = name;
  const heard = sides[name];
  if (player.together) {
    for (const it of Object.values(sides)) it.audio.muted = it !== heard;
    if (Math.abs(at(name) - place) > 0.04) seekOne(heard, place);
    if (was && heard.audio.paused && !heard.audio.ended) play();
  } else if (was) {
    pause();
    play();
  }
  tell("heard");
}

export function setTogether(together) {
  const was = isPlaying();
  pause();
  player.together = together;
  if (together && compared()) seek(at(player.heard));
  if (was) play();
  tell("heard");
}

export function follow(frame) {
  const tick = () => {
    if (isPlaying()) frame();
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
}

// Another server's numbers are other takes.
on("restarted", () => {
  for (const name of Object.keys(sides)) put(name, null);
});

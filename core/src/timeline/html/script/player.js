// What is under the pointer, and the sound.

const make = (name, className, text) => {
  const element = document.createElement(name);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
};
const percent = (share) => `${Math.round(share * 100)}\u00a0%`;
const signed = (value) => {
  const text = Math.abs(value).toFixed(2);
  return text === "0.00" ? text : (value < 0 ? "−" : "+") + text;
};
const dot = (emotion) => {
  const element = make("i", "dot");
  element.style.background = emotions[emotion].colour;
  return element;
};
const named = (emotion) => {
  const element = make("span");
  element.append(dot(emotion), emotions[emotion].name);
  return element;
};
const rail = (emotion, share) => {
  const element = make("span", "rail"), bar = make("i");
  bar.style.width = `${100 * share}%`;
  bar.style.background = emotions[emotion].colour;
  element.append(bar);
  return element;
};

function look(take, seconds) {
  const windows = unpack(take), i = windowAt(windows, seconds), n = emotions.length;
  if (i < 0 || !windows.flags[i]) return { unsure: true, ranked: [], text: "no voice" };
  const scores = Array.from(windows.scores.subarray(i * n, i * n + n));
  const ranked = scores.map((score, emotion) => ({ score, emotion })).sort((a, b) => b.score - a.score);
  const mean = (of) => scores.reduce((sum, score, e) => sum + score * emotions[e][of], 0);
  const unsure = windows.flags[i] === 2;
  return {
    ranked, unsure, valence: mean("valence"), arousal: mean("arousal"),
    text: `${emotions[ranked[0].emotion].name}${unsure ? ", unsure" : ""}`,
  };
}

let shown = null;
function show(take, seconds, x, y) {
  const here = look(take, seconds);
  take.at = seconds;
  whyAt(take, seconds);
  tip.replaceChildren();
  const title = make("p", "", clock(seconds, 1));
  title.append(make("span", "", here.ranked.length ? (here.unsure ? "unsure" : "") : "no voice"));
  tip.append(title);
  if (here.ranked.length) {
    const bars = make("div", "bars");
    for (const { score, emotion } of here.ranked.slice(0, 5)) {
      if (score >= 0.005) bars.append(named(emotion), rail(emotion, score), make("span", "r", percent(score)));
    }
    const affect = make("div", "affect");
    affect.append(make("span", "", `valence ${signed(here.valence)}`), make("span", "", `arousal ${signed(here.arousal)}`));
    tip.append(bars, affect);
  }
  take.box.setAttribute("aria-valuenow", seconds.toFixed(2));
  take.box.setAttribute("aria-valuetext", `${clock(seconds, 1)}, ${here.text}`);
  if (shown && shown !== take) shown.cursor.hidden = true;
  shown = take;
  take.cursor.hidden = false;
  take.cursor.style.left = `${(100 * seconds) / take.seconds}%`;
  tip.hidden = false;
  const left = x + 16 + tip.offsetWidth > innerWidth ? Math.max(x - 16 - tip.offsetWidth, 4) : x + 16;
  // Over the timeline where the panel below it is what one looks at.
  const over = take.why && !take.more.hidden && y - 16 - tip.offsetHeight >= 4;
  const above = over ? y - 16 - tip.offsetHeight : y + 20 + tip.offsetHeight > innerHeight ? Math.max(y - 12 - tip.offsetHeight, 4) : y + 20;
  tip.style.transform = `translate(${Math.round(left)}px, ${Math.round(above)}px)`;
}
function hide() {
  tip.hidden = true;
  if (shown) shown.cursor.hidden = true;
  shown = null;
}
function pointed(take, event) {
  const box = take.box.getBoundingClientRect();
  return Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1) * take.seconds;
}

let playing = null;
function start(take, seconds) {
  if (playing && playing !== take) playing.audio.pause();
  const audio = take.audio;
  take.silent.hidden = true;
  if (seconds !== undefined) {
    take.wanted = Math.min(seconds, Math.max(take.seconds - 0.02, 0));
    if (audio.readyState > 0) seek(take);
  }
  audio.play().catch((error) => { if (error.name !== "AbortError") failed(take); });
}
function seek(take) {
  if (take.wanted !== undefined) take.audio.currentTime = take.wanted;
  take.wanted = undefined;
}
function failed(take) {
  take.silent.hidden = false;
  take.body.classList.remove("playing");
}
function follow() {
  if (!playing) return;
  place(playing);
  requestAnimationFrame(follow);
}
function place(take) {
  take.now.hidden = false;
  take.now.style.left = `${Math.min((100 * take.audio.currentTime) / take.seconds, 100)}%`;
}

for (const take of takes) {
  const { box, audio } = take;
  box.setAttribute("aria-valuemin", "0");
  box.setAttribute("aria-valuemax", take.seconds.toFixed(2));
  box.setAttribute("aria-valuenow", "0");
  box.addEventListener("pointermove", (event) => show(take, pointed(take, event), event.clientX, event.clientY));
  box.addEventListener("pointerleave", hide);
  box.addEventListener("click", (event) => start(take, pointed(take, event)));
  box.addEventListener("blur", hide);
  box.addEventListener("keydown", (event) => {
    const far = take.seconds / 20, near = Math.max(take.seconds / 200, 0.05);
    const steps = { ArrowLeft: -near, ArrowRight: near, PageDown: -far, PageUp: far, Home: -take.seconds, End: take.seconds };
    if (event.key in steps) {
      const at = Math.min(Math.max(take.at + steps[event.key], 0), take.seconds);
      const frame = box.getBoundingClientRect();
      show(take, at, frame.left + (frame.width * at) / take.seconds, frame.top + 30);
    } else if (event.key === "Enter" || event.key === " ") {
      if (event.key === " " && playing === take) audio.pause(); else start(take, take.at);
    } else if (event.key === "Escape") {
      hide();
    } else {
      return;
    }
    event.preventDefault();
  });
  take.play.addEventListener("click", () => { if (playing === take) audio.pause(); else start(take); });
  audio.addEventListener("loadedmetadata", () => seek(take));
  audio.addEventListener("play", () => {
    playing = take;
    take.body.classList.add("playing");
    follow();
  });
  const stopped = () => {
    if (playing === take) playing = null;
    take.body.classList.remove("playing");
  };
  audio.addEventListener("pause", stopped);
  audio.addEventListener("ended", () => { stopped(); take.now.hidden = true; });
}

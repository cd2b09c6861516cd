// The recording as a whole: lanes of one scale, one cursor over all, and everything that can be listened to from its own place.

const whole = document.querySelector(".whole"), length = Number(whole.dataset.seconds);
const strip = whole.querySelector(".strip .now"), button = document.getElementById("play"), time = document.getElementById("clock");
const places = Array.from(document.querySelectorAll("[data-from]"));
// Channels of one file share their sound.
const sources = takes.filter((take, i) => takes.findIndex((other) => other.audio.getAttribute("src") === take.audio.getAttribute("src")) === i);
let at = 0, until = null, together = false;

// A shorter track's lane is shorter.
for (const take of takes) take.box.style.width = `${(100 * take.seconds) / length}%`;

function playFrom(seconds, end) {
  together = true;
  until = end;
  at = seconds;
  for (const take of sources) {
    take.audio.pause();
    if (seconds >= take.seconds - 0.02) continue;
    take.silent.hidden = true;
    take.wanted = seconds;
    if (take.audio.readyState > 0) seek(take);
    take.audio.play().catch((error) => { if (error.name !== "AbortError") failed(take); });
  }
}
function stop() {
  until = null;
  for (const take of takes) take.audio.pause();
}
const sounding = () => takes.filter((take) => !take.audio.paused && !take.audio.ended);

function tick() {
  const now = sounding();
  document.body.classList.toggle("running", now.length > 0);
  button.setAttribute("aria-label", now.length ? "Pause" : "Play the recording");
  if (!now.length) return;
  // The longest track leads; before its file is there, its own clock still stands at 0.
  const lead = now.reduce((a, b) => (b.seconds > a.seconds ? b : a));
  if (lead.wanted === undefined) at = lead.audio.currentTime;
  show_at();
  if (until !== null && at >= until) stop();
  requestAnimationFrame(tick);
}
function show_at() {
  time.textContent = clock(at, 0);
  strip.hidden = false;
  strip.style.left = `${Math.min((100 * at) / length, 100)}%`;
  for (const take of takes) {
    take.now.hidden = at > take.seconds;
    take.now.style.left = `${(100 * at) / take.seconds}%`;
  }
  for (const place of places) {
    place.classList.toggle("here", Number(place.dataset.from) <= at && at < Number(place.dataset.to));
  }
}

// A click on a lane or its button is about that speaker's track alone.
document.addEventListener("click", (event) => {
  const body = event.target.closest("tbody.take");
  if (!body || !event.target.closest(".timeline, .play")) return;
  until = null;
  if (together) takes.forEach((take) => { if (take.body !== body) take.audio.pause(); });
  together = false;
}, true);
for (const take of takes) {
  take.audio.addEventListener("play", () => requestAnimationFrame(tick));
}
button.addEventListener("click", () => {
  if (sounding().length) stop();
  else playFrom(at < length - 0.05 ? at : 0, null);
});
for (const place of places) {
  place.addEventListener("click", () => {
    const { from, to } = place.dataset;
    playFrom(Number(from), place.hasAttribute("data-stop") ? Number(to) : null);
    show_at();
  });
}

// The stacked curves: each take's are drawn when it comes into view.

function draw(take) {
  const width = take.box.clientWidth;
  const scale = Math.min(window.devicePixelRatio || 1, 2);
  const key = [width, scale, alone].join();
  if (take.drawn === key || width === 0) return;
  take.drawn = key;
  const w = Math.max(1, Math.round(width * scale)), h = Math.round(AREA * scale), n = emotions.length;
  take.canvas.width = w;
  take.canvas.height = Math.round(HEIGHT * scale);
  const context = take.canvas.getContext("2d");
  const windows = unpack(take);
  const { flags, scores, edges, count } = windows;
  const columns = new Float32Array(w * n); // scores per pixel column
  const state = new Uint8Array(w);
  // Where many windows fall into a pixel, a few pixels share their mean: else a long take is noise to the eye.
  const crowded = count > 2 * w, grain = crowded ? Math.round(3 * scale) : 1;
  const perPixel = take.seconds / w;

  for (let x = 0, i = 0; x < w && count > 0; x += grain) {
    const from = x * perPixel, to = from + grain * perPixel, at = (from + to) / 2;
    while (i < count - 1 && edges[i + 1] <= from) i++;
    let last = i;
    while (last < count - 1 && edges[last + 1] < to) last++;
    if (last - i >= 2) { // many windows in a pixel: their mean
      let voiced = 0, unsure = 0;
      for (let k = i; k <= last; k++) {
        if (!flags[k]) continue;
        voiced++;
        if (flags[k] === 2) unsure++;
        for (let e = 0; e < n; e++) columns[x * n + e] += scores[k * n + e];
      }
      for (let e = 0; e < n; e++) columns[x * n + e] /= voiced || 1;
      state[x] = voiced * 2 < last - i + 1 ? 0 : unsure * 2 >= voiced ? 2 : 1;
      for (let next = x + 1; next < Math.min(x + grain, w); next++) {
        state[next] = state[x];
        columns.copyWithin(next * n, x * n, x * n + n);
      }
      continue;
    }
    const k = last > i && edges[last] <= at ? last : i;
    state[x] = flags[k];
    if (!flags[k]) continue;
    const own = centre(windows, k), beside = at < own ? k - 1 : k + 1;
    let part = 0;
    if (beside >= 0 && beside < count && flags[beside]) {
      part = Math.min(Math.max((at - own) / (centre(windows, beside) - own), 0), 1);
    }
    for (let e = 0; e < n; e++) {
      columns[x * n + e] = scores[k * n + e] * (1 - part) + (part ? scores[beside * n + e] * part : 0);
    }
  }

  // From the topmost layer down, each to the ground, so that no seam shows between two.
  const top = new Float32Array(w);
  for (let x = 0; x < w; x++) for (let e = 0; e < n; e++) top[x] += columns[x * n + e];
  for (let e = n - 1; e >= 0; e--) {
    if (alone !== null && alone !== e) continue;
    context.fillStyle = emotions[e].colour;
    for (let x = 0; x < w; x++) {
      if (!state[x]) continue;
      const height = (alone === null ? top[x] : columns[x * n + e]) * h;
      context.fillRect(x, h - height, 1, height);
      top[x] -= columns[x * n + e];
    }
  }
  // Unsure parts fade, whatever the page's colour.
  context.globalCompositeOperation = "destination-out";
  context.fillStyle = "rgb(0 0 0 / .66)";
  context.beginPath();
  runs(state, 2, (x0, x1) => context.rect(x0, 0, x1 - x0, h));
  context.fill();
  context.globalCompositeOperation = "source-over";
  // Hatching where there is no voice.
  context.save();
  context.beginPath();
  runs(state, 0, (x0, x1) => context.rect(x0, 0, x1 - x0, h));
  context.clip();
  context.strokeStyle = "rgb(128 130 135 / .38)";
  context.lineWidth = scale;
  context.beginPath();
  for (let x = -h; x < w; x += 6 * scale) {
    context.moveTo(x, h);
    context.lineTo(x + h, 0);
  }
  context.stroke();
  context.restore();
  axis(context, take, w, h, scale);
}

// Calls back for each run of columns in one state.
function runs(state, wanted, each) {
  for (let x = 0, start = 0; x < state.length; x++) {
    if (state[x] !== wanted) continue;
    start = x;
    while (x < state.length && state[x] === wanted) x++;
    each(start, x);
  }
}

function axis(context, take, w, h, scale) {
  if (!(take.seconds > 0)) return;
  const steps = [0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];
  const room = take.seconds / (w / scale / 84);
  const step = steps.find((it) => it >= room) || Math.ceil(room / 3600) * 3600;
  context.fillStyle = context.strokeStyle = GREY;
  context.lineWidth = scale;
  context.font = `${10.5 * scale}px system-ui, sans-serif`;
  context.textBaseline = "top";
  context.beginPath();
  for (let t = 0; t <= take.seconds; t += step) {
    const x = Math.min(Math.max(Math.round((t / take.seconds) * w), 1), w - 1);
    context.moveTo(x - .5, h + 2 * scale);
    context.lineTo(x - .5, h + 5 * scale);
    const label = clock(t, step < 1 ? 1 : 0), wide = context.measureText(label).width;
    context.fillText(label, Math.min(Math.max(x - wide / 2, 0), w - wide), h + 7 * scale);
  }
  context.stroke();
}

function clock(seconds, digits) {
  const factor = 10 ** digits;
  seconds = Math.round(seconds * factor) / factor;
  const hours = Math.floor(seconds / 3600), minutes = Math.floor(seconds / 60) % 60;
  const rest = (seconds % 60).toFixed(digits).padStart(digits ? digits + 3 : 2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

// Only what is in view is drawn, and what has left it is let go: a canvas costs a megabyte.
const watcher = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    const take = byBox.get(entry.target);
    take.visible = entry.isIntersecting;
    if (take.visible) draw(take); else release(take);
  }
}, { rootMargin: "400px" });
function release(take) {
  take.drawn = "";
  take.canvas.width = take.canvas.height = 0;
}
const redraw = () => takes.forEach((take) => { if (take.visible) draw(take); });
takes.forEach((take) => watcher.observe(take.box));
let pending = 0;
new ResizeObserver(() => {
  cancelAnimationFrame(pending);
  pending = requestAnimationFrame(redraw);
}).observe(table);
window.addEventListener("beforeprint", () => takes.forEach(draw));
window.addEventListener("afterprint", () => takes.forEach((take) => { if (!take.visible) release(take); }));

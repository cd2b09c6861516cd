// The data of a page over takes, whose layout is described in data.rs; the report and the contact sheet share it.

const data = JSON.parse(document.getElementById("data").textContent);
const emotions = data.emotions;
const tip = document.getElementById("tip");
const GREY = "#7c7f85"; // readable on light and dark pages, and in print
let alone = null; // the one emotion that is shown, or null for all

function unpack(take) {
  if (take.windows) return take.windows;
  const text = atob(take.packed.windows);
  const stride = emotions.length + 1;
  const count = Math.floor(text.length / stride);
  const flags = new Uint8Array(count);
  const scores = new Float32Array(count * emotions.length);
  for (let i = 0; i < count; i++) {
    flags[i] = text.charCodeAt(i * stride);
    let sum = 0;
    for (let e = 0; e < emotions.length; e++) sum += text.charCodeAt(i * stride + 1 + e);
    for (let e = 0; e < emotions.length; e++) {
      scores[i * emotions.length + e] = sum > 0 ? text.charCodeAt(i * stride + 1 + e) / sum : 0;
    }
  }
  const edges = new Float64Array(count + 1);
  let i = 0;
  for (const [length, times] of take.packed.stretches) {
    for (let k = 0; k < times; k++, i++) edges[i + 1] = edges[i] + length / 1000;
  }
  take.windows = { count, flags, scores, edges };
  return take.windows;
}

// The window that stands for a moment.
function windowAt(windows, seconds) {
  let low = 0, high = windows.count - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (windows.edges[middle] <= seconds) low = middle; else high = middle - 1;
  }
  return windows.count ? low : -1;
}

// The centre of a window: the middle of its stretch, but for the first and last, whose stretches go on to the take's ends.
function centre(windows, i) {
  const { edges, count } = windows;
  if (count < 3) return (edges[i] + edges[i + 1]) / 2;
  if (i === 0) return edges[1] - (edges[2] - edges[1]) / 2;
  if (i === count - 1) return edges[i] + (edges[i] - edges[i - 1]) / 2;
  return (edges[i] + edges[i + 1]) / 2;
}


// Draws the curves, plays the sound, sorts and filters. No library, no network. The data's layout is described in data.rs.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const emotions = data.emotions;
  const table = document.getElementById("takes");
  const tip = document.getElementById("tip");
  const AREA = 60; // height of the curves, in CSS pixels; below them is the time axis
  const HEIGHT = 78;
  const GREY = "#7c7f85"; // readable on light and dark pages, and in print
  let alone = null; // the one emotion that is shown, or null for all

  const takes = Array.from(table.tBodies, (body, index) => ({
    index, body, packed: data.takes[index], seconds: data.takes[index].length / 1000,
    box: body.querySelector(".timeline"), canvas: body.querySelector("canvas"), audio: body.querySelector("audio"),
    play: body.querySelector(".play"), open: body.querySelector(".open"), more: body.querySelector(".more"),
    cursor: body.querySelector(".cursor"), now: body.querySelector(".now"), silent: body.querySelector(".silent"),
    visible: false, drawn: "", at: 0,
  }));
  const byBox = new Map(takes.map((take) => [take.box, take]));

  // ---- data ----

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

  // ---- curves ----

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

  // ---- what is under the pointer ----

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
    const above = y + 20 + tip.offsetHeight > innerHeight ? Math.max(y - 12 - tip.offsetHeight, 4) : y + 20;
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

  // ---- sound ----

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
    take.open.addEventListener("click", () => toggle(take, take.more.hidden));
  }

  // ---- details ----

  function toggle(take, shown) {
    take.more.hidden = !shown;
    take.open.setAttribute("aria-expanded", String(shown));
    if (shown && !take.filled) {
      take.filled = true;
      take.more.cells[0].append(detail(take));
    }
  }

  function detail(take) {
    const panel = make("div", "detail"), packed = take.packed;
    if (!packed.scores) {
      panel.append(make("p", "", "No voice was found in this take, so there is nothing to tell."));
      return panel;
    }
    const part = (title) => {
      const section = make("section");
      section.append(make("h3", "", title));
      panel.append(section);
      return section;
    };
    const bars = make("div", "bars");
    bars.append(make("small"), make("small"), make("small", "r", "score"), make("small", "r", "leads"));
    packed.scores.forEach((score, e) => bars.append(
      named(e), rail(e, score / 1000), make("span", "r", percent(score / 1000)), make("span", "r quiet", percent(packed.shares[e] / 1000)),
    ));
    part("The whole take").append(bars);

    const moments = make("div", "list");
    for (const [emotion, from, to, score] of packed.moments) {
      moments.append(jump(take, from / 1000, (from + to) / 2000, named(emotion), percent(score / 1000)));
    }
    part("Strongest moments").append(moments);

    const changes = make("div", "list"), most = 300;
    for (const [at, from, to] of packed.transitions.slice(0, most)) {
      const text = make("span");
      text.append(dot(from), "→ ", dot(to), emotions[to].name);
      changes.append(jump(take, at / 1000, at / 1000, text, ""));
    }
    const beyond = packed.transitions.length - most;
    if (beyond > 0) changes.append(make("p", "note", `and ${beyond} more`));
    const count = packed.transitions.length;
    part(count === 1 ? "1 change" : count ? `${count} changes` : "No changes").append(changes);
    part("Valence and arousal").append(plane(take));
    return panel;
  }

  function jump(take, start_seconds, shown_seconds, text, value) {
    const button = make("button");
    button.type = "button";
    button.append(make("time", "", clock(shown_seconds, 1)), text, make("span", "", value));
    button.addEventListener("click", () => start(take, start_seconds));
    return button;
  }

  // Where the take lies between unpleasant and pleasant, calm and excited: a dot per window, a ring for the whole.
  function plane(take) {
    const svg = (name, attributes, text) => {
      const element = document.createElementNS("http://www.w3.org/2000/svg", name);
      for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
      if (text) element.textContent = text;
      return element;
    };
    const x = (valence) => 100 + 92 * valence, y = (arousal) => 80 - 72 * arousal;
    const root = svg("svg", { viewBox: "0 0 200 176", class: "plane", role: "img", "aria-label": "Valence and arousal over the take" });
    root.append(
      svg("rect", { class: "frame", x: 4, y: 4, width: 192, height: 152, rx: 6 }),
      svg("path", { class: "axis", d: "M4 80H196M100 4V156" }),
      svg("text", { x: 4, y: 169 }, "unpleasant"), svg("text", { x: 196, y: 169, "text-anchor": "end" }, "pleasant"),
      svg("text", { x: 104, y: 15 }, "excited"), svg("text", { x: 104, y: 151 }, "calm"),
    );
    const windows = unpack(take), n = emotions.length, step = Math.max(1, Math.ceil(windows.count / 400));
    const point = (scores) => ["valence", "arousal"].map((of) => scores.reduce((sum, s, e) => sum + s * emotions[e][of], 0));
    for (let i = 0; i < windows.count; i += step) {
      if (!windows.flags[i]) continue;
      const scores = Array.from(windows.scores.subarray(i * n, i * n + n));
      const [valence, arousal] = point(scores);
      const leading = scores.indexOf(Math.max(...scores));
      root.append(svg("circle", {
        cx: x(valence).toFixed(1), cy: y(arousal).toFixed(1), r: 2.4, fill: emotions[leading].colour,
        "fill-opacity": windows.flags[i] === 2 ? 0.3 : 0.75,
      }));
    }
    const [valence, arousal] = point(take.packed.scores.map((score) => score / 1000));
    root.append(svg("circle", { class: "mean", cx: x(valence).toFixed(1), cy: y(arousal).toFixed(1), r: 5.5 }));
    return root;
  }

  // ---- sorting, filter, legend ----

  const buttons = Array.from(table.tHead.querySelectorAll("button"));
  const numeric = new Set(["seconds", "valence", "arousal", "confidence", "voiced"]);
  const compare = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" }).compare;
  let sorted = { key: "", down: false };
  function sort(key) {
    // Numbers start with the largest, text with A; a third click gives the scan's order back.
    const first = numeric.has(key);
    if (sorted.key !== key) sorted = { key, down: first };
    else if (sorted.down === first) sorted = { key, down: !first };
    else sorted = { key: "", down: false };
    const value = (take) => take.body.dataset[sorted.key];
    const order = [...takes];
    if (sorted.key) {
      order.sort((a, b) => {
        const [p, q] = [value(a), value(b)];
        if (p === "" || q === "") return (p === "") - (q === ""); // takes without voice stay last
        const by = first ? p - q : compare(p, q);
        return (sorted.down ? -by : by) || a.index - b.index;
      });
    }
    table.append(...order.map((take) => take.body));
    for (const button of buttons) {
      const cell = button.parentElement;
      if (button.dataset.key !== sorted.key) cell.removeAttribute("aria-sort");
      else cell.setAttribute("aria-sort", sorted.down ? "descending" : "ascending");
    }
  }
  buttons.forEach((button) => button.addEventListener("click", () => sort(button.dataset.key)));

  const filter = document.getElementById("filter");
  filter.addEventListener("input", () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const { body } of takes) {
      const { folder, name, emotion } = body.dataset;
      const text = `${folder}/${name} ${emotion || "no voice"}`.toLowerCase();
      body.hidden = !words.every((word) => text.includes(word));
      if (!body.hidden) shown++;
    }
    document.getElementById("count").textContent = words.length ? `${shown} of ${takes.length}` : "";
    document.getElementById("none").hidden = shown > 0 || takes.length === 0;
  });

  const chips = Array.from(document.querySelectorAll(".legend button"));
  chips.forEach((chip, index) => chip.addEventListener("click", () => {
    alone = alone === index ? null : index;
    chips.forEach((other, i) => other.setAttribute("aria-pressed", String(i === alone)));
    redraw();
  }));

  if (takes.length === 1) toggle(takes[0], true);
})();

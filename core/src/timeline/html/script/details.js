// What a take shows when it is opened: its scores, strongest moments, changes, and the valence and arousal plane.

function toggle(take, shown) {
  take.more.hidden = !shown;
  take.open.setAttribute("aria-expanded", String(shown));
  if (take.why) take.why.mark.hidden = !shown;
  if (shown && !take.filled) {
    take.filled = true;
    if (take.packed.why) take.more.cells[0].append(whyPanel(take));
    if (take.packed.delivery) take.more.cells[0].append(deliveryPanel(take));
    take.more.cells[0].append(detail(take));
  }
}

takes.forEach((take) => take.open.addEventListener("click", () => toggle(take, take.more.hidden)));

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

// Why: what moved the score of the window that is pointed at, as patches of time and frequency, and how the sound differs from the voice's usual.

const points = (thousandths) => {
  const text = (Math.abs(thousandths) / 10).toFixed(0); // tenths of a point would be the sampling's, not the sound's
  return text === "0" ? "·" : (thousandths < 0 ? "−" : "+") + text;
};
const hertz = (low, high) => {
  const kilo = (hz) => String(Math.round(hz / 100) / 10);
  return high <= 1000 ? `${low}–${high}\u00a0Hz` : `${kilo(low)}–${kilo(high)}\u00a0kHz`;
};

// The panel of a take; it shows the window with the highest score until another is pointed at.
function whyPanel(take) {
  const why = take.packed.why, panel = make("div", "why");
  take.why = { panel, shown: -1, mark: make("i", "seen") };
  take.box.append(take.why.mark);
  const best = why.windows.reduce((best, it, i) => (it.score > why.windows[best].score ? i : best), 0);
  whyWindow(take, best, -1);
  return panel;
}

// The explained window whose middle is nearest to a moment.
function whyAt(take, seconds) {
  if (!take.why || take.more.hidden) return;
  const at = seconds * 1000, { windows } = take.packed.why;
  const away = (it) => Math.abs((it.borders[0] + it.borders[it.borders.length - 1]) / 2 - at);
  const index = windows.reduce((best, it, i) => (away(it) < away(windows[best]) ? i : best), 0);
  whyWindow(take, index, at);
}

function whyWindow(take, index, at) {
  const { regions, windows, against, baseline } = take.packed.why, it = windows[index], { panel, mark } = take.why;
  const cells = it.borders.length - 1, from = it.borders[0], to = it.borders[cells], end = take.seconds * 1000;
  if (take.why.shown !== index) {
    take.why.shown = index;
    mark.style.left = `${(100 * from) / end}%`;
    mark.style.width = `${(100 * (to - from)) / end}%`;

    const head = make("p", "said");
    head.append(named(it.emotion), make("b", "", percent(it.score / 1000)));
    head.append(make("span", "quiet", `at ${clock(from / 1000, 1)}–${clock(to / 1000, 1)}; ${baseline} alone would get ${percent(it.without / 1000)}`));

    const grid = make("div", "patches");
    grid.setAttribute("role", "table");
    grid.style.gridTemplateColumns = `minmax(6rem, max-content) repeat(${cells}, minmax(0, 1fr)) minmax(2.6rem, max-content)`;
    const most = Math.max(...it.patches.map(Math.abs), 10);
    const row = (name, values, last, className) => {
      const line = make("div", `row ${className}`);
      line.setAttribute("role", "row");
      line.append(name, ...values, last);
      grid.append(line);
    };
    const sum = (values) => values.reduce((a, b) => a + b, 0);
    const cell = (className, text) => {
      const element = make("span", className, text);
      element.setAttribute("role", "cell");
      return element;
    };
    for (let r = regions.length - 1; r >= 0; r--) {
      const [name, low, high] = regions[r], values = it.borders.slice(0, -1).map((_, c) => it.patches[c * regions.length + r]);
      const title = cell("region", name);
      title.append(make("small", "", hertz(low, high)));
      row(title, values.map((value, c) => {
        const patch = cell(`patch ${value < 0 ? "against" : "for"}`, points(value));
        patch.style.setProperty("--much", (Math.abs(value) / most).toFixed(3));
        patch.title = `${name}, ${clock(it.borders[c] / 1000, 1)}–${clock(it.borders[c + 1] / 1000, 1)}: ${points(value)} points (standard error up to ${(it.error / 10).toFixed(1)})`;
        patch.addEventListener("click", () => start(take, it.borders[c] / 1000));
        return patch;
      }), cell("sum", points(sum(values))), "");
    }
    const column = (c) => sum(it.patches.slice(c * regions.length, (c + 1) * regions.length));
    row(cell("region quiet", "all"), it.borders.slice(0, -1).map((_, c) => cell("sum", points(column(c)))), cell("sum", points(it.score - it.without)), "all");
    row(cell("region quiet", "second"), it.borders.slice(0, -1).map((border) => cell("time", clock(border / 1000, 1))), cell("sum quiet", "all"), "times");

    const words = make("section", "words");
    words.append(make("h3", "", `The sound, against ${against}`));
    const list = make("ul");
    for (const word of it.words) list.append(make("li", "", word));
    words.append(list);
    if (it.usual.length) words.append(make("p", "quiet", `as usual in ${it.usual.join(", ")}`));
    if (!it.words.length && !it.usual.length) words.append(make("p", "quiet", "There is too little other voice to compare with."));

    const moved = make("section", "moved");
    moved.append(make("h3", "", "What moved the score, in points of a hundred"), head, grid);
    const note = make("p", "quiet key");
    note.append(make("i", "swatch patch for"), "raised it ", make("i", "swatch patch against"), "lowered it. Point at the timeline for other windows; click a patch to hear it. ",
      "The patches describe the model and the words describe the sound; neither describes what a person feels.");
    panel.replaceChildren(moved, words, note);
  }
  const lines = panel.querySelectorAll(".patches .row");
  for (const line of lines) {
    Array.from(line.children).forEach((child, c) => child.classList.toggle("here", c > 0 && c <= cells && it.borders[c - 1] <= at && at < it.borders[c]));
  }
}

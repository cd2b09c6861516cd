// One side of the desk: a take's name, marks, waveform, band, figures and note.
import { desk, leading, nameOf, on, tell } from "./model.js";
import { drafts, star, setMark, setNote } from "./marks.js";
import { at, changeOver, isPlaying, pause, play, player, seek, sides } from "./player.js";
import { colours, drawAxis, drawBand, drawWave, edgesOf, factsOf, loudest, ready, statesOf, windowsOf } from "./picture.js";
import { badge, button, clock, make, percent } from "./words.js";

const BAND = 22, AXIS = 19, GAP = 4;

export class Slot {
  constructor(name) {
    this.name = name;
    this.take = null;
    this.view = [0, 1];
    this.seconds = 0;
    this.pointed = null;
    this.build();
    new ResizeObserver(() => this.fetch()).observe(this.wave);
  }

  build() {
    const root = this.root = make("article", `slot ${this.name}`);
    root.setAttribute("aria-label", `Take ${this.name}`);
    const head = make("div", "head");
    this.play = button("play", "", "Play or pause (space)");
    this.side = button("side", this.name, "Hear this one (v changes over)");
    const title = make("div", "title");
    this.file = make("b");
    this.folder = make("span", "quiet");
    title.append(this.file, this.folder);
    this.verdict = make("p", "verdict");
    const marks = make("div", "marks");
    this.chosen = button("choose", "✓ Choose", "Choose (c)");
    this.rejected = button("reject", "✕ Reject", "Reject (x)");
    this.stars = make("div", "stars");
    this.stars.setAttribute("role", "radiogroup");
    this.stars.setAttribute("aria-label", "Stars");
    for (let n = 1; n <= 5; n++) {
      const it = button("star", "★", `${n} of 5 stars (${n})`);
      it.setAttribute("role", "radio");
      it.setAttribute("aria-label", `${n} of 5 stars`);
      it.addEventListener("click", () => star(this.take, n === this.take.stars ? 0 : n));
      this.stars.append(it);
    }
    marks.append(this.chosen, this.rejected, this.stars);
    this.time = make("time", "time");
    head.append(this.play, this.side, title, this.verdict, marks, this.time);

    const wave = this.wave = make("div", "wave");
    wave.tabIndex = 0;
    wave.setAttribute("role", "slider");
    wave.setAttribute("aria-label", `Position in take ${this.name}`);
    wave.setAttribute("aria-valuemin", "0");
    this.canvas = make("canvas");
    this.cursor = make("i", "cursor");
    this.look = make("i", "look");
    this.said = make("p", "said quiet");
    wave.append(this.canvas, this.look, this.cursor, this.said);

    const foot = make("div", "foot");
    this.figures = make("dl", "figures");
    this.flags = make("p", "flags");
    this.note = make("textarea", "note");
    this.note.rows = 1;
    this.note.maxLength = 10000;
    this.note.placeholder = "Note";
    this.note.setAttribute("aria-label", `Note on take ${this.name}`);
    foot.append(this.figures, this.flags, this.note);
    root.append(head, wave, foot);

    this.play.addEventListener("click", () => {
      if (isPlaying() && player.heard === this.name) return pause();
      if (player.heard !== this.name) changeOver(this.name);
      if (!isPlaying()) play();
    });
    this.side.addEventListener("click", () => changeOver(this.name));
    this.chosen.addEventListener("click", () => setMark(this.take, "chosen"));
    this.rejected.addEventListener("click", () => setMark(this.take, "rejected"));
    this.note.addEventListener("input", () => {
      if (this.take) drafts.set(nameOf(this.take), this.note.value);
      this.fit();
    });
    this.note.addEventListener("blur", async () => {
      const { take } = this;
      if (!take) return;
      await setNote(take);
      this.showNote();
    });
    let pulled = false;
    const place = (event) => {
      const box = wave.getBoundingClientRect(), [from, to] = this.view;
      return from + Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1) * (to - from);
    };
    wave.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || !this.take?.seconds) return;
      pulled = true;
      wave.setPointerCapture(event.pointerId);
      if (player.heard !== this.name) changeOver(this.name);
      seek(place(event), this.name);
    });
    wave.addEventListener("pointermove", (event) => {
      if (!this.take?.seconds) return;
      if (pulled) return seek(place(event), this.name);
      if (event.pointerType === "touch") return;
      this.pointed = place(event);
      this.look.hidden = false;
      this.look.style.left = `${100 * (this.pointed - this.view[0]) / (this.view[1] - this.view[0])}%`;
      tell("look");
    });
    for (const end of ["pointerup", "pointercancel"]) wave.addEventListener(end, () => { pulled = false; });
    wave.addEventListener("pointerleave", () => {
      this.pointed = null;
      this.look.hidden = true;
      tell("look");
    });
    wave.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.shiftKey) return;
      event.preventDefault();
      const [from, to] = this.view, move = (event.deltaX || event.deltaY) / wave.clientWidth * (to - from);
      if (event.ctrlKey) this.zoom(event.deltaY < 0 ? 0.8 : 1.25, place(event)); else this.show(from + move, to + move);
    }, { passive: false });
    this.look.hidden = true;
    on("colours", () => this.draw());
  }

  put(take, two) {
    const other = this.take?.id !== take?.id, fresh = other || this.take?.modified !== take?.modified || this.state !== take?.state;
    this.take = take;
    this.state = take?.state;
    this.root.hidden = !take;
    if (!take) return;
    if (other) this.pointed = null;
    if (fresh) this.edges = this.windows = this.states = null;
    this.side.hidden = !two;
    this.file.textContent = take.name;
    this.folder.textContent = take.folder;
    this.verdict.replaceChildren();
    if (take.scores) {
      const emotion = desk.emotions[leading(take)];
      this.verdict.append(badge(emotion), make("b", "", emotion.name), make("span", "quiet", take.unsure ? `unsure, ${percent(take.confidence)}` : percent(take.confidence)));
    } else if (take.state === "ready") {
      this.verdict.append(make("span", "quiet", "no voice"));
    }
    this.chosen.setAttribute("aria-pressed", String(take.mark === "chosen"));
    this.rejected.setAttribute("aria-pressed", String(take.mark === "rejected"));
    Array.from(this.stars.children).forEach((it, n) => {
      it.classList.toggle("on", n < take.stars);
      it.setAttribute("aria-checked", String(n + 1 === take.stars));
    });
    if (other || document.activeElement !== this.note) this.showNote();
    const heard = take.state === "ready";
    for (const it of [this.chosen, this.rejected, this.note, ...this.stars.children]) it.disabled = !heard;
    this.root.classList.toggle("missing", take.missing || !heard);
    this.said.textContent = take.missing ? "The file is gone. It plays again once it is back." : { failed: take.error, growing: "This take is being written. It is scanned once it is whole.", waiting: "Waits for its scan." }[take.state] ?? "";
    if (fresh) this.showFigures({ facts: [], flags: [] });
    this.mark();
  }

  showNote() {
    if (!this.take) return;
    const text = drafts.get(nameOf(this.take)) ?? desk.takes.get(this.take.id)?.note ?? "";
    if (this.note.value !== text) this.note.value = text;
    this.fit();
  }

  fit() {
    this.note.style.height = "auto";
    this.note.style.height = `${Math.min(this.note.scrollHeight, 96) + 2}px`;
  }

  // How the take is delivered, and what is wrong with it.
  showFigures({ facts, flags }) {
    this.figures.replaceChildren(...facts.filter(([, value]) => value !== "–").map(([title, value, note]) => {
      const pair = make("div");
      pair.append(make("dt", "", title), make("dd", "", value));
      if (note) pair.append(make("small", "", note));
      pair.title = note;
      return pair;
    }));
    this.flags.replaceChildren(...flags.map(([name, why]) => {
      const flag = make("span");
      flag.append(make("b", "", name), make("small", "", why));
      return flag;
    }));
  }

  mark() {
    const heard = player.heard === this.name;
    this.root.classList.toggle("heard", heard);
    this.side.setAttribute("aria-pressed", String(heard));
  }

  // How many seconds the whole width shows; the view is kept where it fits.
  scale(seconds) {
    if (!this.take) return;
    if (this.seconds !== seconds || this.shownOf !== this.take.id) {
      this.seconds = seconds;
      this.view = [0, seconds || 1];
      this.edges = null;
    }
    this.shownOf = this.take.id;
    this.fetch();
  }

  show(from, to) {
    const wide = Math.min(Math.max(to - from, 0.05), this.seconds || 1), start = Math.min(Math.max(from, 0), Math.max(this.seconds - wide, 0));
    this.view = [start, start + wide];
    this.fetch();
  }

  zoom(factor, around) {
    const [from, to] = this.view, centre = around >= from && around <= to ? around : (from + to) / 2;
    this.show(centre - (centre - from) * factor, centre + (to - centre) * factor);
  }

  // Gets what the view needs and draws it; what was asked for before is drawn until then.
  async fetch() {
    const { take } = this, width = this.wave.clientWidth;
    this.draw();
    if (!take || take.seconds === null || !width) return;
    const scale = Math.min(window.devicePixelRatio || 1, 2), [from, to] = this.view;
    const columns = Math.min(Math.round(width * scale / (scale > 1 ? 2 : 1)), 4000), key = [take.id, take.modified, from, to, columns].join();
    if (this.asked === key && this.edges) return;
    this.asked = key;
    const mine = () => this.asked === key && this.take?.id === take.id;
    try {
      if (!this.windows && take.state === "ready") {
        const windows = await windowsOf(take.id);
        if (!mine()) return;
        this.windows = windows;
        tell("windows");
        factsOf(take.id).then((facts) => { if (this.take?.id === take.id) this.showFigures(facts); }, () => {});
        this.draw();
      }
      const edges = await edgesOf(take.id, from, to, columns);
      if (!mine()) return;
      this.edges = edges;
      this.edgesView = [from, to];
      // One gain for a take, whatever part of it is shown.
      if (from === 0 && to >= take.seconds) this.most = loudest(edges);
    } catch {
      if (mine()) this.asked = null;
    }
    this.draw();
  }

  draw() {
    const place = this.take && ready(this.canvas);
    if (!place) return;
    const { context, width, height, scale } = place, [from, to] = this.view;
    const top = height - (BAND + AXIS + GAP) * scale;
    const { edges, edgesView } = this;
    if (edges) {
      const [start, stop] = edgesView, per = width / (to - from);
      drawWave(context, edges, (start - from) * per, 0, (stop - start) * per, top, 0.96 / (this.most || loudest(edges) || 1), colours().wave);
    }
    context.fillStyle = colours().line;
    context.fillRect(0, top / 2 - scale / 2, width * Math.min((this.take.seconds - from) / (to - from), 1), scale);
    if (this.windows) {
      const end = Math.min(this.take.seconds, to), columns = Math.max(Math.round(width * (end - from) / (to - from) / scale), 1);
      drawBand(context, statesOf(this.windows, from, end, columns), 0, top + GAP * scale, width * (end - from) / (to - from), BAND * scale, scale, true);
    }
    drawAxis(context, from, to, width, height - (AXIS - 1) * scale, scale);
    this.follow();
  }

  // The cursor is where the sound is; a view that it leaves goes on with it.
  follow() {
    const { take } = this;
    if (!take) return;
    const seconds = at(this.name), [from, to] = this.view;
    if (isPlaying() && player.heard === this.name && (seconds < from || seconds > to)) this.show(seconds, seconds + to - from);
    const share = (seconds - this.view[0]) / (this.view[1] - this.view[0]);
    this.cursor.hidden = share < 0 || share > 1;
    this.cursor.style.transform = `translateX(${(share * this.wave.clientWidth).toFixed(1)}px)`;
    const text = take.seconds === null ? "" : `${clock(seconds)} / ${clock(take.seconds)}`;
    if (this.time.textContent !== text) {
      this.time.textContent = text;
      this.wave.setAttribute("aria-valuemax", (take.seconds ?? 0).toFixed(2));
      this.wave.setAttribute("aria-valuenow", seconds.toFixed(2));
      this.wave.setAttribute("aria-valuetext", text);
    }
    const playing = isPlaying() && player.heard === this.name;
    this.play.classList.toggle("on", playing);
    this.play.setAttribute("aria-label", playing ? "Pause" : "Play");
    const { trouble } = sides[this.name];
    if (trouble) this.said.textContent = trouble;
  }
}

// The last minute, as a picture: a line for each emotion; thin where unsure, hatched where there is no voice.
const SECONDS = 60;

export class History {
  constructor(canvas, colours) {
    this.canvas = canvas;
    this.colours = colours;
    this.points = [];
    this.hatch = null;
    new ResizeObserver(() => this.draw()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { this.hatch = null; this.draw(); });
  }

  clear() {
    this.points = [];
    this.draw();
  }

  // Takes an update: its end in seconds, its scores in the labels' order or null, and whether it is unsure.
  push(seconds, scores, unsure) {
    this.points.push({ seconds, scores, unsure });
    while (this.points.length && this.points[0].seconds < seconds - SECONDS - 2) this.points.shift();
    this.draw();
  }

  draw() {
    const { canvas, points } = this;
    const scale = devicePixelRatio || 1, width = canvas.clientWidth, height = canvas.clientHeight;
    if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
      canvas.width = Math.round(width * scale);
      canvas.height = Math.round(height * scale);
    }
    const context = canvas.getContext("2d"), style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(name).trim();
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, width, height);
    context.font = `11px ${getComputedStyle(document.body).fontFamily}`;
    context.textBaseline = "bottom";
    const left = 42, bottom = height - 18, top = 5, right = width - 4;
    const end = Math.max(points.at(-1)?.seconds ?? 0, SECONDS);
    const x = (seconds) => right - (end - seconds) / SECONDS * (right - left);
    const y = (score) => bottom - score * (bottom - top);

    context.fillStyle = colour("--soft");
    context.strokeStyle = colour("--line");
    context.lineWidth = 1;
    context.textAlign = "right";
    for (const score of [0, .5, 1]) {
      context.beginPath();
      context.moveTo(left, Math.round(y(score)) + .5);
      context.lineTo(right, Math.round(y(score)) + .5);
      context.stroke();
      context.fillText(`${score * 100} %`, left - 8, y(score) + (score === 1 ? 10 : 6));
    }
    context.textAlign = "center";
    for (let second = Math.ceil((end - SECONDS) / 10) * 10; second <= end; second += 10) {
      const place = x(second);
      const shown = `${Math.floor(second / 60)}:${String(second % 60).padStart(2, "0")}`;
      if (place > left + 8 && place < right - 12) context.fillText(shown, place, height);
    }

    context.save();
    context.beginPath();
    context.rect(left, top - 3, right - left, bottom - top + 6);
    context.clip();
    for (let index = 1; index < points.length; index++) {
      const [before, point] = [points[index - 1], points[index]];
      if (!point.scores) {
        context.fillStyle = this.pattern(context, scale);
        context.fillRect(x(before.seconds), top, x(point.seconds) - x(before.seconds) + .5, bottom - top);
      }
    }
    context.lineJoin = context.lineCap = "round";
    this.colours.forEach((strokeStyle, emotion) => {
      context.strokeStyle = strokeStyle;
      for (let index = 1; index < points.length; index++) {
        const [before, point] = [points[index - 1], points[index]];
        if (!before.scores || !point.scores) continue;
        const faint = before.unsure || point.unsure;
        context.globalAlpha = faint ? .4 : 1;
        context.lineWidth = faint ? 1.5 : 2.25;
        context.beginPath();
        context.moveTo(x(before.seconds), y(before.scores[emotion]));
        context.lineTo(x(point.seconds), y(point.scores[emotion]));
        context.stroke();
      }
    });
    context.restore();
  }

  pattern(context, scale) {
    if (!this.hatch) {
      const size = Math.round(6 * scale), tile = document.createElement("canvas");
      tile.width = tile.height = size;
      const paint = tile.getContext("2d");
      paint.strokeStyle = "rgb(128 130 135 / .55)";
      paint.lineWidth = scale;
      paint.beginPath();
      for (const shift of [-size, 0, size]) {
        paint.moveTo(shift, size);
        paint.lineTo(shift + size, 0);
      }
      paint.stroke();
      this.hatch = context.createPattern(tile, "repeat");
      this.hatch.setTransform(new DOMMatrix().scale(1 / scale));
    }
    return this.hatch;
  }
}

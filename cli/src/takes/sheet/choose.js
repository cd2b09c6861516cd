// Sorting, the keyboard, and the choices.

const compare = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" }).compare;
const value = (element, key) => (element.dataset[key] === "" ? -Infinity : Number(element.dataset[key]));

// Numbers on the cards are the keys that choose them.
function count(line) {
  line.takes.forEach((take, place) => { take.number.textContent = place + 1; });
}

document.getElementById("takes-by").addEventListener("change", (event) => {
  const key = event.target.value, ascending = key === "place" || key === "counted";
  for (const line of lines) {
    line.takes.sort((a, b) => (ascending ? value(a.body, key) - value(b.body, key) : value(b.body, key) - value(a.body, key)) || a.index - b.index);
    if (line.strip) line.strip.append(...line.takes.map((take) => take.body));
    count(line);
  }
});

document.getElementById("lines-by").addEventListener("change", (event) => {
  const key = event.target.value;
  const orders = {
    given: () => 0,
    name: (a, b) => compare(a.row.dataset.name, b.row.dataset.name),
    open: (a, b) => Boolean(a.chosen) - Boolean(b.chosen),
    closeness: (a, b) => value(b.row, "closeness") - value(a.row, "closeness"),
    farthest: (a, b) => value(a.row, "closeness") - value(b.row, "closeness"),
  };
  lines.sort((a, b) => orders[key](a, b) || a.index - b.index);
  const none = document.getElementById("none");
  for (const line of lines) none.before(line.row);
});

const filter = document.getElementById("filter");
filter.addEventListener("input", () => {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const { row } of lines) {
    const text = row.dataset.search.toLowerCase();
    row.hidden = !words.every((word) => text.includes(word));
    if (!row.hidden) shown++;
  }
  document.getElementById("none").hidden = shown > 0 || lines.length === 0;
});

// Choices: one a line, kept by the browser under the sheet's own name.
const kept = `undersong takes ${document.body.dataset.sheet}`;
function save() {
  const choices = {};
  for (const line of lines) if (line.chosen) choices[line.row.dataset.name] = line.chosen.body.dataset.path;
  try {
    localStorage.setItem(kept, JSON.stringify(choices));
  } catch {
    document.getElementById("unkept").hidden = false;
  }
}
function load() {
  let choices = {};
  try {
    choices = JSON.parse(localStorage.getItem(kept)) ?? {};
  } catch {
    document.getElementById("unkept").hidden = false;
  }
  for (const line of lines) line.chosen = line.takes.find((take) => take.body.dataset.path === choices[line.row.dataset.name]) ?? null;
}
function showChoices() {
  for (const line of lines) {
    for (const take of line.takes) {
      take.body.classList.toggle("chosen", line.chosen === take);
      take.mark.setAttribute("aria-pressed", String(line.chosen === take));
    }
    line.pick.textContent = line.chosen ? `✓ ${line.chosen.body.dataset.label}` : "";
  }
  const count = lines.filter((line) => line.chosen).length;
  document.getElementById("chosen").textContent = `${count} of ${lines.length} chosen`;
  document.getElementById("export").disabled = count === 0;
}
function choose(take) {
  take.line.chosen = take.line.chosen === take ? null : take;
  save();
  showChoices();
}

document.getElementById("export").addEventListener("click", () => {
  const cell = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const rows = [["line", "text", "wanted", "intensity", "take", "path"]];
  for (const line of [...lines].sort((a, b) => a.index - b.index)) {
    if (!line.chosen) continue;
    const { name, text, wanted, intensity } = line.row.dataset, { label, path } = line.chosen.body.dataset;
    rows.push([name, text, wanted, intensity, label, path]);
  }
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([rows.map((row) => `${row.map(cell).join(",")}\n`).join("")], { type: "text/csv" }));
  link.download = "choices.csv";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
});

// The take that the keyboard speaks of.
let current = null;
function stand(take) {
  if (current && current !== take) {
    current.body.tabIndex = -1;
    current.body.classList.remove("current");
  }
  current = take;
  take.body.tabIndex = 0;
  take.body.classList.add("current");
}
function go(take) {
  if (!take) return;
  const sounding = playing && playing !== take;
  stand(take);
  take.body.focus({ preventScroll: true });
  take.body.scrollIntoView({ block: "nearest", inline: "nearest" });
  // Who compares by ear goes on listening.
  if (sounding) start(take, 0);
}
function step(take, along, across) {
  const shown = lines.filter((line) => !line.row.hidden && line.takes.length > 0);
  if (!take || take.line.row.hidden) return shown[0]?.takes[0];
  const { takes: row } = take.line, place = row.indexOf(take);
  if (!across) return row[Math.min(Math.max(place + along, 0), row.length - 1)];
  const other = shown[Math.min(Math.max(shown.indexOf(take.line) + across, 0), shown.length - 1)];
  return other === take.line ? take : other.takes[Math.min(place, other.takes.length - 1)];
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const { key, target } = event;
  if (target.closest("input, select")) {
    if (key === "Escape") target.blur();
    return;
  }
  const pressing = target.closest("button, a") && (key === "Enter" || key === " ");
  if (pressing) return;
  const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], Home: [-Infinity, 0], End: [Infinity, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  if (key in moves) {
    go(step(current, ...moves[key]));
  } else if (key === " ") {
    if (!current) go(step(null));
    if (current && playing === current) current.audio.pause();
    else if (current) start(current);
  } else if (key === "Enter") {
    if (current) choose(current);
  } else if (key >= "1" && key <= "9" && key.length === 1) {
    const line = (current ?? step(null))?.line, take = line?.takes[key - 1];
    if (!take) return;
    go(take);
    if (line.chosen !== take) choose(take);
  } else if (key === "e") {
    document.getElementById("export").click();
  } else if (key === "Escape") {
    if (playing) playing.audio.pause();
  } else {
    return;
  }
  event.preventDefault();
});

for (const take of takes) {
  take.body.addEventListener("focusin", () => stand(take));
  // The keys go on speaking of the take, also after its buttons were pressed.
  take.body.addEventListener("click", (event) => { if (!event.target.closest("a")) take.body.focus({ preventScroll: true }); });
  take.mark.addEventListener("click", () => choose(take));
}
if (takes.length) takes[0].body.tabIndex = 0;
lines.forEach(count);
load();
showChoices();

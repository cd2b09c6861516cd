// Which takes are listed.
import { apply, desk, leading, noFilters, on, remember } from "./model.js";
import { badge, by, button, make } from "./words.js";

const RANGES = ["valence", "arousal", "seconds"], SHARES = ["score", "confidence"];
const chips = [];

export function begin() {
  by("text").addEventListener("input", () => set({ text: by("text").value.trim() }));
  by("mark").addEventListener("change", () => set({ mark: by("mark").value }));
  by("of").addEventListener("change", () => set({ of: by("of").value === "" ? "" : +by("of").value }));
  by("more").addEventListener("click", () => open(by("ranges").hidden));
  by("clear").addEventListener("click", clear);
  for (const name of SHARES) by(name).addEventListener("input", () => set({ [name]: number(by(name), 0, 100, 100) }));
  for (const name of RANGES) {
    const ends = [by(`${name}-from`), by(`${name}-to`)];
    for (const end of ends) end.addEventListener("input", () => set({ [name]: ends.map((it) => number(it, name === "seconds" ? 0 : -1, name === "seconds" ? 1e9 : 1, 1)) }));
  }
  on("loaded", show);
  on("view", counts);
}

// A number as people write one; what is none is marked, and filters nothing.
function number(input, least, most, parts) {
  const text = input.value.trim().replace("−", "-").replace(",", ".");
  const value = text === "" ? null : Number(text) / parts;
  const wrong = value !== null && !(value >= least / parts && value <= most / parts);
  input.setAttribute("aria-invalid", String(wrong));
  return wrong ? null : value;
}

function set(change) {
  Object.assign(desk.filters, change);
  changed();
}
function changed() {
  by("clear").hidden = JSON.stringify(desk.filters) === JSON.stringify(noFilters());
  for (const [index, chip] of chips.entries()) chip.setAttribute("aria-pressed", String(desk.filters.emotions.includes(index)));
  apply();
  remember();
}

export function open(shown) {
  by("ranges").hidden = !shown;
  by("more").setAttribute("aria-expanded", String(shown));
  if (shown) by("of").focus();
}

export function clear() {
  desk.filters = noFilters();
  show();
  changed();
}

export function toggleEmotion(index) {
  if (!chips[index]) return;
  const { emotions } = desk.filters;
  set({ emotions: emotions.includes(index) ? emotions.filter((it) => it !== index) : [...emotions, index] });
}

// Has the fields say what the filters are.
function show() {
  if (chips.length !== desk.emotions.length) {
    chips.length = 0;
    by("emotions").replaceChildren();
    for (const emotion of desk.emotions) {
      const chip = button("chip", "", `Only ${emotion.name} (Shift+${emotion.letter})`);
      chip.append(badge(emotion), make("span", "", emotion.name), make("small"));
      chip.addEventListener("click", () => toggleEmotion(emotion.index));
      chips.push(chip);
      by("emotions").append(chip);
      const option = make("option", "", emotion.name);
      option.value = emotion.index;
      by("of").append(option);
    }
  }
  const { filters } = desk;
  by("text").value = filters.text;
  by("mark").value = filters.mark;
  by("of").value = filters.of;
  for (const name of SHARES) by(name).value = filters[name] === null ? "" : Math.round(filters[name] * 100);
  for (const name of RANGES) filters[name].forEach((value, at) => { by(`${name}-${at ? "to" : "from"}`).value = value ?? ""; });
  for (const input of document.querySelectorAll("#ranges input")) input.removeAttribute("aria-invalid");
  by("clear").hidden = JSON.stringify(filters) === JSON.stringify(noFilters());
  chips.forEach((chip, index) => chip.setAttribute("aria-pressed", String(filters.emotions.includes(index))));
}

function counts() {
  const all = desk.takes.size, shown = desk.view.length;
  by("count").textContent = shown === all ? `${all.toLocaleString("en")} take${all === 1 ? "" : "s"}` : `${shown.toLocaleString("en")} of ${all.toLocaleString("en")}`;
  const led = new Array(desk.emotions.length).fill(0);
  for (const take of desk.takes.values()) if (take.scores) led[leading(take)]++;
  chips.forEach((chip, index) => { chip.lastChild.textContent = led[index] || ""; });
}

// Sorting and filter.

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
    const { folder, name, emotion, flags } = body.dataset;
    const text = `${folder}/${name} ${emotion || "no voice"} ${flags}`.toLowerCase();
    body.hidden = !words.every((word) => text.includes(word));
    if (!body.hidden) shown++;
  }
  document.getElementById("count").textContent = words.length ? `${shown} of ${takes.length}` : "";
  document.getElementById("none").hidden = shown > 0 || takes.length === 0;
});

if (takes.length === 1) toggle(takes[0], true);

// The legend: a click shows one emotion alone.

const chips = Array.from(document.querySelectorAll(".legend button"));
chips.forEach((chip, index) => chip.addEventListener("click", () => {
  alone = alone === index ? null : index;
  chips.forEach((other, i) => other.setAttribute("aria-pressed", String(i === alone)));
  redraw();
}));

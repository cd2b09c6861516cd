// Delivery: how the take is said and recorded, as facts; what is technically wrong, with its reason.

const GAUGE = [-40, -5]; // LUFS from one end to the other

function deliveryPanel(take) {
  const { facts, flags, gauge } = take.packed.delivery, panel = make("div", "delivery");
  for (const [title, value, note] of facts) {
    const fact = make("section");
    fact.append(make("h3", "", title), make("b", "", value));
    if (title === "Loudness" && gauge) fact.append(gaugeOf(...gauge));
    if (note) fact.append(make("small", "", note));
    panel.append(fact);
  }
  if (flags.length) {
    const list = make("ul", "faults");
    for (const [name, reason] of flags) {
      const fault = make("li");
      fault.append(make("b", "flag", name), make("span", "", reason));
      list.append(fault);
    }
    panel.append(list);
  }
  return panel;
}

// Where the loudness lies, with a mark at its target.
function gaugeOf(lufs, target) {
  const at = (value) => `${100 * Math.min(Math.max((value - GAUGE[0]) / (GAUGE[1] - GAUGE[0]), 0), 1)}%`;
  const element = make("span", "gauge"), bar = make("i"), mark = make("u");
  bar.style.width = at(lufs);
  mark.style.left = at(target);
  element.append(bar, mark);
  return element;
}

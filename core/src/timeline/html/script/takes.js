// The takes of the report.
// The script is the files of this folder one after another, as page.rs names them, in one function: no library, no network.

const table = document.getElementById("takes");
const AREA = 60; // height of the curves, in CSS pixels; below them is the time axis
const HEIGHT = 78;

const takes = Array.from(table.tBodies, (body, index) => ({
  index, body, packed: data.takes[index], seconds: data.takes[index].length / 1000,
  box: body.querySelector(".timeline"), canvas: body.querySelector("canvas"), audio: body.querySelector("audio"),
  play: body.querySelector(".play"), open: body.querySelector(".open"), more: body.querySelector(".more"),
  cursor: body.querySelector(".cursor"), now: body.querySelector(".now"), silent: body.querySelector(".silent"),
  visible: false, drawn: "", at: 0,
}));
const byBox = new Map(takes.map((take) => [take.box, take]));

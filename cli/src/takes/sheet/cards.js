// The takes of the contact sheet. The script is the report's pieces with this file and choose.js among them, as mod.rs names them, in one function.

const table = document.getElementById("takes");
const AREA = 40; // height of the curves, in CSS pixels; below them is the time axis
const HEIGHT = 57;
const whyAt = () => {}; // the report's explanations

const takes = Array.from(table.querySelectorAll(".card"), (body, index) => ({
  index, body, packed: data.takes[index], seconds: data.takes[index].length / 1000,
  box: body.querySelector(".timeline"), canvas: body.querySelector("canvas"), audio: body.querySelector("audio"),
  play: body.querySelector(".play"), mark: body.querySelector(".mark"), number: body.querySelector(".mark .number"),
  cursor: body.querySelector(".cursor"), now: body.querySelector(".now"), silent: body.querySelector(".silent"),
  visible: false, drawn: "", at: 0,
}));
const byBox = new Map(takes.map((take) => [take.box, take]));
const byBody = new Map(takes.map((take) => [take.body, take]));

// Lines with their takes, both in the order in which they are shown.
let lines = Array.from(table.querySelectorAll(".line-row"), (row, index) => ({
  index, row, strip: row.querySelector(".strip"), pick: row.querySelector(".pick"), chosen: null,
  takes: Array.from(row.querySelectorAll(".card"), (body) => byBody.get(body)),
}));
for (const line of lines) for (const take of line.takes) take.line = line;

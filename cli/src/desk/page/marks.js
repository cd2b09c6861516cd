// Marks, stars and notes: shown at once, kept by the server, taken back with a word where it cannot keep them.
import { change } from "./api.js";
import { desk, nameOf, update } from "./model.js";
import { by } from "./words.js";

export function say(text) {
  by("said").textContent = text;
}

let notice = null;
export function complain(text) {
  const box = by("notices");
  notice?.remove();
  notice = document.createElement("p");
  notice.className = "notice";
  notice.textContent = text;
  box.append(notice);
  setTimeout((it) => it.remove(), 12_000, notice);
}

async function think(take, thought, word) {
  if (take?.state !== "ready") return false;
  const before = desk.takes.get(take.id), { mark, stars, note } = before;
  update({ ...before, ...thought, words: undefined });
  try {
    await change("PATCH", `/takes/${take.id}`, thought);
    say(`${take.name}: ${word}`);
    return true;
  } catch (error) {
    update({ ...desk.takes.get(take.id), mark, stars, note, words: undefined });
    complain(`The mark on ${take.name} was not kept: ${error.message}`);
    return false;
  }
}

// The same mark again takes it away.
export function setMark(take, mark) {
  const now = desk.takes.get(take?.id);
  if (!now) return;
  const next = now.mark === mark ? null : mark;
  return think(now, { mark: next }, next ?? "no mark");
}
export const star = (take, stars) => think(take, { stars }, stars ? `${stars} of 5 stars` : "no stars");
// Notes that are being written or could not be kept, by the take's name, which outlives a server's numbers: they stand in the field until they are kept.
export const drafts = new Map();
export async function setNote(take) {
  const name = nameOf(take), draft = drafts.get(name), text = draft?.trim();
  if (draft === undefined) return;
  const kept = text === desk.takes.get(take.id)?.note || await think(take, { note: text }, "note kept");
  if (kept && drafts.get(name) === draft) drafts.delete(name);
}

// What is listed, as files for other programs.
import { change } from "./api.js";
import { desk } from "./model.js";
import { complain, say } from "./marks.js";
import { by, button, count, make } from "./words.js";

const KINDS = [
  ["csv", "CSV, a row a take", "emotion, delivery, marks, stars and notes, for spreadsheets"],
  ["windows", "CSV, a row a window", "as undersong scan --csv writes it"],
  ["json", "JSON", "takes with their marks, as undersong library find --json writes them"],
  ["m3u", "Playlist (M3U)", "the files in this order, for a player or a DAW's browser"],
  ["labels", "Audacity labels", "a label track a take: File > Import > Labels"],
  ["regions", "REAPER regions", "a CSV a take: Region/Marker Manager > Import"],
];

export function begin() {
  const dialog = by("exports");
  by("export").addEventListener("click", open);
  const title = make("h2", "", "");
  title.id = "exports-title";
  const which = make("p", "which"), list = make("div", "choices");
  const choices = [["view", "What is listed"], ["chosen", "What is chosen among it"], ["at", "The take on the desk"]].map(([value, text]) => {
    const label = make("label"), input = make("input");
    input.type = "radio";
    input.name = "which";
    input.value = value;
    label.append(input, make("span", "", text), make("small", "quiet"));
    which.append(label);
    return { input, value, number: label.lastChild };
  });
  for (const [kind, name, about] of KINDS) {
    const choice = button("choice", "");
    choice.dataset.kind = kind;
    choice.append(make("b", "", name), make("span", "quiet", about));
    choice.addEventListener("click", () => send(kind, choices.find(({ input }) => input.checked).value));
    list.append(choice);
  }
  const close = button("close", "Close");
  close.addEventListener("click", () => dialog.close());
  dialog.append(title, which, list, close);
  dialog.addEventListener("click", ({ target }) => { if (target === dialog) dialog.close(); });

  function open() {
    title.textContent = "Export";
    for (const { input, value, number } of choices) {
      const ids = idsOf(value);
      input.disabled = ids.length === 0;
      number.textContent = count(ids.length, "take");
    }
    const chosen = idsOf("chosen").length > 0;
    const { input: first } = choices.find(({ value }) => value === (chosen ? "chosen" : "view"));
    first.checked = true;
    dialog.showModal();
    first.focus();
  }
}

const ready = (take) => take && take.seconds !== null && take.state === "ready";
function idsOf(which) {
  const takes = which === "at" ? [desk.takes.get(desk.at)] : desk.view.filter((take) => which === "view" || take.mark === "chosen");
  return takes.filter(ready).map(({ id }) => id);
}

async function send(kind, which) {
  const ids = idsOf(which);
  by("exports").close();
  if (!ids.length) return complain("There is nothing to export: no take that is scanned.");
  try {
    const answer = await change("POST", "/export", { kind, ids });
    const name = /filename="([^"]+)"/.exec(answer.headers.get("content-disposition"))?.[1] ?? "undersong";
    const address = URL.createObjectURL(await answer.blob());
    const link = make("a");
    link.href = address;
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
    say(`${name}: ${count(ids.length, "take")}`);
  } catch (error) {
    complain(`Nothing was exported: ${error.message}`);
  }
}

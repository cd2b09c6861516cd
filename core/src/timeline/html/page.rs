//! The page: the template's slots, and the table that stands there without scripts.

use std::io::{self, Write};
use std::path::Path;

use super::parts::{failures, fill_slots, footer, policy};
use super::text::{Escaped, json_for_script, length, percent, signed};
pub(crate) use super::text::{counted, dot};
use super::{HtmlOptions, data, sound};
use crate::delivery::{Flag, FlagKind, TakeDelivery};
use crate::timeline::colours::{self, Colour};
use crate::timeline::{Scan, TakeExplanation, Timeline};

const TEMPLATE: &str = include_str!("report.html");
pub(super) const STYLE: &str = include_str!("report.css");
/// One function, so that nothing of it is global.
const SCRIPT: &str = concat!(
    "\n\"use strict\";\n(() => {\n",
    include_str!("script/data.js"),
    include_str!("script/takes.js"),
    include_str!("script/curves.js"),
    include_str!("script/player.js"),
    include_str!("script/why.js"),
    include_str!("script/delivery.js"),
    include_str!("script/details.js"),
    include_str!("script/table.js"),
    include_str!("script/legend.js"),
    "})();\n",
);

/// Columns as `(key, title, hint)`; the key is the `data-` attribute by which a click sorts.
pub(crate) const COLUMNS: [(&str, &str, &str); 7] = [
    ("name", "Take", "File name"),
    ("seconds", "Length", "Length of the take"),
    ("emotion", "Emotion", "Leading emotion of the whole take"),
    ("valence", "Valence", "−1 unpleasant … +1 pleasant"),
    ("arousal", "Arousal", "−1 calm … +1 excited"),
    ("confidence", "Confidence", "Score of the leading emotion"),
    ("voiced", "Voice", "Share of the take that is voice"),
];

pub(super) fn write(
    scan: &Scan,
    explanations: &[Option<TakeExplanation>],
    options: &HtmlOptions,
    out: &mut dyn Write,
) -> io::Result<()> {
    let data = serde_json::to_string(&data::Data::pack(scan, explanations)?)?;
    fill_slots(
        TEMPLATE,
        &mut |slot, out| fill(slot, scan, options, &data, out),
        out,
    )
}

fn fill(
    slot: &str,
    scan: &Scan,
    options: &HtmlOptions,
    data: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    match slot {
        "policy" => out.write_all(policy(SCRIPT).as_bytes()),
        "title" => write!(out, "{} – undersong", counted(scan.takes.len(), "take")),
        "style" => out.write_all(STYLE.as_bytes()),
        "total" => total(scan, out),
        "legend" => legend(scan, out),
        "columns" => columns(out),
        "rows" => rows(scan, options, out),
        "failed" => failed(scan, out),
        "footer" => footer(scan, out),
        "data" => out.write_all(json_for_script(data).as_bytes()),
        "script" => out.write_all(SCRIPT.as_bytes()),
        other => Err(io::Error::other(format!("the template has a slot {other}"))),
    }
}

fn total(scan: &Scan, out: &mut dyn Write) -> io::Result<()> {
    let seconds = scan.takes.iter().map(|take| take.seconds).sum();
    let takes = counted(scan.takes.len(), "take");
    write!(out, "{takes} · {}", length(seconds))?;
    if !scan.failed.is_empty() {
        let failed = scan.failed.len();
        write!(out, " · <a href=\"#failed\">{failed} failed</a>")?;
    }
    Ok(())
}

/// The emotions, as buttons that show one alone.
pub(crate) fn legend(scan: &Scan, out: &mut dyn Write) -> io::Result<()> {
    let palette = colours::palette(&scan.model.emotions);
    for (index, (name, colour)) in scan.model.emotions.names().zip(palette).enumerate() {
        write!(
            out,
            "<li><button type=\"button\" data-emotion=\"{index}\" aria-pressed=\"false\" \
             title=\"Show this emotion alone\">{}{}</button></li>",
            dot(colour),
            Escaped(name)
        )?;
    }
    Ok(())
}

fn columns(out: &mut dyn Write) -> io::Result<()> {
    for (key, title, hint) in COLUMNS {
        write!(
            out,
            "<th scope=\"col\" role=\"columnheader\" class=\"{key}\"><button type=\"button\" data-key=\"{key}\" title=\"{hint}\">{title}</button></th>"
        )?;
    }
    Ok(())
}

fn rows(scan: &Scan, options: &HtmlOptions, out: &mut dyn Write) -> io::Result<()> {
    let palette = colours::palette(&scan.model.emotions);
    for take in &scan.takes {
        row(take, names(&take.path), &palette, options, out)?;
    }
    Ok(())
}

/// A take: a row of numbers, a row with its timeline, and a row for what the script shows when it is opened. It is shown under a name, with what
/// stands below that.
pub(crate) fn row(
    take: &Timeline,
    (name, folder): (String, String),
    palette: &[Colour],
    options: &HtmlOptions,
    out: &mut dyn Write,
) -> io::Result<()> {
    let reading = take.summary.reading.as_ref();
    let leading = reading.and_then(|reading| reading.scores.leading());
    let emotion = leading.map_or("", |index| take.emotion_name(index));
    let voiced = if take.seconds > 0.0 {
        (take.summary.voiced_seconds / take.seconds).clamp(0.0, 1.0)
    } else {
        0.0
    };
    let delivery = take.summary.delivery.as_ref();
    let flags = delivery.map_or_else(Vec::new, TakeDelivery::flags);
    let sort = |of: fn(&crate::timeline::Reading) -> f32| {
        reading.map_or_else(String::new, |reading| format!("{:.6}", of(reading)))
    };
    writeln!(
        out,
        "<tbody class=\"take\" role=\"rowgroup\" data-name=\"{}\" data-folder=\"{}\" data-seconds=\"{:.3}\" data-emotion=\"{}\" \
         data-valence=\"{}\" data-arousal=\"{}\" data-confidence=\"{}\" data-voiced=\"{voiced:.6}\" data-flags=\"{}\">",
        Escaped(&name),
        Escaped(&folder),
        take.seconds,
        Escaped(emotion),
        sort(|reading| reading.valence),
        sort(|reading| reading.arousal),
        sort(|reading| reading.confidence),
        names_of(&flags),
    )?;
    write!(
        out,
        "<tr role=\"row\" class=\"facts\"><th scope=\"row\" role=\"rowheader\" class=\"name\"><div><button type=\"button\" class=\"play\" aria-label=\"Play {0}\"></button>\
         <button type=\"button\" class=\"open\" aria-expanded=\"false\" title=\"Show details\"><span class=\"file\">{0}</span>",
        Escaped(&name)
    )?;
    if !folder.is_empty() {
        write!(out, "<span class=\"folder\">{}</span>", Escaped(&folder))?;
    }
    // That there is no voice stands in the row already.
    for flag in flags.iter().filter(|it| it.kind != FlagKind::Silent) {
        let (name, reason) = (flag.kind.name(), Escaped(&flag.reason));
        write!(
            out,
            "<span class=\"flag\" title=\"{reason}\">{name}</span> "
        )?;
    }
    write!(
        out,
        "</button></div></th><td role=\"cell\" class=\"seconds\" data-title=\"Length\">{}</td>",
        length(take.seconds)
    )?;
    match (reading, leading) {
        (Some(reading), Some(index)) => {
            let colour = palette.get(index).copied().unwrap_or_default();
            let (class, mark, hint) = if reading.unsure {
                (" unsure", "?", " title=\"unsure\"")
            } else {
                ("", "", "")
            };
            write!(
                out,
                "<td role=\"cell\" class=\"emotion{class}\"{hint}>{}{}{mark}</td>\
                 <td role=\"cell\" class=\"valence\" data-title=\"Valence\">{}</td>\
                 <td role=\"cell\" class=\"arousal\" data-title=\"Arousal\">{}</td>\
                 <td role=\"cell\" class=\"confidence\" data-title=\"Confidence\">{}</td>",
                dot(colour),
                Escaped(emotion),
                balance(reading.valence),
                balance(reading.arousal),
                meter(reading.confidence.into(), colour),
            )?;
        }
        _ => write!(
            out,
            "<td role=\"cell\" class=\"emotion none\">no voice</td><td role=\"cell\" class=\"valence none\" data-title=\"Valence\">–</td>\
             <td role=\"cell\" class=\"arousal none\" data-title=\"Arousal\">–</td><td role=\"cell\" class=\"confidence none\" data-title=\"Confidence\">–</td>"
        )?,
    }
    let file = sound::link(&take.path, options);
    writeln!(
        out,
        "<td role=\"cell\" class=\"voiced\" data-title=\"Voice\">{}</td></tr>\n\
         <tr role=\"row\" class=\"line\"><td role=\"cell\" colspan=\"{}\"><div class=\"timeline\" tabindex=\"0\" role=\"slider\" aria-label=\"Position in {}\">\
         <canvas></canvas><i class=\"cursor\" hidden></i><i class=\"now\" hidden></i></div>\
         <p class=\"silent note\" role=\"status\" hidden>This browser can’t play the file: it may have been moved since the scan, or be of a \
         kind that browsers don’t know, such as AIFF. <a href=\"{file}\">Open it directly</a>.</p>\
         <audio preload=\"none\" src=\"{}\"></audio></td></tr>\n\
         <tr role=\"row\" class=\"more\" hidden><td role=\"cell\" colspan=\"{}\"></td></tr>\n</tbody>",
        percent(voiced),
        COLUMNS.len(),
        Escaped(&name),
        sound::address(&take.path, options),
        COLUMNS.len(),
    )
}

pub(crate) fn failed(scan: &Scan, out: &mut dyn Write) -> io::Result<()> {
    if scan.takes.is_empty() {
        writeln!(out, "<p class=\"note\">There is no take in this scan.</p>")?;
    }
    let files = counted(scan.failed.len(), "file");
    failures(&scan.failed, &format!("{files} could not be scanned"), out)
}

/// The names of flags, as the filter finds them.
fn names_of(flags: &[Flag]) -> String {
    let names: Vec<&str> = flags.iter().map(|flag| flag.kind.name()).collect();
    names.join(" ")
}

/// A file's name and its folder, as text.
pub(crate) fn names(path: &Path) -> (String, String) {
    let name = path
        .file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into_owned();
    let folder = path
        .parent()
        .map(|folder| folder.to_string_lossy().into_owned())
        .unwrap_or_default();
    (name, folder)
}

/// A number from −1 to 1 with a bar that grows from the middle.
fn balance(value: f32) -> String {
    let half = 50.0 * value.clamp(-1.0, 1.0);
    format!(
        "<span class=\"number\">{}</span><span class=\"balance\"><i style=\"left:{:.1}%;width:{:.1}%\"></i></span>",
        signed(value),
        50.0 + half.min(0.0),
        half.abs()
    )
}

/// A share with a bar that grows from the left.
fn meter(share: f64, colour: Colour) -> String {
    format!(
        "<span class=\"number\">{}</span><span class=\"meter\"><i style=\"width:{:.1}%;background:#{}\"></i></span>",
        percent(share),
        100.0 * share.clamp(0.0, 1.0),
        colour.hex()
    )
}

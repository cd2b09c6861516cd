//! The contact sheet: one HTML file with a row a line and its takes side by side, to be played, compared by ear, and chosen with the keyboard.
//!
//! What a sheet and a report have in common (style, curves, player, policy, escaping, addresses of the sound) is the report's. All that the sheet tells
//! stands in the HTML itself; the script adds curves, sound, order and choices. The same takes give the same bytes.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::Path;

use sha2::{Digest, Sha256};
use undersong_core::timeline::html::HtmlOptions;
use undersong_core::timeline::html::parts::{
    self, Escaped, counted, dot, failures, json_for_script, length, percent, signed,
};
use undersong_core::timeline::{Reading, Scan, Timeline, colours};

use super::line::{Line, Take};

const TEMPLATE: &str = include_str!("sheet.html");
const STYLE: &str = include_str!("sheet.css");

/// The page's script: one function, so that nothing of it is global.
fn script() -> String {
    let pieces = [
        parts::DATA_SCRIPT,
        include_str!("cards.js"),
        parts::CURVES_SCRIPT,
        parts::PLAYER_SCRIPT,
        parts::LEGEND_SCRIPT,
        include_str!("choose.js"),
    ];
    format!("\n\"use strict\";\n(() => {{\n{}}})();\n", pieces.concat())
}

/// Writes the contact sheet of lines as a self-contained HTML page (UTF-8); `scan` has the takes in their order.
///
/// # Errors
/// Those of `out`, and [`io::ErrorKind::InvalidData`] for a window whose scores don't fit the model's emotions.
pub(crate) fn write(
    lines: &[Line],
    scan: &Scan,
    options: &HtmlOptions,
    out: &mut dyn Write,
) -> io::Result<()> {
    let data = parts::data(scan)?;
    let script = script();
    let wanted = lines.iter().any(|line| line.wanted.is_some());
    parts::fill_slots(
        TEMPLATE,
        &mut |slot, out| {
            match slot {
            "policy" => out.write_all(parts::policy(&script).as_bytes()),
            "title" => write!(out, "{} – undersong takes", counted(lines.len(), "line")),
            "style" => write!(out, "{}{STYLE}", parts::STYLE),
            "id" => out.write_all(id(lines, scan).as_bytes()),
            "total" => total(lines, scan, out),
            "legend" => parts::legend(scan, out),
            "by_closeness" if wanted => out.write_all(
                b"<option value=\"closeness\">closest first</option><option value=\"farthest\">farthest from wanted first</option>",
            ),
            "by_closeness" => Ok(()),
            "first_order" => {
                let text = if wanted { "closest first" } else { "as counted" };
                out.write_all(text.as_bytes())
            },
            "none_chosen" => write!(out, "0 of {} chosen", lines.len()),
            "lines" => lines.iter().try_for_each(|it| line(it, scan, options, out)),
            "failed" => failures(
            &scan.failed,
            &counted(scan.failed.len(), "problem"),
            out,
        ),
            "footer" => parts::footer(scan, out),
            "data" => out.write_all(json_for_script(&data).as_bytes()),
            "script" => out.write_all(script.as_bytes()),
            other => Err(io::Error::other(format!("the template has a slot {other}"))),
        }
        },
        out,
    )
}

/// What the sheet's choices are kept under: the same for the same lines out of the same folders, whatever is wanted, in whatever order the takes stand
/// then, and also with another take among them.
fn id(lines: &[Line], scan: &Scan) -> String {
    let folders = lines.iter().flat_map(|line| {
        let takes = line.takes.iter().filter_map(|take| take.timeline(scan));
        takes.map(|take| {
            let folder = take.path.parent().unwrap_or(Path::new(""));
            (line.name.as_bytes(), folder.as_os_str().as_encoded_bytes())
        })
    });
    let mut digest = Sha256::new();
    for (line, folder) in folders.collect::<BTreeSet<_>>() {
        for name in [line, folder] {
            digest.update(name);
            digest.update([0]);
        }
    }
    digest
        .finalize()
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn total(lines: &[Line], scan: &Scan, out: &mut dyn Write) -> io::Result<()> {
    let seconds = scan.takes.iter().map(|take| take.seconds).sum();
    write!(
        out,
        "{} · {} · {}",
        counted(lines.len(), "line"),
        counted(scan.takes.len(), "take"),
        length(seconds)
    )?;
    if !scan.failed.is_empty() {
        write!(
            out,
            " · <a href=\"#failed\">{}</a>",
            counted(scan.failed.len(), "problem")
        )?;
    }
    Ok(())
}

fn line(line: &Line, scan: &Scan, options: &HtmlOptions, out: &mut dyn Write) -> io::Result<()> {
    let emotions = &scan.model.emotions;
    let emotion = line.wanted.as_ref().and_then(|it| emotions.get(it.emotion));
    let wanted = emotion.map_or("", |it| it.name.as_str());
    let text = line.text.as_deref().unwrap_or_default();
    let intensity = line.wanted.as_ref().and_then(|it| it.intensity);
    let closeness = line
        .takes
        .iter()
        .filter_map(|take| Some(take.numbers?.closeness?.value));
    let best = closeness.fold(None, |best: Option<f64>, it| {
        Some(best.map_or(it, |best| best.max(it)))
    });
    let labels: Vec<&str> = line.takes.iter().map(|take| take.label.as_str()).collect();
    let search = format!("{} {text} {wanted} {}", line.name, labels.join(" "));
    writeln!(
        out,
        "<section class=\"line-row\" data-name=\"{0}\" data-text=\"{1}\" data-wanted=\"{2}\" data-intensity=\"{3}\" data-closeness=\"{4}\" data-search=\"{5}\" aria-label=\"Line {0}\">\n\
         <div class=\"cue\"><h2>{0}</h2>",
        Escaped(&line.name),
        Escaped(text),
        Escaped(wanted),
        intensity.map_or_else(String::new, |it| format!("{it:.3}")),
        best.map_or_else(String::new, |it| format!("{it:.6}")),
        Escaped(&search),
    )?;
    if !text.is_empty() {
        writeln!(out, "<p class=\"words\">“{}”</p>", Escaped(text))?;
    }
    if let (Some(wanted), Some(words)) = (&line.wanted, line.wanted_text(scan)) {
        let colour = colours::palette(emotions)
            .get(wanted.emotion)
            .copied()
            .unwrap_or_default();
        writeln!(
            out,
            "<p class=\"wanted\">wanted: {}<b>{}</b></p>",
            dot(colour),
            Escaped(&words)
        )?;
    }
    if !line.notes.is_empty() {
        write!(out, "<ul class=\"notes\">")?;
        for note in &line.notes {
            write!(out, "<li>{}</li>", Escaped(note))?;
        }
        writeln!(out, "</ul>")?;
    }
    writeln!(out, "<p class=\"pick\"></p></div>")?;
    if line.takes.is_empty() {
        return writeln!(out, "<p class=\"missing\">No take yet.</p></section>");
    }
    writeln!(out, "<ol class=\"strip\">")?;
    // The order in which they are counted, which need not be the one in which they stand.
    let mut counted: Vec<usize> = (0..line.takes.len()).collect();
    counted.sort_by(|&a, &b| {
        super::natural::compare(labels.get(a).unwrap_or(&""), labels.get(b).unwrap_or(&""))
    });
    for (place, take) in line.takes.iter().enumerate() {
        if let Some(timeline) = take.timeline(scan) {
            let counted = counted.iter().position(|&it| it == place).unwrap_or(place);
            card(line, take, timeline, (place, counted), options, out)?;
        }
    }
    writeln!(out, "</ol></section>")
}

fn card(
    line: &Line,
    take: &Take,
    timeline: &Timeline,
    (place, counted): (usize, usize),
    options: &HtmlOptions,
    out: &mut dyn Write,
) -> io::Result<()> {
    let reading = timeline.summary.reading.as_ref();
    let sort = |value: Option<f64>| value.map_or_else(String::new, |value| format!("{value:.6}"));
    let of = |of: fn(&Reading) -> f32| sort(reading.map(|it| of(it).into()));
    let (name, _) = parts::names(&timeline.path);
    writeln!(
        out,
        "<li class=\"card\" tabindex=\"-1\" data-label=\"{0}\" data-path=\"{1}\" data-place=\"{place}\" data-counted=\"{counted}\" data-safety=\"{2}\" \
         data-difference=\"{3}\" data-arousal=\"{4}\" data-valence=\"{5}\" data-seconds=\"{6:.3}\" aria-label=\"{0}\">\n\
         <div class=\"who\"><button type=\"button\" class=\"play\" tabindex=\"-1\" aria-label=\"Play {0}\"></button>\
         <span class=\"label\">{0}<small>{7}{8}</small></span>\
         <button type=\"button\" class=\"mark\" tabindex=\"-1\" aria-pressed=\"false\" aria-label=\"Choose {0}\" title=\"Choose\"><span class=\"number\">{9}</span><span class=\"tick\">✓</span></button></div>",
        Escaped(&take.label),
        Escaped(&timeline.path.to_string_lossy()),
        sort(take.numbers.map(|it| it.safety.value)),
        sort(take.numbers.and_then(|it| it.difference).map(|it| it.value)),
        of(|it| it.arousal),
        of(|it| it.valence),
        timeline.seconds,
        if name.starts_with(&take.label) {
            String::new()
        } else {
            format!("{} · ", Escaped(&name))
        },
        length(timeline.seconds),
        place + 1,
    )?;
    let file = parts::sound_link(&timeline.path, options);
    writeln!(
        out,
        "<div class=\"timeline\" role=\"img\" aria-label=\"Emotion over time\"><canvas></canvas><i class=\"cursor\" hidden></i><i class=\"now\" hidden></i></div>\n\
         <p class=\"silent note\" role=\"status\" hidden>This browser can’t play the file: it may have been moved, or be of a kind that browsers don’t know. \
         <a href=\"{file}\">Open it directly</a>.</p>\n<audio preload=\"none\" src=\"{}\"></audio>",
        parts::sound_address(&timeline.path, options),
    )?;
    facts(line, take, timeline, out)?;
    badges(take, out)?;
    for said in &take.said {
        write!(out, "<p class=\"reason\">")?;
        if !said.lead.is_empty() {
            write!(out, "<b>{}:</b> ", Escaped(&said.lead))?;
        }
        writeln!(out, "{}</p>", Escaped(&said.text))?;
    }
    writeln!(out, "</li>")
}

/// Roles, and what is wrong with the sound.
fn badges(take: &Take, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "<ul class=\"badges\">")?;
    for (role, text) in take.roles.iter().zip(take.roles_text()) {
        let class = serde_json::to_string(role)?;
        write!(out, "<li class={class}>{text}</li>")?;
    }
    // That there is no voice stands above.
    for flag in take.flags.iter().filter(|flag| flag.code != "silent") {
        write!(
            out,
            "<li class=\"flag\" title=\"{}\">{}</li>",
            Escaped(&flag.reason),
            flag.name
        )?;
    }
    writeln!(out, "</ul>")
}

/// What leads, and the numbers.
fn facts(line: &Line, take: &Take, timeline: &Timeline, out: &mut dyn Write) -> io::Result<()> {
    let Some(reading) = &timeline.summary.reading else {
        return writeln!(
            out,
            "<p class=\"feel\"><span class=\"none\">no voice</span></p>"
        );
    };
    let leading = reading.scores.leading();
    let colour = leading
        .and_then(|it| colours::palette(&timeline.emotions).get(it).copied())
        .unwrap_or_default();
    let (class, mark) = if reading.unsure {
        (" unsure", "?")
    } else {
        ("", "")
    };
    writeln!(
        out,
        "<p class=\"feel\"><span class=\"lead{class}\">{}{}{mark}</span><span>{}</span></p>\n<dl class=\"facts-of\">",
        dot(colour),
        Escaped(leading.map_or("?", |it| timeline.emotion_name(it))),
        percent(reading.confidence.into())
    )?;
    let numbers = take.numbers;
    let closeness = numbers
        .and_then(|it| it.closeness)
        .filter(|_| line.wanted.is_some());
    let facts = [
        (
            "closeness",
            "How much of what was wanted is heard",
            closeness.map(|it| percent(it.value)),
        ),
        (
            "valence",
            "−1 unpleasant … +1 pleasant",
            Some(signed(reading.valence)),
        ),
        (
            "arousal",
            "−1 calm … +1 excited",
            Some(signed(reading.arousal)),
        ),
        (
            "apart",
            "Mean distance from the line’s other takes, 0 … 1",
            numbers
                .and_then(|it| it.difference)
                .map(|it| format!("{:.2}", it.value)),
        ),
    ];
    for (name, hint, value) in facts {
        if let Some(value) = value {
            write!(
                out,
                "<div title=\"{hint}\"><dt>{name}</dt><dd>{value}</dd></div>"
            )?;
        }
    }
    write!(out, "</dl>")?;
    if let Some(delivery) = &timeline.summary.delivery {
        let [loudness, _, pitch, pace, ..] = delivery.facts();
        let values = [loudness, pitch, pace]
            .map(|fact| fact.value)
            .join(" · ")
            .replace("syllables", "syll.");
        write!(out, "<p class=\"said-how\">{}</p>", Escaped(&values))?;
    }
    writeln!(out)
}

//! What other pages over takes are made of: the report's slots, policy, style, script, legend and footer, so that there is one of each.
//!
//! A page lays its own script behind [`DATA_SCRIPT`], [`CURVES_SCRIPT`] and [`PLAYER_SCRIPT`] (in this order; `script/takes.js` shows what stands between
//! the first and the second: a list `takes`, and the heights `AREA` and `HEIGHT`), [`LEGEND_SCRIPT`] behind all of them, and names the whole in its [`policy`].

use std::io::{self, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::text::base64;
use super::{HtmlOptions, data, page, sound};
use crate::timeline::{Failure, Scan};

pub use super::text::{Escaped, counted, dot, json_for_script, length, percent, signed};

/// The report's style sheet.
pub const STYLE: &str = page::STYLE;
/// Reads the page's data: `emotions`, and a take's windows on demand.
pub const DATA_SCRIPT: &str = include_str!("script/data.js");
/// Draws a take's curves when they come into view.
pub const CURVES_SCRIPT: &str = include_str!("script/curves.js");
/// What is under the pointer, and the sound.
pub const PLAYER_SCRIPT: &str = include_str!("script/player.js");
/// A click in the legend shows one emotion alone.
pub const LEGEND_SCRIPT: &str = include_str!("script/legend.js");

const FOOTER: &str = include_str!("footer.html");

/// Writes a template, and in place of each `{{slot}}` what `fill` writes for its name.
///
/// # Errors
/// Those of `out` and of `fill`.
pub fn fill_slots(
    template: &str,
    fill: &mut dyn FnMut(&str, &mut dyn Write) -> io::Result<()>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        out.write_all(before.as_bytes())?;
        let Some((slot, after)) = after.split_once("}}") else {
            break;
        };
        fill(slot, out)?;
        rest = after;
    }
    out.write_all(rest.as_bytes())
}

/// The content security policy of a page whose only script is `script`: nothing may be loaded but the takes' sound, and no other script may run;
/// it is known by its hash.
pub fn policy(script: &str) -> String {
    format!(
        "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; media-src 'self' file: data:; \
         style-src 'unsafe-inline'; script-src 'sha256-{}'",
        base64(&Sha256::digest(script.as_bytes()))
    )
}

/// What the script reads of a scan's takes, as JSON; the page's takes stand in the scan's order.
///
/// # Errors
/// [`io::ErrorKind::InvalidData`] for a window whose scores don't fit the model's emotions.
pub fn data(scan: &Scan) -> io::Result<String> {
    Ok(serde_json::to_string(&data::Data::pack(scan, &[])?)?)
}

/// The address of a take's sound, ready for an attribute: relative, absolute or embedded, as `options` say.
pub fn sound_address(take: &Path, options: &HtmlOptions) -> String {
    sound::address(take, options)
}

/// The address of a take's file, ready for an attribute; never embedded.
pub fn sound_link(take: &Path, options: &HtmlOptions) -> String {
    sound::link(take, options)
}

/// A file's name and its folder, as text.
pub fn names(path: &Path) -> (String, String) {
    page::names(path)
}

/// Items of the legend: the emotions, as buttons that show one alone.
///
/// # Errors
/// Those of `out`.
pub fn legend(scan: &Scan, out: &mut dyn Write) -> io::Result<()> {
    page::legend(scan, out)
}

/// The list of what failed, under a heading; nothing where nothing did.
///
/// # Errors
/// Those of `out`.
pub fn failures(failed: &[Failure], heading: &str, out: &mut dyn Write) -> io::Result<()> {
    if failed.is_empty() {
        return Ok(());
    }
    writeln!(out, "<section id=\"failed\"><h2>{heading}</h2><ul>")?;
    for failure in failed {
        writeln!(
            out,
            "<li><b>{}</b><span>{}</span></li>",
            Escaped(&failure.path.to_string_lossy()),
            Escaped(&failure.error)
        )?;
    }
    writeln!(out, "</ul></section>")
}

/// The footer: what the scores say and what they do not, and what they were made with.
///
/// # Errors
/// Those of `out`.
pub fn footer(scan: &Scan, out: &mut dyn Write) -> io::Result<()> {
    fill_slots(
        FOOTER,
        &mut |slot, out| match slot {
            "unsure_below" => write!(
                out,
                "{}",
                percent(scan.model.calibration.unsure_below.into())
            ),
            "made" => made(scan, out),
            other => Err(io::Error::other(format!("the footer has a slot {other}"))),
        },
        out,
    )
}

/// What a page was made with, for its list of facts.
pub(crate) fn made(scan: &Scan, out: &mut dyn Write) -> io::Result<()> {
    let model = &scan.model;
    let corpora: Vec<String> = model
        .training
        .data
        .iter()
        .map(|data| format!("{} ({})", data.corpus, counted(data.speakers, "speaker")))
        .collect();
    let facts = [
        ("Model", format!("{} ({})", model.name, scan.model_id)),
        ("", model.description.clone()),
        ("Learned from", corpora.join(", ")),
        ("Licence", model.training.licence.clone()),
        ("Engine", scan.engine.clone()),
        ("Profile", scan.profile.clone().unwrap_or_default()),
        (
            "Windows",
            format!(
                "{:.2} s every {:.2} s",
                model.features.span_seconds(),
                scan.hop_seconds
            ),
        ),
    ];
    for (title, text) in facts.iter().filter(|(_, text)| !text.is_empty()) {
        write!(out, "<dt>{title}</dt><dd>{}</dd>", Escaped(text))?;
    }
    Ok(())
}

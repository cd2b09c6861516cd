//! The map as a page: one HTML file that opens from disk and asks nothing of the network.
//!
//! Lists and tables are in the HTML itself. The speakers' lanes are the takes of a scan's report, drawn by its script; `map.js` adds the cursor over
//! all lanes and plays from any place.

mod parts;

use std::io::{self, Write};

use super::RecordingMap;
use crate::timeline::html::HtmlOptions;
use crate::timeline::html::data::Data;
use crate::timeline::html::page;
use crate::timeline::html::parts::{fill_slots, made, policy};
use crate::timeline::html::text::{json_for_script, length, percent};

const TEMPLATE: &str = include_str!("map.html");
const STYLE: &str = concat!(
    include_str!("../../timeline/html/report.css"),
    include_str!("map.css")
);
/// One function, so that nothing of it is global.
const SCRIPT: &str = concat!(
    "\n\"use strict\";\n(() => {\n",
    include_str!("../../timeline/html/script/data.js"),
    include_str!("../../timeline/html/script/takes.js"),
    include_str!("../../timeline/html/script/curves.js"),
    include_str!("../../timeline/html/script/player.js"),
    include_str!("../../timeline/html/script/why.js"),
    include_str!("../../timeline/html/script/delivery.js"),
    include_str!("../../timeline/html/script/details.js"),
    include_str!("map.js"),
    include_str!("../../timeline/html/script/legend.js"),
    "})();\n",
);

/// Writes a map as a self-contained HTML page (UTF-8); its sound is referred to as [`HtmlOptions`] says.
///
/// # Errors
/// Those of `out`, and [`io::ErrorKind::InvalidData`] for a window whose scores don't fit the model's emotions.
pub fn write(map: &RecordingMap, options: &HtmlOptions, mut out: impl Write) -> io::Result<()> {
    let data = serde_json::to_string(&Data::pack(&map.scan, &[])?)?;
    fill_slots(
        TEMPLATE,
        &mut |slot, out| fill(slot, map, options, &data, out),
        &mut out,
    )?;
    out.flush()
}

fn fill(
    slot: &str,
    map: &RecordingMap,
    options: &HtmlOptions,
    data: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    match slot {
        "policy" => out.write_all(policy(SCRIPT).as_bytes()),
        "title" => parts::title(map, out),
        "style" => out.write_all(STYLE.as_bytes()),
        "total" => parts::total(map, out),
        "legend" => page::legend(&map.scan, out),
        "notes" => parts::notes(map, out),
        "seconds" => write!(out, "{:.3}", map.seconds),
        "length" => write!(out, "{}", length(map.seconds)),
        "section_strip" => parts::section_strip(map, out),
        "highlight_strip" => parts::highlight_strip(map, out),
        "columns" => parts::columns(out),
        "rows" => parts::rows(map, options, out),
        "sections" => parts::sections(map, out),
        "highlights" => parts::highlights(map, out),
        "minutes" => parts::minutes(map, out),
        "failed" => page::failed(&map.scan, out),
        "unsure_below" => {
            let share = map.scan.model.calibration.unsure_below;
            write!(out, "{}", percent(share.into()))
        }
        "made" => made(&map.scan, out),
        "data" => out.write_all(json_for_script(data).as_bytes()),
        "script" => out.write_all(SCRIPT.as_bytes()),
        other => Err(io::Error::other(format!("the template has a slot {other}"))),
    }
}

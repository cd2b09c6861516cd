//! Delivery in the terminal: one take's facts, and what is technically wrong with which take.

use std::io::{self, Write};
use std::path::Path;

use undersong_core::delivery::FlagKind;
use undersong_core::timeline::{Scan, Timeline};

use crate::terminal::shown;

/// Takes whose faults are named, at most; a longer list is for a report.
const MOST_TAKES: usize = 16;

/// Writes the facts of one take, a line each.
pub(crate) fn write_facts(take: &Timeline, out: &mut dyn Write) -> io::Result<()> {
    let Some(delivery) = &take.summary.delivery else {
        return Ok(());
    };
    writeln!(out)?;
    for fact in delivery.facts() {
        let note = match fact.note.as_str() {
            "" => String::new(),
            note => format!(", {note}"),
        };
        // A terminal wraps where it likes; spaces that hold together would only be odd to copy.
        let line = format!("{:<12}{}{note}", fact.title, fact.value).replace('\u{A0}', " ");
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// Writes what is technically wrong with takes, by their files' names.
pub(crate) fn write_flags(scan: &Scan, out: &mut dyn Write) -> io::Result<()> {
    let names = scan
        .takes
        .iter()
        .map(|take| shown(name(&take.path)).to_string());
    write_faults(names.zip(&scan.takes), out)
}

/// Writes what is technically wrong: a take a line, with the reasons where there is one take alone. That a take has no voice stands in the table.
pub(crate) fn write_faults<'a>(
    takes: impl ExactSizeIterator<Item = (String, &'a Timeline)>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let alone = takes.len() == 1;
    let mut lines = Vec::new();
    for (name, take) in takes {
        let flags = take.summary.delivery.as_ref().map(|it| it.flags());
        let mut flags = flags.unwrap_or_default();
        flags.retain(|flag| flag.kind != FlagKind::Silent);
        if flags.is_empty() {
            continue;
        }
        if alone {
            lines.extend(
                flags
                    .iter()
                    .map(|flag| format!("{}: {}", flag.kind.name(), flag.reason)),
            );
        } else {
            let names: Vec<_> = flags.iter().map(|flag| flag.kind.name()).collect();
            lines.push(format!("{name}: {}", names.join(", ")));
        }
    }
    if lines.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    for line in lines.iter().take(MOST_TAKES) {
        writeln!(out, "! {line}")?;
    }
    if let Some(more @ 1..) = lines.len().checked_sub(MOST_TAKES) {
        writeln!(
            out,
            "  … and {more} more; --html or --json tells all of them"
        )?;
    }
    Ok(())
}

fn name(path: &Path) -> &Path {
    path.file_name().map_or(path, Path::new)
}

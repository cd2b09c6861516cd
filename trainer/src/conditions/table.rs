//! The conditions as a table: for a terminal, for the card, and as a section of the evidence page.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ConditionRow, Conditions, Measured, VoiceTemperatures};
use crate::evaluate::report::text;
use crate::evaluate::{decimals, percent};

/// A table as the evidence page reads one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// `table`.
    pub kind: String,
    /// Version of this structure, 1.
    pub version: u32,
    /// The question of the evidence that it answers.
    pub section: String,
    /// Its place there.
    pub order: i64,
    /// Its heading.
    pub title: String,
    /// What to know before reading it.
    pub note: String,
    /// The command that makes it again.
    pub command: String,
    /// Names of the columns.
    pub columns: Vec<String>,
    /// Rows of cells, as printed.
    pub rows: Vec<Vec<String>>,
    /// Figures for the table of figures to reach, in points.
    pub figures: BTreeMap<String, f64>,
}

impl Conditions {
    /// The table: for each condition and corpus the UAR and what it lost; over all clips accuracy, ECE, mean confidence, how often voice was found.
    pub fn table(&self) -> Table {
        let corpora: Vec<&str> = self
            .rows
            .iter()
            .find(|row| !row.parts.is_empty())
            .map(|row| parts(row).iter().map(|part| part.part.as_str()).collect())
            .unwrap_or_default();
        let mut columns = vec!["condition".to_owned()];
        for corpus in &corpora {
            columns.push(format!("UAR {corpus}"));
            columns.push(format!("lost, points, {corpus}"));
        }
        columns.extend(
            [
                "accuracy",
                "mean confidence",
                "ECE",
                "unsure",
                "voice found",
            ]
            .map(str::to_owned),
        );
        let rows = self
            .rows
            .iter()
            .map(|row| line(row, corpora.len()))
            .collect();
        Table {
            kind: "table".to_owned(),
            version: 1,
            section: "robust".to_owned(),
            order: 10,
            title: "Live is not a clip".to_owned(),
            note: self.note(),
            command: self.about.command.clone(),
            columns,
            rows,
            figures: self.figures_to_reach(),
        }
    }

    /// What the issue's figures are held against: UAR lost, in points; the worse of several conditions, over all corpora where none is named.
    fn figures_to_reach(&self) -> BTreeMap<String, f64> {
        let lost = |names: &[&str], corpus: Option<&str>| {
            names
                .iter()
                .map(|name| {
                    let row = self.row(name)?;
                    let part = match corpus {
                        None => row.parts.first(),
                        Some(corpus) => row.parts.iter().find(|part| part.part == corpus),
                    };
                    Some(part?.lost.uar * 100.0)
                })
                .collect::<Option<Vec<f64>>>()
                .map(|all| all.into_iter().fold(f64::NEG_INFINITY, f64::max))
        };
        let noise = ["white-10", "pink-10"];
        [
            (
                "uar_lost_noise_10db_ravdess_points",
                lost(&noise, Some("RAVDESS")),
            ),
            (
                "uar_lost_noise_10db_cremad_points",
                lost(&noise, Some("CREMA-D")),
            ),
            (
                "uar_lost_level_20db_points",
                lost(&["level+20", "level-20"], None),
            ),
            ("uar_lost_window_2s_points", lost(&["heard-2s"], None)),
            ("uar_lost_window_1s_points", lost(&["heard-1s"], None)),
        ]
        .into_iter()
        .filter_map(|(name, points)| Some((name.to_owned(), points?)))
        .collect()
    }

    /// What to know before reading the table.
    pub fn note(&self) -> String {
        let about = &self.about;
        let clips = self
            .rows
            .iter()
            .find_map(|row| row.parts.first())
            .map_or(0, |part| part.figures.clips);
        format!(
            "{}, {clips} clips, one window each, {}.{} Lost: UAR points against the clean row, in brackets 95 % of draws of the test speakers. \
             Accuracy, mean confidence, ECE, unsure and voice found are over all clips; every window is asked of the network, also where the gate finds no voice \
             and a scan would have said nothing. SNR is the utterance's mean power over the noise's. Babble is four other speakers of the same test part; \
             the music is made up (chords, bass, beat; random key, tempo and colour), no recording is used.",
            about.model,
            about.measured_on,
            if about.heard_in_training {
                " The model learned from these very speakers: the figures say how it reads known voices."
            } else {
                ""
            },
        )
    }

    /// The table for a terminal, with what the temperature by voice would mend.
    pub fn to_text(&self) -> String {
        let table = self.table();
        let lines = std::iter::once(&table.columns).chain(&table.rows);
        let mut text = aligned(&lines.map(Vec::as_slice).collect::<Vec<_>>());
        text.push_str(&format!("\n{}\n", table.note));
        if let Some(fit) = &self.by_voice {
            let points: Vec<String> = fit
                .by_voice
                .iter()
                .map(|entry| format!("× {:.3} at {:.1} s", entry.times, entry.voiced_seconds))
                .collect();
            text.push_str(&format!(
                "\nThe temperature by seconds of voice in the window, fitted on {} windows: {}. {}\n\
                 On the half of the speakers it was not fitted on:\n",
                fit.windows,
                points.join(", "),
                verdict(fit),
            ));
            let mut lines = vec![
                [
                    "condition",
                    "ECE, one temperature",
                    "by voice",
                    "NLL, one temperature",
                    "by voice",
                ]
                .map(str::to_owned)
                .to_vec(),
            ];
            lines.extend(fit.mended.iter().map(|mended| {
                vec![
                    mended.name.clone(),
                    decimals(mended.ece_one_temperature),
                    decimals(mended.ece_by_voice),
                    decimals(mended.nll_one_temperature),
                    decimals(mended.nll_by_voice),
                ]
            }));
            text.push_str(&aligned(
                &lines.iter().map(Vec::as_slice).collect::<Vec<_>>(),
            ));
        }
        text
    }

    /// The note, the table and what the temperature by voice mends, in Markdown: for a card.
    pub fn to_markdown(&self) -> String {
        let table = self.table();
        let mut text = format!("{}\n\n", table.note);
        text.push_str(&markdown(&table.columns, &table.rows));
        if let Some(fit) = &self.by_voice {
            text.push_str(
                "\nConfidence where little voice is heard: calibration error with one temperature for all windows and with a temperature by seconds of voice, on \
                 speakers whom the fit had not seen (fitted on one half of them, measured on the other). ",
            );
            text.push_str(verdict(fit));
            text.push_str("\n\n");
            let columns = ["condition", "ECE, one temperature", "ECE, by voice"].map(str::to_owned);
            let rows: Vec<Vec<String>> = fit
                .mended
                .iter()
                .map(|mended| {
                    let row = self.row(&mended.name);
                    vec![
                        row.map_or_else(|| mended.name.clone(), |row| row.title.clone()),
                        decimals(mended.ece_one_temperature),
                        decimals(mended.ece_by_voice),
                    ]
                })
                .collect();
            text.push_str(&markdown(&columns, &rows));
        }
        text.push_str(&format!("\n```sh\n{}\n```\n", table.command));
        text
    }
}

fn markdown(columns: &[String], rows: &[Vec<String>]) -> String {
    let line = |cells: &[String]| {
        let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    let rule = vec!["---"; columns.len()].join("|");
    let rows: String = rows.iter().map(|row| line(row)).collect();
    format!("{}|{rule}|\n{rows}", line(columns))
}

/// What a model file makes of the fit.
fn verdict(fit: &VoiceTemperatures) -> &'static str {
    if fit.mends() {
        "It mends enough that the model file carries it."
    } else {
        "It mends too little: the model file keeps one temperature."
    }
}

/// The corpora of a row, or the whole where there is one only.
fn parts(row: &ConditionRow) -> &[Measured] {
    match row.parts.as_slice() {
        [_, corpora @ ..] if !corpora.is_empty() => corpora,
        whole => whole,
    }
}

fn line(row: &ConditionRow, corpora: usize) -> Vec<String> {
    let mut cells = vec![row.title.clone()];
    let columns = 1 + 2 * corpora + 5;
    if let Some(reason) = &row.not_measured {
        cells.push(format!("not measured: {reason}"));
        cells.resize(columns, "–".to_owned());
        return cells;
    }
    for part in parts(row) {
        cells.push(percent(part.figures.uar));
        cells.push(if row.name == "clean" {
            "–".to_owned()
        } else {
            lost(part)
        });
    }
    if let Some(all) = row.parts.first() {
        let figures = &all.figures;
        cells.extend([
            percent(figures.accuracy),
            percent(figures.mean_confidence),
            decimals(figures.ece),
            percent(figures.unsure),
            percent(figures.voice_found),
        ]);
    }
    cells
}

/// Points lost with their interval: `3.1 (1.2 to 5.0)`.
fn lost(part: &Measured) -> String {
    let points = |share: f64| {
        // Nothing is lost rather than minus nothing.
        let tenths = (share * 1000.0).round() + 0.0;
        format!("{:.1}", tenths / 10.0).replace('-', "−")
    };
    match part.lost.interval {
        Some(interval) => format!(
            "{} ({} to {})",
            points(part.lost.uar),
            points(interval.low),
            points(interval.high)
        ),
        None => points(part.lost.uar),
    }
}

/// Lines with aligned columns. A reason may be long; it stands over the columns behind it.
fn aligned(lines: &[&[String]]) -> String {
    text::aligned(lines, |cell| !cell.starts_with("not measured"))
}

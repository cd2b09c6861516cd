//! `TableFile`: a table that something else measured (robustness, profiles, explanation), for the evidence to show.
//!
//! ```json
//! {"kind": "table", "version": 1, "section": "robust", "order": 10, "title": "UAR under noise", "note": "…", "command": "…",
//!  "columns": ["condition", "RAVDESS", "CREMA-D"], "rows": [["10 dB SNR", 61.8, null]],
//!  "figures": {"uar_lost_noise_10db_ravdess_points": 3.3}}
//! ```
//! A cell is a text, a number (shown with one decimal unless it is whole; write a text for another form) or `null`: not measured.
//! `figures` feed the table of figures to reach; [`FIGURES`] lists their names. `section` is the question that the table answers:
//! `strangers`, `compared`, `sure`, `robust`, `whom` or `why`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::error::ResultsError;
use super::file::version;

/// Version of the files this code writes and reads.
const TABLE_VERSION: u32 = 1;

/// The questions of the evidence, by the key under which a table names them.
pub(crate) const SECTIONS: [&str; 6] = ["strangers", "compared", "sure", "robust", "whom", "why"];

/// Figures that the table of figures to reach takes from table files, all in percentage points.
pub const FIGURES: [&str; 7] = [
    "uar_lost_noise_10db_ravdess_points",
    "uar_lost_noise_10db_cremad_points",
    "uar_lost_level_20db_points",
    "uar_lost_window_2s_points",
    "uar_lost_window_1s_points",
    "uar_gained_profile_ravdess_points",
    "uar_gained_profile_cremad_points",
];

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Cell {
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
    /// Not measured.
    Nothing,
}

/// A table that something else measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableFile {
    /// Always `table`.
    pub kind: String,
    /// Version of this structure.
    pub version: u32,
    /// The question it answers.
    pub section: String,
    /// Its place among the section's tables, ascending; equal ones by file name.
    #[serde(default)]
    pub order: i64,
    /// Heading.
    pub title: String,
    /// What a reader needs to know, in words; may be empty.
    #[serde(default)]
    pub note: String,
    /// The command that makes it again.
    pub command: String,
    /// Heads of the columns; the first names the rows.
    pub columns: Vec<String>,
    /// The rows, each as long as the heads.
    pub rows: Vec<Vec<Cell>>,
    /// Figures for the table of figures to reach.
    #[serde(default)]
    pub figures: BTreeMap<String, f64>,
}

impl TableFile {
    /// Reads a table.
    ///
    /// # Errors
    /// Says which field, row or figure is wrong, with the nearest right name.
    pub fn from_value(value: serde_json::Value) -> Result<Self, ResultsError> {
        version(&value, u64::from(TABLE_VERSION))?;
        let table: Self = serde_json::from_value(value)
            .map_err(|error| ResultsError::Malformed(error.to_string()))?;
        let wrong = |problem: String| Err(ResultsError::Malformed(problem));
        if !SECTIONS.contains(&table.section.as_str()) {
            return wrong(format!(
                "section '{}': expected one of {}{}",
                table.section,
                SECTIONS.join(", "),
                crate::nearest::hint(&table.section, SECTIONS),
            ));
        }
        if table.columns.is_empty() {
            return wrong("it has no columns".to_owned());
        }
        if let Some((number, row)) = table
            .rows
            .iter()
            .enumerate()
            .find(|(_, row)| row.len() != table.columns.len())
        {
            return wrong(format!(
                "row {} has {} cells, expected {} as there are columns",
                number + 1,
                row.len(),
                table.columns.len()
            ));
        }
        for (name, value) in &table.figures {
            if !FIGURES.contains(&name.as_str()) {
                return wrong(format!(
                    "figure '{name}' is not one the evidence knows{}",
                    crate::nearest::hint(name, FIGURES)
                ));
            }
            if !value.is_finite() {
                return wrong(format!("figure '{name}' is {value}, expected a number"));
            }
        }
        Ok(table)
    }
}

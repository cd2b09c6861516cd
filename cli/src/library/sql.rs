//! What is asked of a library, as SQL: the one place where conditions become text. Names are ours; whatever a user typed is bound.

use rusqlite::types::Value;

use super::query::{Comparison, Marked, Presence, Query, Sort};

/// A statement with what is bound to it.
#[derive(Debug)]
pub(super) struct Statement {
    pub(super) sql: String,
    pub(super) values: Vec<(&'static str, Value)>,
}

/// Columns of a record, by the names that [`Record`](super::Record) reads.
pub(super) const COLUMNS: &str = "f.path, f.missing_ms, s.id AS take, s.mark, s.stars, s.note, a.id AS analysis, a.seconds, a.voiced_seconds, \
     e.name AS emotion, a.confidence, a.valence, a.arousal, a.unsure, a.loudness, a.pitch, a.rate";

impl Query {
    /// The statement that gives the records of whole takes. `setting` and `emotion` are their numbers in the database.
    pub(super) fn takes(&self, setting: i64, emotion: Option<i64>) -> Statement {
        // What has more than half of the score leads, and of what leads the score is the confidence, by which an index has them in order.
        let mixed = emotion.filter(|_| self.min.is_some_and(|min| min <= 0.5));
        let mut parts = Parts::new(self, setting, mixed);
        if let (Some(min), true) = (self.min, mixed.is_some()) {
            // A mean is never above the peak, by which the index finds the few that can be.
            parts.and("c.peak >= :min".to_owned());
            parts.bind("c.mean >= :min".to_owned(), ":min", Value::Real(min));
        } else {
            if let Some(emotion) = emotion {
                parts.bind(
                    "a.emotion = :leading".to_owned(),
                    ":leading",
                    Value::Integer(emotion),
                );
            }
            if let Some(min) = self.min {
                parts.bind("a.confidence >= :min".to_owned(), ":min", Value::Real(min));
            }
        }
        for (index, (measure, comparison)) in self.measures.iter().enumerate() {
            parts.compare(measure.column(), *comparison, index);
        }
        if let Some(seconds) = self.longer_seconds {
            parts.bind(
                "a.seconds > :longer".to_owned(),
                ":longer",
                Value::Real(seconds),
            );
        }
        if let Some(seconds) = self.shorter_seconds {
            parts.bind(
                "a.seconds < :shorter".to_owned(),
                ":shorter",
                Value::Real(seconds),
            );
        }
        let score = if mixed.is_some() {
            "c.mean"
        } else {
            "a.confidence"
        };
        let mut sql = parts.select(&format!("{COLUMNS}, {score} AS score"));
        sql.push_str(&self.order(score));
        if let Some(limit) = self.limit {
            sql.push_str(" LIMIT :limit");
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            parts.values.push((":limit", Value::Integer(limit)));
        }
        Statement {
            sql,
            values: parts.values,
        }
    }

    /// The statement that gives the records and windows of all takes that may hold a moment such as is asked for.
    pub(super) fn with_moments(&self, setting: i64, emotion: Option<i64>) -> Statement {
        let mut parts = Parts::new(self, setting, emotion);
        if let Some(min) = self.min {
            let peak = if emotion.is_some() {
                "c.peak"
            } else {
                "a.confidence_most"
            };
            parts.bind(format!("{peak} >= :min"), ":min", Value::Real(min));
        } else if emotion.is_some() {
            // Leading somewhere is scoring there; how much isn't known before the windows are looked at.
            parts.and("c.share > 0".to_owned());
        }
        for (index, (measure, comparison)) in self.measures.iter().enumerate() {
            let (least, most) = measure.extremes();
            let column = if comparison.upwards() { most } else { least };
            parts.compare(column, *comparison, index);
        }
        if let Some(seconds) = self.longer_seconds {
            // A moment is never longer than its take.
            parts.bind(
                "a.seconds > :longer".to_owned(),
                ":longer",
                Value::Real(seconds),
            );
        }
        parts
            .from
            .push_str(" JOIN timelines t ON t.analysis = a.id");
        let peak = if emotion.is_some() { "c.peak" } else { "NULL" };
        let mut sql = parts.select(&format!(
            "{COLUMNS}, a.confidence AS score, {peak} AS peak, t.packed"
        ));
        if self.best_first() {
            sql.push_str(" ORDER BY c.peak DESC");
        }
        Statement {
            sql,
            values: parts.values,
        }
    }

    /// Whether takes come with the highest peak first, when moments are looked for: no moment scores more, so a few good ones are found soon.
    pub(super) fn best_first(&self) -> bool {
        self.emotion.is_some()
            && self.limit.is_some()
            && !self.reverse
            && matches!(self.sort, Sort::Confidence | Sort::Score)
            && !self.by_name()
            && !self.by_marks()
    }

    /// Whether marks are where a search best begins.
    fn by_marks(&self) -> bool {
        self.marked
            .is_some_and(|marked| marked != Marked::NotRejected)
            || self.stars.is_some_and(|stars| stars > 0)
    }

    /// Whether the files' names are where a search best begins.
    fn by_name(&self) -> bool {
        self.path.is_some() || self.text.is_some()
    }

    fn order(&self, score: &str) -> String {
        let (column, descending) = match self.sort {
            Sort::Confidence => ("a.confidence", true),
            Sort::Score => (score, true),
            Sort::Valence => ("a.valence", true),
            Sort::Arousal => ("a.arousal", true),
            Sort::Loudness => ("a.loudness", true),
            Sort::Pitch => ("a.pitch", true),
            Sort::Rate => ("a.rate", true),
            Sort::Length => ("a.seconds", true),
            Sort::Stars => ("s.stars", true),
            Sort::Path => ("f.path", false),
        };
        let direction = if descending == self.reverse {
            "ASC"
        } else {
            "DESC"
        };
        // Equals in the order of the indices, so that nothing needs to be sorted where one of them serves.
        let last = if self.sort == Sort::Path {
            String::new()
        } else {
            format!(", a.id {direction}")
        };
        // Takes without voice have none of these numbers and stand last, either way round.
        format!(" ORDER BY {column} {direction} NULLS LAST{last}")
    }
}

/// A statement on its way.
struct Parts {
    from: String,
    conditions: Vec<String>,
    values: Vec<(&'static str, Value)>,
}

impl Parts {
    /// With all that doesn't depend on whether takes or moments are asked for.
    fn new(query: &Query, setting: i64, emotion: Option<i64>) -> Self {
        // `CROSS JOIN` is SQLite's way to say which table is gone through; the others are looked up by key.
        let mut from = if query.by_marks() {
            "sounds s CROSS JOIN analyses a ON a.sound = s.id CROSS JOIN files f ON f.sound = s.id"
        } else if query.by_name() {
            "files f CROSS JOIN analyses a ON a.sound = f.sound CROSS JOIN sounds s ON s.id = f.sound"
        } else if emotion.is_some() {
            "scores c CROSS JOIN analyses a ON a.id = c.analysis CROSS JOIN files f ON f.sound = a.sound \
             CROSS JOIN sounds s ON s.id = a.sound"
        } else if query.sort == Sort::Path && emotion.is_none() && query.measures.is_empty() {
            "files f CROSS JOIN analyses a ON a.sound = f.sound CROSS JOIN sounds s ON s.id = f.sound"
        } else {
            "analyses a CROSS JOIN files f ON f.sound = a.sound CROSS JOIN sounds s ON s.id = a.sound"
        }
        .to_owned();
        from.push_str(" LEFT JOIN emotions e ON e.id = a.emotion");
        let mut parts = Self {
            from,
            conditions: Vec::new(),
            values: Vec::new(),
        };
        // An index that only tells most rows apart from none would have each looked up on its own: `+` has SQLite read them as they lie.
        let in_order =
            query.limit.is_some() && matches!(query.sort, Sort::Confidence | Sort::Score);
        let served = query.emotion.is_some() || in_order || !parts.from.starts_with("analyses");
        let plus = if served { "" } else { "+" };
        parts.bind(
            format!("{plus}a.setting = :setting"),
            ":setting",
            Value::Integer(setting),
        );
        if let Some(emotion) = emotion {
            if !parts.from.contains("scores c") {
                parts
                    .from
                    .push_str(" CROSS JOIN scores c ON c.analysis = a.id");
            }
            parts.bind(
                "c.emotion = :emotion".to_owned(),
                ":emotion",
                Value::Integer(emotion),
            );
        }
        match query.presence {
            Presence::There => parts.and("f.missing_ms IS NULL".to_owned()),
            Presence::Missing => parts.and("f.missing_ms IS NOT NULL".to_owned()),
            Presence::Either => {}
        }
        match query.marked {
            None => {}
            // As the index of marked takes has it, so that it is used.
            Some(Marked::Somehow) => {
                parts.and("(s.mark IS NOT NULL OR s.stars > 0 OR s.note <> '')".to_owned());
            }
            Some(Marked::As(mark)) => parts.bind(
                "s.mark IS NOT NULL AND s.mark = :mark".to_owned(),
                ":mark",
                Value::Text(mark.name().to_owned()),
            ),
            Some(Marked::NotRejected) => parts.and("s.mark IS NOT 'rejected'".to_owned()),
        }
        if let Some(stars) = query.stars.filter(|&stars| stars > 0) {
            parts.bind(
                "s.stars > 0 AND s.stars >= :stars".to_owned(),
                ":stars",
                Value::Integer(stars.into()),
            );
        }
        if let Some(path) = &query.path {
            if path.contains(['*', '?', '[']) {
                parts.bind(
                    "f.path GLOB :path".to_owned(),
                    ":path",
                    Value::Text(path.clone()),
                );
            } else {
                parts.bind(
                    "instr(f.path, :path) > 0".to_owned(),
                    ":path",
                    Value::Text(path.clone()),
                );
            }
        }
        if let Some(text) = &query.text {
            let escaped = text
                .replace('\\', "\\\\")
                .replace('%', "\\%")
                .replace('_', "\\_");
            parts.bind(
                "(f.path LIKE :text ESCAPE '\\' OR s.note LIKE :text ESCAPE '\\')".to_owned(),
                ":text",
                Value::Text(format!("%{escaped}%")),
            );
        }
        parts
    }

    fn and(&mut self, condition: String) {
        self.conditions.push(condition);
    }

    fn bind(&mut self, condition: String, name: &'static str, value: Value) {
        self.conditions.push(condition);
        self.values.push((name, value));
    }

    /// Names for the numbers of [`Query::measures`]; more conditions than these are refused where they are typed.
    fn compare(&mut self, column: &str, comparison: Comparison, index: usize) {
        let name = NUMBERS.get(index).copied().unwrap_or(":n0");
        let condition = format!("{column} {} {name}", comparison.operator());
        self.bind(condition, name, Value::Real(comparison.value));
    }

    fn select(&self, columns: &str) -> String {
        format!(
            "SELECT {columns} FROM {} WHERE {}",
            self.from,
            self.conditions.join(" AND ")
        )
    }
}

/// Names of bound numbers.
const NUMBERS: [&str; 16] = [
    ":n0", ":n1", ":n2", ":n3", ":n4", ":n5", ":n6", ":n7", ":n8", ":n9", ":n10", ":n11", ":n12",
    ":n13", ":n14", ":n15",
];

/// Most comparisons in a query.
pub(crate) const MOST_COMPARISONS: usize = NUMBERS.len();

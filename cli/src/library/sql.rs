//! What is asked of a library, as SQL: the one place where conditions become text. Names are ours; whatever a user typed is bound.

use rusqlite::types::Value;

use super::query::{Comparison, Marked, Presence, Query, Sort};

/// A statement with what is bound to it.
#[derive(Debug)]
pub(super) struct Statement {
    pub(super) sql: String,
    pub(super) values: Vec<(&'static str, Value)>,
}

/// How whole takes are had.
#[derive(Debug)]
pub(super) enum Takes {
    /// This gives their records.
    Whole(Statement),
    /// Of many takes few are shown: an index that holds all numbers tells which, and only their rows are read.
    Ranked {
        /// Gives analyses in order, at most `:most` (-1 is all).
        ranks: Statement,
        /// Gives the records of analysis `:analysis`: none, if other things that are asked for don't hold.
        records: Statement,
    },
}

/// Columns of a record, in the order in which [`Record`](super::Record) reads them; its score is the next one.
pub(super) const COLUMNS: &str = "f.path, f.missing_ms, s.id AS take, s.mark, s.stars, s.note, a.id AS analysis, a.seconds, a.voiced_seconds, \
     e.name AS emotion, a.confidence, a.valence, a.arousal, a.unsure, a.loudness, a.pitch, a.rate";

impl Query {
    /// The statements that give the records of whole takes. `setting` and `emotion` are their numbers in the database.
    pub(super) fn takes(&self, setting: i64, emotion: Option<i64>) -> Takes {
        // What has more than half of the score leads, and of what leads the score is the confidence, by which an index has them in order.
        let mixed = emotion.filter(|_| self.min.is_some_and(|min| min <= 0.5));
        if mixed.is_none() && self.ranked() {
            let mut ranks = Parts::of(ANALYSES_BY_NUMBERS);
            ranks.setting("a.setting", setting);
            ranks.numbers(self, emotion);
            let mut sql = ranks.select("a.id");
            sql.push_str(&self.order("a.confidence"));
            sql.push_str(" LIMIT :most");
            let mut records = Parts::of(ANALYSES);
            records.others(self);
            records.and("a.id = :analysis".to_owned());
            return Takes::Ranked {
                ranks: ranks.statement(sql),
                records: {
                    let sql = records.select(&format!("{COLUMNS}, a.confidence AS score"));
                    records.statement(sql)
                },
            };
        }
        let mut parts = Parts::new(self, setting, mixed);
        if let (Some(min), true) = (self.min, mixed.is_some()) {
            // A mean is never above the peak, by which the index finds the few that can be.
            parts.and("c.peak >= :min".to_owned());
            parts.bind("c.mean >= :min".to_owned(), ":min", Value::Real(min));
            parts.measures(self);
        } else {
            parts.numbers(self, emotion);
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
        Takes::Whole(parts.statement(sql))
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
        parts.statement(sql)
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

    /// Whether a take's numbers alone say where it stands in the answer and, mostly, whether it is in it; what the indices of confidence serve is not meant.
    fn ranked(&self) -> bool {
        let by_numbers = match self.sort {
            Sort::Confidence | Sort::Score => {
                self.emotion.is_none()
                    && (!self.measures.is_empty()
                        || self.longer_seconds.is_some()
                        || self.shorter_seconds.is_some())
            }
            Sort::Valence
            | Sort::Arousal
            | Sort::Loudness
            | Sort::Pitch
            | Sort::Rate
            | Sort::Length => true,
            Sort::Stars | Sort::Path => false,
        };
        // Nearly every take would be ranked and then be found to be there.
        self.presence != Presence::Missing && by_numbers && !self.by_marks() && !self.by_name()
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

// `CROSS JOIN` is SQLite's way to say which table is gone through; the others are looked up by key.
const ANALYSES: &str =
    "analyses a CROSS JOIN files f ON f.sound = a.sound CROSS JOIN sounds s ON s.id = a.sound";
const ANALYSES_BY_NUMBERS: &str = "analyses a INDEXED BY analyses_numbers";
const SCORES: &str = "scores c CROSS JOIN analyses a ON a.id = c.analysis CROSS JOIN files f ON f.sound = a.sound \
     CROSS JOIN sounds s ON s.id = a.sound";
const FILES: &str =
    "files f CROSS JOIN analyses a ON a.sound = f.sound CROSS JOIN sounds s ON s.id = f.sound";
const SOUNDS: &str =
    "sounds s CROSS JOIN analyses a ON a.sound = s.id CROSS JOIN files f ON f.sound = s.id";

/// What the index of marked takes holds, in its own words, so that it is used.
const MARKED: &str = "(s.mark IS NOT NULL OR s.stars > 0 OR s.note <> '')";

/// A statement on its way.
struct Parts {
    from: String,
    conditions: Vec<String>,
    values: Vec<(&'static str, Value)>,
}

impl Parts {
    /// With all that doesn't depend on whether takes or moments are asked for.
    fn new(query: &Query, setting: i64, emotion: Option<i64>) -> Self {
        let from = if query.by_marks() {
            SOUNDS
        } else if query.by_name() {
            FILES
        } else if emotion.is_some() {
            SCORES
        } else if query.presence == Presence::Missing
            || (query.sort == Sort::Path && query.measures.is_empty())
        {
            FILES
        } else {
            ANALYSES
        };
        let mut parts = Self::of(from);
        // An index that only tells most rows apart from none would have each looked up on its own: `+` has SQLite read them as they lie.
        let in_order =
            query.limit.is_some() && matches!(query.sort, Sort::Confidence | Sort::Score);
        let served = query.emotion.is_some() || in_order || from != ANALYSES;
        parts.setting(if served { "a.setting" } else { "+a.setting" }, setting);
        if let Some(emotion) = emotion {
            if from != SCORES {
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
        parts.others(query);
        parts
    }

    /// With nothing asked for yet.
    fn of(from: &str) -> Self {
        let mut parts = Self {
            from: from.to_owned(),
            conditions: Vec::new(),
            values: Vec::new(),
        };
        if from != ANALYSES_BY_NUMBERS {
            parts
                .from
                .push_str(" LEFT JOIN emotions e ON e.id = a.emotion");
        }
        parts
    }

    fn setting(&mut self, column: &str, setting: i64) {
        self.bind(
            format!("{column} = :setting"),
            ":setting",
            Value::Integer(setting),
        );
    }

    /// What is asked for of the take's numbers: the leading emotion, its score, and the rest.
    fn numbers(&mut self, query: &Query, leading: Option<i64>) {
        if let Some(leading) = leading {
            let leading = Value::Integer(leading);
            self.bind("a.emotion = :leading".to_owned(), ":leading", leading);
        }
        if let Some(min) = query.min {
            self.bind("a.confidence >= :min".to_owned(), ":min", Value::Real(min));
        }
        self.measures(query);
    }

    fn measures(&mut self, query: &Query) {
        for (index, (measure, comparison)) in query.measures.iter().enumerate() {
            self.compare(measure.column(), *comparison, index);
        }
        if let Some(seconds) = query.longer_seconds {
            let seconds = Value::Real(seconds);
            self.bind("a.seconds > :longer".to_owned(), ":longer", seconds);
        }
        if let Some(seconds) = query.shorter_seconds {
            let seconds = Value::Real(seconds);
            self.bind("a.seconds < :shorter".to_owned(), ":shorter", seconds);
        }
    }

    /// What is asked for of the files and of what is thought of the takes.
    fn others(&mut self, query: &Query) {
        match query.presence {
            Presence::There => self.and("f.missing_ms IS NULL".to_owned()),
            Presence::Missing => self.and("f.missing_ms IS NOT NULL".to_owned()),
            Presence::Either => {}
        }
        match query.marked {
            None => {}
            // As the index of marked takes has it, so that it is used.
            Some(Marked::Somehow) => {
                self.and(MARKED.to_owned());
            }
            Some(Marked::As(mark)) => self.bind(
                "s.mark IS NOT NULL AND s.mark = :mark".to_owned(),
                ":mark",
                Value::Text(mark.name().to_owned()),
            ),
            Some(Marked::NotRejected) => self.and("s.mark IS NOT 'rejected'".to_owned()),
        }
        if let Some(stars) = query.stars.filter(|&stars| stars > 0) {
            self.bind(
                "s.stars > 0 AND s.stars >= :stars".to_owned(),
                ":stars",
                Value::Integer(stars.into()),
            );
        }
        if let Some(path) = &query.path {
            if path.contains(['*', '?', '[']) {
                self.bind(
                    "f.path GLOB :path".to_owned(),
                    ":path",
                    Value::Text(path.clone()),
                );
            } else {
                self.bind(
                    "instr(f.path, :path) > 0".to_owned(),
                    ":path",
                    Value::Text(path.clone()),
                );
            }
        }
        if let Some(text) = &query.text {
            let (compares, pattern) = in_any_case(text);
            // Few takes have a note: they are looked up once, and not a take for every path.
            self.bind(
                format!(
                    "(f.path {compares} OR f.sound IN \
                     (SELECT s.id FROM sounds s WHERE {MARKED} AND s.note {compares}))"
                ),
                ":text",
                Value::Text(pattern),
            );
        }
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

    fn statement(self, sql: String) -> Statement {
        Statement {
            sql,
            values: self.values,
        }
    }

    fn select(&self, columns: &str) -> String {
        format!(
            "SELECT {columns} FROM {} WHERE {}",
            self.from,
            self.conditions.join(" AND ")
        )
    }
}

/// How to find a text anywhere, in small or capital letters: the comparison with `:text`, and what that is.
fn in_any_case(text: &str) -> (&'static str, String) {
    if text.is_ascii() {
        let escaped = text
            .replace('\\', "\\\\")
            .replace('%', "\\%")
            .replace('_', "\\_");
        return ("LIKE :text ESCAPE '\\'", format!("%{escaped}%"));
    }
    // SQLite's LIKE knows capital letters of English alone: a set of both for each letter, and each sign of a pattern in a set of its own.
    let mut pattern = String::from("*");
    for c in text.chars() {
        let other = |mut cased: Box<dyn Iterator<Item = char>>| match (cased.next(), cased.next()) {
            (Some(one), None) if one != c => Some(one),
            _ => None,
        };
        let lower = other(Box::new(c.to_lowercase()));
        match lower.or_else(|| other(Box::new(c.to_uppercase()))) {
            Some(other) => pattern.extend(['[', c, other, ']']),
            None if "*?[".contains(c) => pattern.extend(['[', c, ']']),
            None => pattern.push(c),
        }
    }
    pattern.push('*');
    ("GLOB :text", pattern)
}

/// Names of bound numbers.
const NUMBERS: [&str; 16] = [
    ":n0", ":n1", ":n2", ":n3", ":n4", ":n5", ":n6", ":n7", ":n8", ":n9", ":n10", ":n11", ":n12",
    ":n13", ":n14", ":n15",
];

/// Most comparisons in a query.
pub(crate) const MOST_COMPARISONS: usize = NUMBERS.len();

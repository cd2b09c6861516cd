//! The meter's picture.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;
use undersong_core::timeline::Reading;
use undersong_core::timeline::colours::Colour;

use super::view::{Heard, View};
use crate::terminal::nearest_of_256;

/// Wider bars are no easier to read.
const MOST_COLUMNS: usize = 110;

/// Lowest level on its bar, in dB; 0 is the highest.
const LOWEST_DB: f32 = -60.0;

/// Colours of the terminal's 256 for what is not an emotion's.
const TRACK: u8 = 236;
const QUIET: u8 = 245;
const SPEAKING: u8 = 114;
const WARNING: u8 = 221;

/// Draws it.
pub(super) fn draw(frame: &mut Frame<'_>, view: &View) {
    let area = frame.area();
    // A column of air on either side.
    let columns = usize::from(area.width.saturating_sub(2)).min(MOST_COLUMNS);
    let lines = Picture { view, columns }.lines(usize::from(area.height));
    let inner = Rect {
        x: area.x + u16::from(area.width > 2),
        width: area.width.saturating_sub(2),
        ..area
    };
    frame.render_widget(Paragraph::new(lines), inner);
}

struct Picture<'a> {
    view: &'a View,
    columns: usize,
}

impl<'a> Picture<'a> {
    fn lines(&self, rows: usize) -> Vec<Line<'a>> {
        let view = self.view;
        let reading = match &view.heard {
            Heard::Voice(reading) => Some(reading),
            _ => None,
        };
        let leading = reading.and_then(|reading| reading.scores.leading());
        let mut blocks = vec![vec![self.title()], vec![self.state(reading, leading)]];
        blocks.push(
            (0..view.emotions.len())
                .map(|index| self.emotion(index, reading, leading))
                .collect(),
        );
        blocks.push(vec![
            self.axis(
                "valence",
                reading.map(|it| it.valence),
                "unpleasant",
                "pleasant",
            ),
            self.axis("arousal", reading.map(|it| it.arousal), "calm", "excited"),
        ]);
        blocks.push(vec![self.level()]);
        let mut last = vec![self.facts()];
        last.extend(view.warning.as_deref().map(|text| self.warning(text)));
        blocks.push(last);
        // Air between the blocks, where there is room for it.
        let full: usize = blocks.iter().map(Vec::len).sum();
        let air = full + blocks.len() - 1 <= rows;
        let mut lines = Vec::new();
        for block in blocks {
            if air && !lines.is_empty() {
                lines.push(Line::default());
            }
            lines.extend(block);
        }
        lines
    }

    fn colour(&self, colour: Colour) -> Style {
        if self.view.colour {
            Style::new().fg(Color::Indexed(nearest_of_256(colour)))
        } else {
            Style::new()
        }
    }

    fn indexed(&self, index: u8) -> Style {
        if self.view.colour {
            Style::new().fg(Color::Indexed(index))
        } else {
            Style::new()
        }
    }

    /// Left and right, with room between.
    fn spread(&self, left: Vec<Span<'a>>, right: Span<'a>) -> Line<'a> {
        let used = left.iter().map(Span::width).sum::<usize>() + right.width();
        let mut spans = left;
        spans.push(Span::raw(
            " ".repeat(self.columns.saturating_sub(used).max(1)),
        ));
        spans.push(right);
        Line::from(spans)
    }

    fn title(&self) -> Line<'a> {
        let view = self.view;
        let left = vec![
            Span::styled("undersong", Style::new().add_modifier(Modifier::BOLD)),
            Span::styled(
                format!("  {} · {}", view.model, view.engine),
                self.indexed(QUIET),
            ),
        ];
        self.spread(
            left,
            Span::styled(time(view.position_ms), self.indexed(QUIET)),
        )
    }

    fn state(&self, reading: Option<&Reading>, leading: Option<usize>) -> Line<'a> {
        let view = self.view;
        let speech = if view.speaking {
            Span::styled("● speaking  ", self.indexed(SPEAKING))
        } else {
            Span::styled("○ silent    ", self.indexed(QUIET))
        };
        let bold = Modifier::BOLD;
        let found = leading.and_then(|index| view.emotions.get(index));
        let mut spans = vec![speech];
        match (&view.heard, reading, found) {
            (_, Some(reading), Some((name, colour))) => {
                let style = self.colour(*colour).add_modifier(bold);
                spans.push(Span::styled(
                    format!("{name} {}", percent(reading.confidence)),
                    style,
                ));
                if reading.unsure {
                    spans.push(Span::styled(
                        "  unsure: better no answer than this one",
                        self.indexed(QUIET),
                    ));
                }
            }
            (Heard::NoVoice, ..) => {
                spans.push(Span::styled("no voice", Style::new().add_modifier(bold)))
            }
            _ => spans.push(Span::styled("waiting for sound", self.indexed(QUIET))),
        }
        Line::from(spans)
    }

    /// Columns of the widest name, and of a bar.
    fn margins(&self) -> (usize, usize) {
        let names = self
            .view
            .emotions
            .iter()
            .map(|(name, _)| name.chars().count());
        let margin = names.max().unwrap_or(0).max("valence".len()) + 2;
        (margin, self.columns.saturating_sub(margin + 7).max(4))
    }

    fn emotion(&self, index: usize, reading: Option<&Reading>, leading: Option<usize>) -> Line<'a> {
        let (margin, width) = self.margins();
        let Some((name, colour)) = self.view.emotions.get(index) else {
            return Line::default();
        };
        let score = reading
            .and_then(|reading| reading.scores.0.get(index))
            .copied();
        let leads = leading == Some(index);
        let mut style = self.colour(*colour);
        let mut name_style = if score.is_some() {
            Style::new()
        } else {
            self.indexed(QUIET)
        };
        if leads {
            name_style = name_style.add_modifier(Modifier::BOLD);
        }
        // Where the model is unsure, no bar stands out.
        if reading.is_some_and(|reading| reading.unsure) {
            style = style.add_modifier(Modifier::DIM);
        }
        let mut spans = vec![Span::styled(format!("{name:<margin$}"), name_style)];
        spans.extend(self.bar(score.unwrap_or(0.0), width, style));
        let text = score.map_or_else(|| "–".to_owned(), percent);
        spans.push(Span::styled(format!("{text:>7}"), name_style));
        Line::from(spans)
    }

    /// A bar of so many columns, filled to `share`, in eighths of a column.
    fn bar(&self, share: f32, width: usize, style: Style) -> Vec<Span<'a>> {
        const PARTS: [char; 8] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
        let eighths = (share.clamp(0.0, 1.0) * width as f32 * 8.0).round() as usize;
        let (whole, part) = (eighths / 8, eighths % 8);
        let mut filled = "█".repeat(whole);
        let mut used = whole;
        if part > 0 && whole < width {
            filled.extend(PARTS.get(part));
            used += 1;
        }
        let rest = width.saturating_sub(used);
        if self.view.colour {
            let track = Style::new().bg(Color::Indexed(TRACK));
            let style = style.bg(Color::Indexed(TRACK));
            vec![
                Span::styled(filled, style),
                Span::styled(" ".repeat(rest), track),
            ]
        } else {
            vec![Span::styled(filled, style), Span::raw("·".repeat(rest))]
        }
    }

    /// A value from −1 to 1 on a line between two words.
    fn axis(&self, name: &'a str, value: Option<f32>, low: &'a str, high: &'a str) -> Line<'a> {
        let (margin, width) = self.margins();
        let style = if value.is_some() {
            Style::new()
        } else {
            self.indexed(QUIET)
        };
        let quiet = self.indexed(QUIET);
        let words = 11;
        // On a narrow terminal the words go.
        let line = width.saturating_sub(2 * words + 2);
        let (line, words) = if line >= 9 { (line, words) } else { (width, 0) };
        let middle = line / 2;
        let at = value.map(|value| {
            let share = (value.clamp(-1.0, 1.0) + 1.0) / 2.0;
            (share * line.saturating_sub(1) as f32).round() as usize
        });
        let mut spans = vec![Span::styled(format!("{name:<margin$}"), style)];
        if words > 0 {
            spans.push(Span::styled(format!("{low:<words$} "), quiet));
        }
        for column in 0..line {
            spans.push(if at == Some(column) {
                Span::styled("●", Style::new().add_modifier(Modifier::BOLD))
            } else if column == middle {
                Span::styled("┼", quiet)
            } else {
                Span::styled("─", self.indexed(TRACK + 4))
            });
        }
        if words > 0 {
            spans.push(Span::styled(format!(" {high:<words$}"), quiet));
        }
        let text = value.map_or_else(
            || "–".to_owned(),
            |value| format!("{value:+.2}").replace('-', "−"),
        );
        spans.push(Span::styled(format!("{text:>7}"), style));
        Line::from(spans)
    }

    fn level(&self) -> Line<'a> {
        let (margin, width) = self.margins();
        let level = self.view.level_db;
        let share = (level - LOWEST_DB) / -LOWEST_DB;
        let mut spans = vec![Span::styled(format!("{:<margin$}", "level"), Style::new())];
        spans.extend(self.bar(share, width, self.indexed(QUIET)));
        let text = if level <= -100.0 {
            "–".to_owned()
        } else {
            format!("{level:.0} dB").replace('-', "−")
        };
        spans.push(Span::styled(format!("{text:>7}"), Style::new()));
        Line::from(spans)
    }

    fn facts(&self) -> Line<'a> {
        let view = self.view;
        let mut text = format!("lag {:.0} ms", view.lag_ms);
        if view.dropped_updates > 0 {
            text += &format!(" · {} updates left out", view.dropped_updates);
        }
        if view.dropped_samples > 0 {
            text += &format!(" · {} samples not analysed", view.dropped_samples);
        }
        let quiet = self.indexed(QUIET);
        self.spread(
            vec![Span::styled(text, quiet)],
            Span::styled("q quits", quiet),
        )
    }

    fn warning(&self, text: &'a str) -> Line<'a> {
        Line::from(Span::styled(text, self.indexed(WARNING)))
    }
}

fn percent(share: f32) -> String {
    format!("{:.0} %", share * 100.0)
}

/// As `1:02.3`, with hours where there are any.
fn time(ms: u64) -> String {
    let (hours, minutes, seconds) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60);
    let tenths = ms / 100 % 10;
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}.{tenths}")
    } else {
        format!("{minutes}:{seconds:02}.{tenths}")
    }
}

#[cfg(test)]
mod tests {
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;
    use undersong_core::model::Model;
    use undersong_core::timeline::Scores;

    use super::*;

    fn view(colour: bool) -> View {
        View::new(&Model::builtin().unwrap(), "an engine", colour)
    }

    fn voice(unsure: bool) -> Heard {
        Heard::Voice(Reading {
            scores: Scores(vec![0.05, 0.05, 0.6, 0.05, 0.05, 0.05, 0.05, 0.1]),
            valence: 0.42,
            arousal: -0.5,
            confidence: 0.6,
            unsure,
        })
    }

    /// What a terminal of this size shows.
    fn drawn(view: &View, columns: u16, rows: u16) -> (Vec<String>, ratatui::buffer::Buffer) {
        let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
        terminal.draw(|frame| draw(frame, view)).unwrap();
        let buffer = terminal.backend().buffer().clone();
        let lines = (0..rows)
            .map(|row| {
                let cells = (0..columns).map(|column| buffer[(column, row)].symbol());
                cells.collect::<String>().trim_end().to_owned()
            })
            .collect();
        (lines, buffer)
    }

    fn line<'a>(lines: &'a [String], name: &str) -> &'a str {
        lines
            .iter()
            .find(|line| line.trim_start().starts_with(name))
            .unwrap_or_else(|| panic!("no {name} in {lines:#?}"))
    }

    #[test]
    fn every_emotion_has_its_bar_its_colour_and_its_number() {
        let mut view = view(true);
        view.heard = voice(false);
        view.speaking = true;
        view.position_ms = 62_340;
        let (lines, buffer) = drawn(&view, 80, 24);
        assert!(line(&lines, "undersong").contains("undersong-8 · an engine"));
        assert!(line(&lines, "undersong").ends_with("1:02.3"));
        assert!(line(&lines, "● speaking").contains("happy 60 %"));
        for (name, colour) in &view.emotions {
            let row = lines
                .iter()
                .position(|it| it.trim_start().starts_with(name.as_str()));
            let row = row.unwrap_or_else(|| panic!("no {name} in {lines:#?}"));
            assert!(lines[row].ends_with(" %"), "{}", lines[row]);
            let bar = (0..80)
                .map(|column| &buffer[(column, row as u16)])
                .find(|cell| cell.symbol() == "█")
                .unwrap_or_else(|| panic!("no bar of {name}"));
            assert_eq!(bar.fg, Color::Indexed(nearest_of_256(*colour)), "{name}");
        }
        let filled = |name: &str| line(&lines, name).matches('█').count();
        assert!(filled("happy") > 5 * filled("surprised"));
        assert!(
            line(&lines, "valence").contains('●') && line(&lines, "valence").ends_with("+0.42")
        );
        assert!(line(&lines, "arousal").ends_with("−0.50"));
    }

    #[test]
    fn no_voice_and_unsure_are_said_and_show_no_answer() {
        let mut view = view(true);
        let (lines, _) = drawn(&view, 80, 24);
        assert!(line(&lines, "○ silent").contains("waiting for sound"));
        view.heard = Heard::NoVoice;
        let (lines, _) = drawn(&view, 80, 24);
        assert!(line(&lines, "○ silent").contains("no voice"));
        assert!(line(&lines, "happy").ends_with('–') && !line(&lines, "happy").contains('█'));
        assert!(!line(&lines, "valence").contains('●'));
        view.heard = voice(true);
        let (lines, _) = drawn(&view, 80, 24);
        assert!(line(&lines, "○ silent").contains("happy 60 %  unsure"));
    }

    #[test]
    fn what_was_left_out_and_what_is_wrong_stands_below() {
        let mut view = view(true);
        view.dropped_updates = 12;
        view.warning = Some("something is wrong".to_owned());
        let (lines, _) = drawn(&view, 80, 24);
        assert!(line(&lines, "lag").contains("12 updates left out"));
        assert!(line(&lines, "lag").ends_with("q quits"));
        line(&lines, "something is wrong");
    }

    #[test]
    fn without_colours_there_are_none() {
        let mut view = view(false);
        view.heard = voice(false);
        view.speaking = true;
        let (_, buffer) = drawn(&view, 80, 24);
        let plain =
            |cell: &ratatui::buffer::Cell| cell.fg == Color::Reset && cell.bg == Color::Reset;
        assert!(buffer.content().iter().all(plain));
    }

    #[test]
    fn any_size_of_terminal_is_drawn_on() {
        let mut view = view(true);
        view.heard = voice(false);
        for (columns, rows) in [(1, 1), (3, 2), (20, 10), (40, 16), (300, 80)] {
            let (lines, _) = drawn(&view, columns, rows);
            if columns >= 40 {
                // All that is heard fits where there is no room for air.
                line(&lines, "arousal");
                line(&lines, "level");
            }
        }
    }
}

//! The measured half of a model card: both splits side by side, and beside other figures.

use super::{Card, corpus_key};
use crate::evaluate::Interval;
use crate::evaluate::report::{Group, Report, count, decimals, interval, percent, plural};

pub(super) fn figures(card: &Card<'_>) -> String {
    let mut text = "## How well it does\n\n".to_owned();
    if card.model.training.split == "all" {
        text.push_str(
            "The shipped file learned from all the clips listed above, so it cannot be measured on them. The figures are of the \
             same recipe, trained anew without the clips it is measured on.\n\n",
        );
    }
    text.push_str(
        "`paper` splits clips at random: the model knows every voice. `speakers` holds whole speakers back: that is what a voice \
         it never heard can expect.\n\n",
    );
    text.push_str(&headline(card));
    text.push('\n');
    text.push_str(&recalls(card));
    text.push('\n');
    text.push_str(&parts(card));
    text.push('\n');
    text.push_str(&comparison(card));
    text
}

const NOT_MEASURED: &str = "not measured";

/// One line of a table with a figure for each split.
fn line(card: &Card<'_>, name: &str, figure: impl Fn(&Report) -> String) -> String {
    let [paper, speakers] = [card.paper, card.speakers]
        .map(|report| report.map_or_else(|| NOT_MEASURED.to_owned(), &figure));
    format!("| {} | {paper} | {speakers} |\n", cell(name))
}

/// How a report's figure is written into a table.
type Figure = fn(&Report) -> String;

/// A share with its interval in brackets, where there is one.
fn with(share: f64, range: Option<Interval>) -> String {
    match range {
        Some(range) => format!("**{}** ({})", percent(share), interval(Some(range))),
        None => format!("**{}**", percent(share)),
    }
}

fn headline(card: &Card<'_>) -> String {
    let mut text =
        "| | `paper` (known speakers) | `speakers` (unseen speakers) |\n|---|---|---|\n".to_owned();
    let lines: [(&str, Figure); 12] = [
        ("measured", |report| {
            cell(&format!(
                "{}; recipe {}, seed {}; {}",
                report.about.split,
                report.about.recipe,
                report.about.seed,
                report.about.measured_on
            ))
        }),
        ("clips, speakers", |report| {
            format!(
                "{}, {}",
                count(report.overall.clips),
                count(report.overall.speakers)
            )
        }),
        ("accuracy", |report| {
            with(
                report.overall.accuracy,
                report.overall.intervals.map(|all| all.accuracy),
            )
        }),
        ("UAR (mean recall)", |report| {
            with(
                report.overall.uar,
                report.overall.intervals.map(|all| all.uar),
            )
        }),
        ("macro F1", |report| {
            with(
                report.overall.macro_f1,
                report.overall.intervals.map(|all| all.macro_f1),
            )
        }),
        ("weighted F1", |report| percent(report.overall.weighted_f1)),
        ("macro precision", |report| {
            percent(report.overall.macro_precision)
        }),
        ("calibration error (ECE) before", |report| {
            decimals(report.before_calibration.ece)
        }),
        ("calibration error (ECE) after", |report| {
            decimals(report.after_calibration.ece)
        }),
        ("temperature, and on what it was measured", |report| {
            cell(&format!(
                "{}, {}",
                decimals(f64::from(report.calibration.temperature)),
                report.calibration.measured_on
            ))
        }),
        ("unsure; right when sure", |report| {
            format!(
                "{}; {}",
                percent(report.unsure_share),
                percent(report.answered_accuracy)
            )
        }),
        (
            "right among the most confident 60 %; points above all",
            |report| {
                format!(
                    "{}; {}",
                    percent(report.risk_coverage.accuracy_at_60),
                    report.gained_at_60()
                )
            },
        ),
    ];
    for (name, figure) in lines {
        text.push_str(&line(card, name, figure));
    }
    text.push_str(
        "\nIn brackets: 95 % of draws when the test speakers are drawn anew with replacement; another training seed is not in it.\n",
    );
    for sentence in [card.paper, card.speakers]
        .into_iter()
        .flatten()
        .filter_map(|report| {
            Some(format!(
                "\n`{}`: {}\n",
                report.about.split,
                report.left_out_sentence()?
            ))
        })
    {
        text.push_str(&sentence);
    }
    text
}

fn recalls(card: &Card<'_>) -> String {
    let mut text = "Recall of each emotion (precision in brackets):\n\n| emotion | `paper` | `speakers` |\n|---|---|---|\n".to_owned();
    for emotion in card.model.emotions.names() {
        text.push_str(&line(card, emotion, |report| {
            let class = report
                .overall
                .per_class
                .iter()
                .find(|class| class.emotion == emotion);
            class.map_or_else(
                || NOT_MEASURED.to_owned(),
                |class| format!("{} ({})", percent(class.recall), percent(class.precision)),
            )
        }));
    }
    text
}

/// Corpora and sexes: accuracy and UAR of every part that either report has.
fn parts(card: &Card<'_>) -> String {
    let reports = || [card.paper, card.speakers].into_iter().flatten();
    let mut names: Vec<&str> = Vec::new();
    for of in [by_corpus, by_sex, by_corpus_and_sex] {
        for name in reports().flat_map(|report| of(report).iter().map(|group| group.name.as_str()))
        {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    let mut text = "Accuracy and UAR by corpus and by sex:\n\n| part | `paper` | `speakers` |\n|---|---|---|\n".to_owned();
    for name in names {
        text.push_str(&line(card, name, |report| {
            let mut groups = [by_corpus, by_sex, by_corpus_and_sex]
                .into_iter()
                .flat_map(|of| of(report));
            groups.find(|group| group.name == name).map_or_else(
                || NOT_MEASURED.to_owned(),
                |group| {
                    let Group { metrics, ece, .. } = group;
                    format!(
                        "{} / {}; ECE {}; {}, {}",
                        percent(metrics.accuracy),
                        percent(metrics.uar),
                        decimals(*ece),
                        plural(metrics.clips, "clip"),
                        plural(metrics.speakers, "speaker"),
                    )
                },
            )
        }));
    }
    text
}

fn by_corpus(report: &Report) -> &[Group] {
    &report.by_corpus
}

fn by_sex(report: &Report) -> &[Group] {
    &report.by_sex
}

fn by_corpus_and_sex(report: &Report) -> &[Group] {
    &report.by_corpus_and_sex
}

fn comparison(card: &Card<'_>) -> String {
    let accuracy = |report: Option<&Report>| {
        report.map_or_else(
            || NOT_MEASURED.to_owned(),
            |report| percent(report.overall.accuracy),
        )
    };
    let corpus = |key: &str| {
        card.speakers
            .and_then(|report| {
                report
                    .by_corpus
                    .iter()
                    .find(|group| corpus_key(&group.name) == key)
            })
            .map_or_else(
                || NOT_MEASURED.to_owned(),
                |group| percent(group.metrics.uar),
            )
    };
    let mut text = format!(
        "### Beside other figures\n\n\
         | | random split, accuracy | unseen speakers, UAR RAVDESS | unseen speakers, UAR CREMA-D |\n|---|---|---|---|\n\
         | this model's recipe | {} | {} | {} |\n\
         | the paper's claim for its recipe | 82.4\u{a0}% | – | – |\n\
         | the paper's recipe rebuilt honestly, elsewhere | 62.0\u{a0}% (UAR 65.4\u{a0}%) | 36\u{a0}% | 53\u{a0}% |\n\
         | people, hearing the voice alone (not a split) | – | – | 40.9\u{a0}% accuracy |\n\n\
         An honest rebuild does not reach the paper's claim. People were asked to name the emotion that CREMA-D's actors were to \
         play; a model that learned from such labels can match them more often than people do, and still not know what anyone feels.\n",
        accuracy(card.paper),
        corpus("ravdess"),
        corpus("cremad"),
    );
    let kinds = card.model.training.data.len();
    if kinds < 2 || card.model.emotions.len() != 8 {
        text.push_str(&format!(
            "The other rows are for eight emotions and both corpora; this model has {} and learned from {}: an easier or a harder task, not the same one.\n",
            plural(card.model.emotions.len(), "emotion"),
            if kinds == 1 { "one corpus".to_owned() } else { format!("{kinds} corpora") },
        ));
    }
    text
}

/// Text made safe inside a table's cell.
pub(super) fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace(['\n', '\r'], " ")
}

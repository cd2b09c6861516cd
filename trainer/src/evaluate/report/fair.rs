//! For whom a model is worse, as tables and sentences: the same figures in text and on the page.

use super::Report;
use super::format::{count, decimals, escape, interval, percent};
use super::text::Table;
use crate::evaluate::{Estimate, FairGroup, FairnessPart, fairness_sentences};

const FEW: &str = " *";

/// Clips, speakers, accuracy, UAR and the distance from the others, with their intervals.
fn cells(group: &FairGroup) -> Vec<String> {
    let gap = group.gap.map(|gap| gap.accuracy);
    vec![
        count(group.clips),
        count(group.speakers),
        percent(group.accuracy.value),
        interval(group.accuracy.interval),
        percent(group.uar.value),
        interval(group.uar.interval),
        gap.map_or_else(|| percent(None), |gap| points(gap.value)),
        gap.and_then(|gap| gap.interval).map_or_else(
            || percent(None),
            |interval| format!("{} to {}", points(interval.low), points(interval.high)),
        ),
    ]
}

const HEADS: [&str; 8] = [
    "clips",
    "speakers",
    "accuracy",
    "95 %",
    "UAR",
    "95 %",
    "against the others",
    "95 %",
];

/// A difference in points: `+3.6`.
fn points(share: f64) -> String {
    format!("{:+.1}", share * 100.0).replace('-', "−")
}

fn name(part: &FairnessPart, group: &FairGroup) -> String {
    let flag = if group.few_speakers { FEW } else { "" };
    format!("{}, {}{flag}", part.corpus, group.name)
}

fn groups(report: &Report) -> impl Iterator<Item = (&FairnessPart, &FairGroup)> {
    report
        .fairness
        .iter()
        .flat_map(|part| part.groups.iter().map(move |group| (part, group)))
}

/// What the tables mean.
fn note() -> String {
    format!(
        "Against the others: accuracy in points above (+) or below (−) all other actors of the corpus. 95 %: actors drawn anew within the group and \
         without it. *: fewer than {} actors, too few to speak for anybody else.",
        crate::evaluate::FEW_SPEAKERS
    )
}

/// Nothing where no corpus states anything.
pub(super) fn text(report: &Report) -> String {
    if report.fairness.is_empty() {
        return String::new();
    }
    let mut head = vec!["for whom".to_owned()];
    head.extend(HEADS.map(str::to_owned));
    head.extend(report.labels.iter().cloned());
    let mut table = Table(vec![head]);
    for (part, group) in groups(report) {
        let recalls = group
            .recall
            .iter()
            .map(|recall| percent(recall.map(|recall| recall.value)));
        table.line(
            std::iter::once(name(part, group))
                .chain(cells(group))
                .chain(recalls)
                .collect(),
        );
    }
    format!(
        "{}The columns of emotions are recalls. {}\n{}\n",
        table.write(),
        note(),
        fairness_sentences(&report.fairness).join("\n")
    )
}

/// Nothing where no corpus states anything.
pub(super) fn html(report: &Report) -> String {
    if report.fairness.is_empty() {
        return String::new();
    }
    let heads = |names: &mut dyn Iterator<Item = &str>| -> String {
        names
            .map(|name| format!("<th scope=\"col\">{}</th>", escape(name)))
            .collect()
    };
    let lines: String = groups(report)
        .map(|(part, group)| {
            let cells: String = cells(group)
                .iter()
                .enumerate()
                .map(|(column, cell)| {
                    let class = if [3, 5, 7].contains(&column) {
                        " class=\"range\""
                    } else {
                        ""
                    };
                    format!("<td{class}>{cell}</td>")
                })
                .collect();
            format!(
                "<tr><th scope=\"row\">{}</th>{cells}</tr>\n",
                escape(&name(part, group))
            )
        })
        .collect();
    let recall = |recall: &Option<Estimate>| match recall {
        Some(recall) => format!(
            "<td>{}<br><span class=\"range\">{}</span></td>",
            percent(recall.value),
            interval(recall.interval)
        ),
        None => format!("<td>{}</td>", percent(None)),
    };
    let recalls: String = groups(report)
        .map(|(part, group)| {
            format!(
                "<tr><th scope=\"row\">{}</th>{}</tr>\n",
                escape(&name(part, group)),
                group.recall.iter().map(recall).collect::<String>()
            )
        })
        .collect();
    let sentences: String = fairness_sentences(&report.fairness)
        .iter()
        .map(|sentence| format!("<li>{}</li>\n", escape(sentence)))
        .collect();
    format!(
        "<ul class=\"plain\">\n{sentences}</ul>\n\
         <div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">for whom</th>{}</tr></thead>\n<tbody>\n{lines}</tbody></table></div>\n\
         <p class=\"muted\">{}</p>\n\
         <details><summary>Recall of each emotion as a table</summary>\n<div class=\"scroll\"><table><thead><tr><th scope=\"col\">for whom</th>{}</tr></thead>\n\
         <tbody>\n{recalls}</tbody></table></div>\n</details>\n",
        heads(&mut HEADS.into_iter()),
        escape(&note()),
        heads(&mut report.labels.iter().map(String::as_str)),
    )
}

/// The table for a card, in Markdown, with the sentences before it.
pub(in crate::evaluate) fn markdown(report: &Report) -> String {
    let mut text: String = fairness_sentences(&report.fairness)
        .iter()
        .map(|sentence| format!("- {sentence}\n"))
        .collect();
    let head: Vec<&str> = std::iter::once("for whom").chain(HEADS).collect();
    text.push_str(&format!(
        "\n| {} |\n|{}|\n",
        head.join(" | "),
        ["---"; 9].join("|")
    ));
    for (part, group) in groups(report) {
        text.push_str(&format!(
            "| {} | {} |\n",
            name(part, group).replace(FEW, " \\*"),
            cells(group).join(" | ")
        ));
    }
    text.push_str(&format!("\n{}\n", note().replace("*:", "\\*:")));
    text.push_str("\nRecall of each emotion, in brackets its 95 % interval:\n\n");
    text.push_str(&format!(
        "| for whom | {} |\n|---|{}|\n",
        report.labels.join(" | "),
        vec!["---"; report.labels.len()].join("|")
    ));
    for (part, group) in groups(report) {
        let recalls: Vec<String> = group
            .recall
            .iter()
            .map(|recall| match recall {
                Some(recall) => format!(
                    "{:.0}\u{a0}% ({})",
                    recall.value * 100.0,
                    recall.interval.map_or_else(
                        || percent(None),
                        |range| format!("{:.0}–{:.0}", range.low * 100.0, range.high * 100.0)
                    )
                ),
                None => percent(None),
            })
            .collect();
        text.push_str(&format!(
            "| {} | {} |\n",
            name(part, group).replace(FEW, " \\*"),
            recalls.join(" | ")
        ));
    }
    text
}

/// The risk–coverage table for a card.
pub(in crate::evaluate) fn coverage_markdown(report: &Report) -> String {
    let mut text =
        "| clips answered | confidence from | right | risk |\n|---|---|---|---|\n".to_owned();
    for row in super::rows::coverage(report) {
        text.push_str(&format!("| {} | {} |\n", row.name, row.cells.join(" | ")));
    }
    text
}

/// The bins of confidence for a card, the empty ones left out.
pub(in crate::evaluate) fn bins_markdown(report: &Report) -> String {
    let mut text =
        "| confidence | clips | mean confidence | right |\n|---|---|---|---|\n".to_owned();
    for bin in &report.after_calibration.bins {
        if bin.clips > 0 {
            text.push_str(&format!(
                "| {} to {} | {} | {} | {} |\n",
                decimals(bin.lower),
                decimals(bin.upper),
                count(bin.clips),
                percent(bin.confidence),
                percent(bin.accuracy)
            ));
        }
    }
    text
}

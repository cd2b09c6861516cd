//! The model card: what a person should know before using a model, in Markdown, with measured figures only.

mod figures;
mod trust;

use undersong_core::model::{ModelMetadata, TrainingData};

use super::report::{Report, count, decimals, percent, trained_for};
use figures::{cell, figures};
use trust::{for_whom, live, sureness};

/// What a card is written from.
#[derive(Debug, Clone, Copy)]
pub struct Card<'a> {
    /// What the model file says of itself.
    pub model: &'a ModelMetadata,
    /// The recipe measured on the paper's split: random, speakers shared. `None` if it was not measured.
    pub paper: Option<&'a Report>,
    /// The recipe measured on speakers never heard in training. `None` if it was not measured.
    pub speakers: Option<&'a Report>,
    /// What it loses as live hears it, in Markdown (`Conditions::to_markdown`). `None` if it was not measured.
    pub live: Option<&'a str>,
    /// The commands that make the model and its figures again, one a line.
    pub commands: &'a [String],
    /// Further limits worth saying, one sentence each.
    pub limits: &'a [String],
}

/// Writes a model card in Markdown. The same input gives the same bytes.
pub fn write_card(card: &Card<'_>) -> String {
    let model = card.model;
    let emotions: Vec<&str> = model.emotions.names().collect();
    let seconds = model.features.span_seconds();
    [
        format!(
            "# {}\n\n{}\n\n\
             A voice goes in, {} emotion scores come out: {}. It looks at {seconds:.1} s of sound at a time, {} frames of {} numbers at {} Hz, \
             and says `unsure` where its leading score stays below {}.\n",
            model.name,
            model.description,
            model.emotions.len(),
            emotions.join(", "),
            model.features.frames(),
            model.features.coefficients(),
            count(model.features.sample_rate_hz as usize),
            decimals(f64::from(model.calibration.unsure_below)),
        ),
        PURPOSE.to_owned(),
        data(model),
        making(model),
        figures(card),
        sureness(card),
        for_whom(card),
        live(card),
        limits(card),
        again(card),
    ]
    .join("\n")
}

const PURPOSE: &str = "\
## What it is for, and what not

**For** finding one's way through takes, marking where a performance changes, driving sound, light or a game character from a voice, \
and research on acted speech: where a person hears the sound themselves, decides themselves, and a wrong answer costs nothing but a second look.

**Not for** telling what a person feels, means or intends: it learned from actors, and acted speech is not felt emotion. It is not a lie detector and not a diagnosis. \
No decision about a person may rest on it, alone or among other signals. So it must not be used for

- detecting lies, judging credibility or sincerity, or questioning anybody: in policing, in court, at borders, in asylum or in security checks;
- diagnosis, screening or monitoring of health, mood or risk (depression, suicide, pain, intoxication, dementia), triage of emergency calls included;
- hiring, interviews, promotion, pay, dismissal, supervision or scoring of workers, call-centre agents included;
- schools, exams, attention or behaviour of pupils and students; anything that watches children;
- insurance, credit, prices, benefits, housing or access to any service;
- profiling, advertising, politics or persuasion that uses a person's state of mind; grading customers or callers;
- watching or recording people who do not know of it or have not agreed; telling who somebody is;
- anything that acts on a person without another person who can hear the sound and overrule it.

In the European Union the AI Act (Regulation (EU) 2024/1689) calls a system that infers emotions from biometric data, a voice among them, an \
*emotion recognition system* (Art. 3(39)). Inferring emotions at work and in schools is prohibited, save for medical and safety reasons (Art. 5(1)(f)); \
elsewhere such a system is high-risk (Art. 6(2), Annex III, point 1(c)), with the duties that follow for who provides and who deploys it (Art. 8 to 27), and \
so are polygraphs and similar tools in law enforcement and migration (Annex III, points 6(b) and 7(a)). People exposed to it must be told (Art. 50(3)). A recorded voice is \
personal data (Regulation (EU) 2016/679). Undersong has been through none of the assessments that a high-risk use requires.
";

/// What is known of a corpus: its key (letters and digits of its name, in lower case), how to cite it, what its licence asks.
const CORPORA: [(&str, &str, &str); 2] = [
    (
        "ravdess",
        "Livingstone & Russo 2018, PLoS ONE 13(5): e0196391",
        "CC BY-NC-SA 4.0: non-commercial, with attribution, shared alike; so weights learned from it are for non-commercial use",
    ),
    (
        "cremad",
        "Cao et al. 2014, IEEE Transactions on Affective Computing 5(4), 377–390",
        "Open Database License 1.0 (contents: Database Contents License 1.0): commercial use allowed, with attribution; a database derived from it is shared alike",
    ),
];

fn data(model: &ModelMetadata) -> String {
    let mut text = "## Data and licences\n\n| corpus | clips | speakers | source | licence |\n|---|---|---|---|---|\n".to_owned();
    for TrainingData {
        corpus,
        clips,
        speakers,
    } in &model.training.data
    {
        let key = corpus_key(corpus);
        let (source, licence) = CORPORA.iter().find(|(known, _, _)| *known == key).map_or(
            (
                "not known to this card's writer",
                "ask whoever trained the model",
            ),
            |(_, source, licence)| (*source, *licence),
        );
        text.push_str(&format!(
            "| {} | {} | {} | {source} | {licence} |\n",
            cell(corpus),
            count(*clips),
            count(*speakers)
        ));
    }
    text.push_str(&format!(
        "\nLicence of the weights: {}\n",
        model.training.licence
    ));
    text
}

fn making(model: &ModelMetadata) -> String {
    let training = &model.training;
    let calibration = &model.calibration;
    let priors: Vec<String> = model
        .emotions
        .names()
        .zip(&calibration.priors)
        .map(|(name, share)| format!("{name} {}", percent(f64::from(*share))))
        .collect();
    format!(
        "## How it was made\n\n\
         Recipe `{}`, seed {}, {}, trained on: {}. Trainer {}.\n\n\
         Calibration: temperature {}{}, measured on {}. Share of each emotion in training: {}.\n\n\
         <details><summary>The recipe in full</summary>\n\n```toml\n{}\n```\n\n</details>\n",
        training.recipe,
        training.seed,
        trained_for(&training.recipe_toml, training.epochs as usize),
        training.split,
        training.trainer_version,
        decimals(f64::from(calibration.temperature)),
        trust::by_voice(calibration),
        calibration.measured_on,
        if priors.is_empty() {
            "not recorded".to_owned()
        } else {
            priors.join(", ")
        },
        training.recipe_toml.trim(),
    )
}

fn limits(card: &Card<'_>) -> String {
    let mut text = "## Limits\n\n\
        - A few sentences, read by North American actors in quiet rooms. Other languages, accents and ages are not measured here; of recording chains, rooms and noise only what the table above has, all of it made by computation.\n\
        - Corpora differ in band, room and level, and some emotions occur in one corpus only: part of what tells them apart may be the recording.\n\
        - A score is a share of what actors meant, not a degree of feeling. Silence has no emotion; it is not neutral.\n\
        - One training seed, unless a table says otherwise: seeds of one recipe scatter, measured elsewhere on one fold, by 1.4–2.2 points (sd, UAR) on RAVDESS's four test speakers and 0.3–0.6 on CREMA-D.\n"
        .to_owned();
    for limit in card.limits {
        text.push_str(&format!("- {limit}\n"));
    }
    text
}

fn again(card: &Card<'_>) -> String {
    if card.commands.is_empty() {
        return "## Make it again\n\nThe commands were not recorded.\n".to_owned();
    }
    format!(
        "## Make it again\n\n```sh\n{}\n```\n",
        card.commands.join("\n")
    )
}

/// Letters and digits of a corpus's name in lower case, so that `CREMA-D` and `cremad` are one.
fn corpus_key(name: &str) -> String {
    name.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_lowercase())
        .collect()
}

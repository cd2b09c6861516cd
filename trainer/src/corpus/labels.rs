//! Labels from file names, by the corpora's own conventions.

use super::clip::{CorpusKind, Intensity, Sex};

/// Every emotion of both corpora, in the order of RAVDESS's codes 01 to 08; CREMA-D has six of them.
pub const EMOTIONS: [&str; 8] = [
    "neutral",
    "calm",
    "happy",
    "sad",
    "angry",
    "fearful",
    "disgust",
    "surprised",
];

/// What a file name says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labels {
    /// The actor: `ravdess-01`, `cremad-1001`.
    pub speaker: String,
    /// One of [`EMOTIONS`].
    pub emotion: &'static str,
    /// RAVDESS: odd actors are male. CREMA-D's names do not say.
    pub sex: Option<Sex>,
    /// How strongly it was to be played, where the name says.
    pub intensity: Option<Intensity>,
}

/// Why a name gives no labels.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    /// The name follows another convention, or a code in it is unknown.
    #[error("the name does not parse: {0}")]
    Name(String),
    /// The clip belongs to the corpus, but is not speech alone.
    #[error("{0}")]
    NotSpeech(&'static str),
}

/// Reads the labels of a file name without its ending.
///
/// RAVDESS: `modality-channel-emotion-intensity-statement-repetition-actor`, all numbers of two digits.
/// CREMA-D: `actor_sentence_EMOTION_LEVEL`.
///
/// # Errors
/// [`Rejected`] says which part of the name is wrong, or that the clip is a song or carries a picture.
pub fn parse_name(corpus: CorpusKind, stem: &str) -> Result<Labels, Rejected> {
    match corpus {
        CorpusKind::Ravdess => parse_ravdess(stem),
        CorpusKind::Cremad => parse_cremad(stem),
    }
}

fn parse_ravdess(stem: &str) -> Result<Labels, Rejected> {
    const FORM: &str = "modality-channel-emotion-intensity-statement-repetition-actor, seven numbers of two digits";
    let wrong = || Rejected::Name(format!("expected {FORM}"));
    let mut codes = [0_usize; 7];
    let mut parts = stem.split('-');
    for code in &mut codes {
        let part = parts.next().ok_or_else(wrong)?;
        if part.len() != 2 {
            return Err(wrong());
        }
        *code = part.parse().map_err(|_| wrong())?;
    }
    if parts.next().is_some() {
        return Err(wrong());
    }
    let [
        modality,
        channel,
        emotion,
        intensity,
        statement,
        repetition,
        actor,
    ] = codes;
    let range = |what: &str, code: usize, last: usize| {
        if (1..=last).contains(&code) {
            Ok(code)
        } else {
            Err(Rejected::Name(format!(
                "{what} {code:02} is not in 01 to {last:02}"
            )))
        }
    };
    range("modality", modality, 3)?;
    range("vocal channel", channel, 2)?;
    range("emotion", emotion, 8)?;
    range("intensity", intensity, 2)?;
    range("statement", statement, 2)?;
    range("repetition", repetition, 2)?;
    range("actor", actor, 24)?;
    if channel == 2 {
        return Err(Rejected::NotSpeech("sung, not spoken (vocal channel 02)"));
    }
    if modality != 3 {
        return Err(Rejected::NotSpeech(
            "video, not sound alone (modality is not 03)",
        ));
    }
    let emotion = EMOTIONS.get(emotion - 1).copied().ok_or_else(wrong)?;
    Ok(Labels {
        speaker: format!("{}-{actor:02}", CorpusKind::Ravdess.key()),
        emotion,
        sex: Some(if actor % 2 == 1 {
            Sex::Male
        } else {
            Sex::Female
        }),
        intensity: Some(if intensity == 2 {
            Intensity::Strong
        } else {
            Intensity::Normal
        }),
    })
}

fn parse_cremad(stem: &str) -> Result<Labels, Rejected> {
    const FORM: &str = "actor_sentence_EMOTION_LEVEL, such as 1001_DFA_ANG_XX";
    let wrong = || Rejected::Name(format!("expected {FORM}"));
    let mut parts = stem.split('_');
    let (Some(actor), Some(sentence), Some(emotion), Some(level), None) = (
        parts.next(),
        parts.next(),
        parts.next(),
        parts.next(),
        parts.next(),
    ) else {
        return Err(wrong());
    };
    if actor.len() != 4 || !actor.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Rejected::Name(format!(
            "'{actor}' is not an actor's number of four digits"
        )));
    }
    if sentence.len() != 3 || !sentence.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Err(Rejected::Name(format!(
            "'{sentence}' is not a sentence's code of three letters"
        )));
    }
    let emotion = match emotion {
        "ANG" => "angry",
        "DIS" => "disgust",
        "FEA" => "fearful",
        "HAP" => "happy",
        "NEU" => "neutral",
        "SAD" => "sad",
        other => {
            return Err(Rejected::Name(format!(
                "'{other}' is none of ANG DIS FEA HAP NEU SAD"
            )));
        }
    };
    let intensity = match level {
        "LO" => Some(Intensity::Low),
        "MD" => Some(Intensity::Medium),
        "HI" => Some(Intensity::High),
        // `1040_ITH_SAD_X` is published with a single X.
        "XX" | "X" => None,
        other => {
            return Err(Rejected::Name(format!("'{other}' is none of LO MD HI XX")));
        }
    };
    Ok(Labels {
        speaker: format!("{}-{actor}", CorpusKind::Cremad.key()),
        emotion,
        sex: None,
        intensity,
    })
}

//! Labels, and where each emotion lies between unpleasant and pleasant, quiet and excited.
//!
//! Nothing here assumes eight classes: a model file brings its own list, and a label without coordinates is refused when the
//! file is opened unless the file carries the coordinates itself.

use serde::{Deserialize, Serialize};

/// One emotion a model tells apart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Emotion {
    /// Name as printed and written to files, in lower case.
    pub name: String,
    /// Position on the circumplex: −1 unpleasant … 1 pleasant.
    pub valence: f32,
    /// Position on the circumplex: −1 calm … 1 excited.
    pub arousal: f32,
}

/// A model's emotions, in the order of its outputs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EmotionSet(Vec<Emotion>);

/// Published coordinates, as `(name, valence, arousal)` on scales from −1 to 1.
///
/// From the means over raters in Russell & Mehrabian, "Evidence for a three-factor theory of emotions", Journal of Research in
/// Personality 11 (1977), 273–294, table of emotion terms (pleasure, arousal): happy (.81, .51), sad (−.63, −.27), angry (−.51, .59),
/// fearful (−.64, .60), disgusted (−.60, .35), surprised (.40, .67), and relaxed (.68, −.46) for *calm*. Neutral is the origin by
/// the scale's construction.
const CIRCUMPLEX: [(&str, f32, f32); 8] = [
    ("neutral", 0.0, 0.0),
    ("calm", 0.68, -0.46),
    ("happy", 0.81, 0.51),
    ("sad", -0.63, -0.27),
    ("angry", -0.51, 0.59),
    ("fearful", -0.64, 0.60),
    ("disgust", -0.60, 0.35),
    ("surprised", 0.40, 0.67),
];

/// What other corpora, and people, call the same emotions.
const OTHER_NAMES: [(&str, &str); 22] = [
    ("happiness", "happy"),
    ("joy", "happy"),
    ("joyful", "happy"),
    ("sadness", "sad"),
    ("anger", "angry"),
    ("fear", "fearful"),
    ("fearfulness", "fearful"),
    ("afraid", "fearful"),
    ("scared", "fearful"),
    ("disgusted", "disgust"),
    ("surprise", "surprised"),
    ("pleasant_surprise", "surprised"),
    ("calmness", "calm"),
    ("relaxed", "calm"),
    ("neutrality", "neutral"),
    // CREMA-D's codes.
    ("neu", "neutral"),
    ("hap", "happy"),
    ("ang", "angry"),
    ("fea", "fearful"),
    ("dis", "disgust"),
    ("sur", "surprised"),
    ("cal", "calm"),
];

/// The well-known name of an emotion that is called otherwise, such as `angry` for `Anger`; the name itself, in lower case, if it is none of these.
pub fn usual_name(name: &str) -> String {
    let name = name.trim().to_lowercase();
    OTHER_NAMES
        .iter()
        .find(|(other, _)| *other == name)
        .map_or(name, |&(_, usual)| usual.to_owned())
}

impl EmotionSet {
    /// A set from emotions in the order of a model's outputs.
    pub fn new(emotions: Vec<Emotion>) -> Self {
        Self(emotions)
    }

    /// A set from well-known names, with published coordinates. `None` if a name is not among them.
    pub fn from_names<S: AsRef<str>>(names: &[S]) -> Option<Self> {
        names
            .iter()
            .map(|name| {
                CIRCUMPLEX
                    .iter()
                    .find(|(known, _, _)| *known == name.as_ref())
                    .map(|&(name, valence, arousal)| Emotion {
                        name: name.to_owned(),
                        valence,
                        arousal,
                    })
            })
            .collect::<Option<Vec<_>>>()
            .map(Self)
    }

    /// The well-known names, in the order of MIDI controllers 20–27.
    pub fn known_names() -> impl Iterator<Item = &'static str> {
        CIRCUMPLEX.iter().map(|&(name, _, _)| name)
    }

    /// Number of emotions.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The emotions in the order of the model's outputs.
    pub fn iter(&self) -> std::slice::Iter<'_, Emotion> {
        self.0.iter()
    }

    /// The emotion at a model's output.
    pub fn get(&self, index: usize) -> Option<&Emotion> {
        self.0.get(index)
    }

    /// The output of the emotion of this name.
    pub fn index_of(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|emotion| emotion.name == name)
    }

    /// The output of the emotion that a person means: by its name, in any case, or by what else it is called, such as `anger`.
    pub fn meant_by(&self, word: &str) -> Option<usize> {
        let usual = usual_name(word);
        self.index_of(word.trim())
            .or_else(|| self.0.iter().position(|it| usual_name(&it.name) == usual))
    }

    /// The names, in the order of the model's outputs.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|emotion| emotion.name.as_str())
    }
}

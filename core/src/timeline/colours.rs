//! One palette for every picture of emotions: the report, REAPER's regions, the plugin.
//!
//! The eight colours are those of Okabe & Ito, "Color Universal Design" (2008), made to be told apart with any kind of
//! colour vision; their black is a light grey here: it must show on a dark page too, and a darker one is hard to tell from the purple or
//! the green without green-sensitive cones. Other models' emotions get the colours
//! that are left, then Paul Tol's *muted* scheme ("Colour Schemes", SRON/EPS/TN/09-002, 2021), then hues at the golden angle.

use crate::model::{EmotionSet, usual_name};

/// A colour, sRGB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Colour {
    /// Red, 0 … 255.
    pub red: u8,
    /// Green, 0 … 255.
    pub green: u8,
    /// Blue, 0 … 255.
    pub blue: u8,
}

impl Colour {
    const fn rgb(rgb: u32) -> Self {
        let [_, red, green, blue] = rgb.to_be_bytes();
        Self { red, green, blue }
    }

    /// As `RRGGBB`.
    pub fn hex(self) -> String {
        format!("{:02X}{:02X}{:02X}", self.red, self.green, self.blue)
    }
}

impl Default for Colour {
    /// The grey of *neutral*.
    fn default() -> Self {
        Self::rgb(GREY)
    }
}

const GREY: u32 = 0xBB_BBBB;

/// Colours of well-known names.
const KNOWN: [(&str, u32); 8] = [
    ("neutral", GREY),
    ("calm", 0x56_B4E9),
    ("happy", 0xF0_E442),
    ("sad", 0x00_72B2),
    ("angry", 0xD5_5E00),
    ("fearful", 0xCC_79A7),
    ("disgust", 0x00_9E73),
    ("surprised", 0xE6_9F00),
];

/// For emotions beyond these.
const FURTHER: [u32; 9] = [
    0x88_2255, 0x44_AA99, 0x99_9933, 0x33_2288, 0xCC_6677, 0x88_CCEE, 0xAA_4499, 0xDD_CC77,
    0x11_7733,
];

/// A colour per emotion, in the order of the model's outputs; no two are the same.
pub fn palette(emotions: &EmotionSet) -> Vec<Colour> {
    let mut taken: Vec<Colour> = Vec::with_capacity(emotions.len());
    let mut colours: Vec<Option<Colour>> = Vec::with_capacity(emotions.len());
    for name in emotions.names() {
        let colour = known(name).filter(|colour| !taken.contains(colour));
        taken.extend(colour);
        colours.push(colour);
    }
    let mut others = KNOWN
        .iter()
        .map(|&(_, rgb)| rgb)
        .chain(FURTHER)
        .map(Colour::rgb)
        .chain((0_u32..).map(golden));
    colours
        .into_iter()
        .map(|colour| {
            let colour = colour.or_else(|| others.find(|other| !taken.contains(other)));
            taken.extend(colour);
            colour.unwrap_or_default()
        })
        .collect()
}

fn known(name: &str) -> Option<Colour> {
    let name = usual_name(name);
    KNOWN
        .iter()
        .find(|(known, _)| *known == name)
        .map(|&(_, rgb)| Colour::rgb(rgb))
}

/// The hue at `index` times the golden angle, with a lightness that shows on light and dark pages.
fn golden(index: u32) -> Colour {
    let turn = (f64::from(index) * 137.507_764 / 360.0).fract();
    let channel = |shift: f64| {
        let wave = (((turn + shift).fract() * 6.0 - 3.0).abs() - 1.0).clamp(0.0, 1.0);
        // Saturation 0.5, lightness 0.55 … 0.7, so that hues which come near each other differ in that.
        let lightness = 0.55 + 0.05 * f64::from(index % 4);
        let chroma = (1.0 - (2.0 * lightness - 1.0).abs()) * 0.5;
        ((lightness + chroma * (wave - 0.5)) * 255.0).round() as u8
    };
    Colour {
        red: channel(0.0),
        green: channel(2.0 / 3.0),
        blue: channel(1.0 / 3.0),
    }
}

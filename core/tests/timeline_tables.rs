//! CSV, Audacity labels, REAPER regions, the names of their files, and the palette.

mod timeline_support;

use timeline_support::{emotions, scan, take, text};
use undersong_core::model::{Emotion, EmotionSet};
use undersong_core::timeline::{colours, csv, file_names, labels, markers, spans};

fn named(names: &[&str]) -> EmotionSet {
    EmotionSet::new(
        names
            .iter()
            .map(|name| Emotion {
                name: (*name).to_owned(),
                valence: 0.0,
                arousal: 0.0,
            })
            .collect(),
    )
}

#[test]
fn csv_has_a_row_per_window_and_nothing_where_there_is_no_voice() {
    let emotions = emotions(&["happy", "sad"]);
    let take = take("a.wav", &[&[0.75, 0.25], &[], &[0.4, 0.6]], &emotions);
    assert_eq!(
        text(|out| csv::write(&scan(&emotions, vec![take], vec![]), out)),
        "path,start_seconds,end_seconds,voiced,leading,score_happy,score_sad,valence,arousal,confidence,unsure,\
         loudness_lufs,level_db,pitch_hz,melody_semitones,syllables_per_second,brightness_db\n\
         a.wav,0,1,true,happy,0.75,0.25,0.45,0.315,0.75,false,,,,,,\n\
         a.wav,1,2,false,,,,,,,true,,,,,,\n\
         a.wav,2,3,true,sad,0.4,0.6,-0.054,0.042,0.6,false,,,,,,\n"
    );
}

#[test]
fn csv_quotes_what_would_break_a_row() {
    let emotions = emotions(&["happy", "sad"]);
    let path = "take \"1\", loud\nand long.wav";
    let take = take(path, &[&[0.75, 0.25]], &emotions);
    let text = text(|out| csv::write(&scan(&emotions, vec![take], vec![]), out));
    assert!(
        text.contains("\"take \"\"1\"\", loud\nand long.wav\",0,1"),
        "{text}"
    );
    let mut rows = ::csv::Reader::from_reader(text.as_bytes());
    let row = rows.records().next().expect("a row").expect("valid CSV");
    assert_eq!(row.get(0), Some(path));
}

#[test]
fn labels_merge_neighbours_leave_pauses_and_mark_what_is_unsure() {
    let emotions = emotions(&["neutral", "happy", "sad"]);
    let take = take(
        "a.wav",
        &[
            &[0.1, 0.7, 0.2],
            &[0.1, 0.6, 0.3],
            &[],
            &[0.1, 0.6, 0.3],
            &[0.3, 0.3, 0.4],
            &[0.2, 0.2, 0.6],
            &[0.3, 0.3, 0.4],
        ],
        &emotions,
    );
    assert_eq!(
        text(|out| labels::write(&take, out)),
        "0.000000\t2.000000\thappy\n3.000000\t4.000000\thappy\n4.000000\t7.000000\tsad?\n"
    );
    assert_eq!(spans(&take).len(), 3);
}

#[test]
fn a_label_stays_on_its_line_whatever_the_emotion_is_called() {
    let emotions = named(&["odd\tna\nme", "sad"]);
    let take = take("a.wav", &[&[0.9, 0.1]], &emotions);
    assert_eq!(
        text(|out| labels::write(&take, out)),
        "0.000000\t1.000000\todd na me\n"
    );
}

#[test]
fn regions_are_as_reaper_writes_them() {
    let emotions = emotions(&["angry", "sad"]);
    let take = take("a.wav", &[&[0.9, 0.1], &[], &[0.4, 0.6]], &emotions);
    assert_eq!(
        text(|out| markers::write(&take, out)),
        "#,Name,Start,End,Length,Color\n\
         R1,angry,0.000,1.000,1.000,D55E00\n\
         R2,sad,2.000,3.000,1.000,0072B2\n"
    );
}

#[test]
fn no_two_takes_share_a_file_name() {
    let emotions = emotions(&["angry", "sad"]);
    let takes: Vec<_> = [
        "a/take.wav",
        "b/take.flac",
        "c/TAKE.wav",
        "d/take.wav",
        "take-2.wav",
    ]
    .into_iter()
    .map(|path| take(path, &[], &emotions))
    .collect();
    assert_eq!(
        file_names(&takes, labels::ENDING),
        [
            "take.labels.txt",
            "take.flac.labels.txt",
            "TAKE.wav.labels.txt",
            "take-2.labels.txt",
            "take-2.wav.labels.txt",
        ]
    );
}

#[test]
fn known_emotions_keep_their_colour_in_every_model_and_no_two_share_one() {
    let all: Vec<&str> = EmotionSet::known_names().collect();
    let eight = colours::palette(&emotions(&all));
    let six = colours::palette(&emotions(&all[2..]));
    assert_eq!(eight[2..], six);

    let odd = named(&["boredom", "Anger", "angry", "pride", "sad"]);
    let colours = colours::palette(&odd);
    assert_eq!(colours[1], eight[4], "another corpus's name for angry");
    assert_eq!(colours[4], eight[3]);
    let many: Vec<String> = (0..120).map(|index| format!("emotion {index}")).collect();
    let many = colours::palette(&named(&many.iter().map(String::as_str).collect::<Vec<_>>()));
    for palette in [&colours, &eight, &many] {
        for (index, colour) in palette.iter().enumerate() {
            assert!(!palette[..index].contains(colour), "{colour:?} twice");
        }
    }
}

/// Machado, Oliveira & Fernandes 2009, severity 1, on linear RGB; distances are CIE76 ΔE, of which 2 or 3 is just visible.
#[test]
fn the_eight_colours_are_apart_for_every_kind_of_colour_vision() {
    let all: Vec<&str> = EmotionSet::known_names().collect();
    let palette = colours::palette(&emotions(&all));
    let visions: [(&str, [[f64; 3]; 3]); 4] = [
        ("full", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
        (
            "protanopia",
            [
                [0.152286, 1.052583, -0.204868],
                [0.114503, 0.786281, 0.099216],
                [-0.003882, -0.048116, 1.051998],
            ],
        ),
        (
            "deuteranopia",
            [
                [0.367322, 0.860646, -0.227968],
                [0.280085, 0.672501, 0.047413],
                [-0.011820, 0.042940, 0.968881],
            ],
        ),
        (
            "tritanopia",
            [
                [1.255528, -0.076749, -0.178779],
                [-0.078411, 0.930809, 0.147602],
                [0.004733, 0.691367, 0.303900],
            ],
        ),
    ];
    for (vision, matrix) in visions {
        let seen: Vec<[f64; 3]> = palette.iter().map(|colour| lab(*colour, &matrix)).collect();
        for a in 0..seen.len() {
            for b in 0..a {
                let distance = (0..3)
                    .map(|axis| (seen[a][axis] - seen[b][axis]).powi(2))
                    .sum::<f64>()
                    .sqrt();
                assert!(
                    distance > 14.0,
                    "{vision}: {} and {}: {distance}",
                    all[a],
                    all[b]
                );
            }
        }
    }
}

fn lab(colour: colours::Colour, vision: &[[f64; 3]; 3]) -> [f64; 3] {
    let linear = [colour.red, colour.green, colour.blue].map(|channel| {
        let channel = f64::from(channel) / 255.0;
        if channel <= 0.040_45 {
            channel / 12.92
        } else {
            ((channel + 0.055) / 1.055).powf(2.4)
        }
    });
    let product = |row: &[f64; 3], vector: &[f64; 3]| -> f64 {
        row.iter().zip(vector).map(|(a, b)| a * b).sum()
    };
    let seen: Vec<f64> = vision
        .iter()
        .map(|row| product(row, &linear).clamp(0.0, 1.0))
        .collect();
    let seen = [seen[0], seen[1], seen[2]];
    // sRGB to XYZ over the D65 white, then CIELAB.
    let f = |row: [f64; 3], white: f64| {
        let t = product(&row, &seen) / white;
        if t > 0.008_856 {
            t.cbrt()
        } else {
            7.787 * t + 16.0 / 116.0
        }
    };
    let x = f([0.412_456, 0.357_576, 0.180_438], 0.950_47);
    let y = f([0.212_673, 0.715_152, 0.072_175], 1.0);
    let z = f([0.019_334, 0.119_192, 0.950_304], 1.088_83);
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

//! The report is one safe, self-contained file. How it behaves in a browser is tested in `tests/browser`.

#![allow(clippy::expect_used)] // In tests a panic is the message.

mod timeline_support;

use std::path::Path;

use timeline_support::{emotions, scan, take, text};
use undersong_core::model::{Emotion, EmotionSet};
use undersong_core::timeline::html::{self, HtmlOptions};
use undersong_core::timeline::{Failure, Scan};

fn page(scan: &Scan, options: &HtmlOptions) -> String {
    text(|out| html::write(scan, options, out))
}

fn example(path: &str) -> Scan {
    let emotions = emotions(&["neutral", "happy", "sad"]);
    let take = take(path, &[&[0.1, 0.7, 0.2], &[], &[0.3, 0.4, 0.3]], &emotions);
    scan(&emotions, vec![take], vec![])
}

#[test]
fn nothing_from_outside_becomes_markup() {
    let nasty = "<script>alert(1)</script>\"'&<img src=x onerror=alert(1)>{{data}}";
    let emotions = EmotionSet::new(vec![
        Emotion {
            name: format!("x</script>{nasty}"),
            valence: 0.0,
            arousal: 0.0,
        },
        Emotion {
            name: "sad".to_owned(),
            valence: 0.0,
            arousal: 0.0,
        },
    ]);
    let failure = Failure {
        path: nasty.into(),
        error: nasty.to_owned(),
    };
    let mut scan = scan(
        &emotions,
        vec![take(nasty, &[&[0.9, 0.1]], &emotions)],
        vec![failure],
    );
    scan.engine = nasty.to_owned();
    scan.model_id = nasty.to_owned();
    scan.model.name = nasty.to_owned();
    scan.model.description = nasty.to_owned();
    scan.model.training.licence = nasty.to_owned();
    scan.model.training.data[0].corpus = nasty.to_owned();
    let page = page(&scan, &HtmlOptions::default());
    assert_eq!(
        page.matches("<script").count(),
        2,
        "the data and our script"
    );
    assert_eq!(page.matches("</script").count(), 2);
    assert!(
        !page.contains("<img") && !page.contains("alert(1)</"),
        "markup from a name"
    );
    assert!(page.contains("&lt;script&gt;alert(1)"));
    assert!(
        page.contains("{{data}}"),
        "a slot's name in a file's name is text"
    );
}

#[test]
fn a_name_cannot_turn_its_letters_around() {
    let page = page(&example("gpj.\u{202E}vaw.wav"), &HtmlOptions::default());
    assert!(!page.contains('\u{202E}'));
}

#[test]
fn the_page_asks_nothing_of_the_network_and_runs_only_its_own_script() {
    let page = page(&example("a.wav"), &HtmlOptions::default());
    let addresses: Vec<&str> = page
        .match_indices("http")
        .map(|(at, _)| &page[at..at + 20])
        .collect();
    // The SVG namespace is a name, not an address that is opened.
    assert!(
        addresses
            .iter()
            .all(|it| it.starts_with("http://www.w3.org/20") || it.starts_with("http-equiv")),
        "{addresses:?}"
    );
    assert!(page.contains("default-src 'none'"));

    use sha2::{Digest, Sha256};
    let start = page.rfind("<script>").expect("our script") + "<script>".len();
    let end = page.rfind("</script>").expect("its end");
    let hash: Vec<u8> = Sha256::digest(&page.as_bytes()[start..end]).to_vec();
    let policy = page
        .split("'sha256-")
        .nth(1)
        .and_then(|it| it.split('\'').next());
    assert_eq!(policy, Some(base64(&hash).as_str()));
}

fn base64(bytes: &[u8]) -> String {
    let digits: Vec<char> = ('A'..='Z')
        .chain('a'..='z')
        .chain('0'..='9')
        .chain(['+', '/'])
        .collect();
    let bits: Vec<u8> = bytes
        .iter()
        .flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1))
        .collect();
    let mut text: String = bits
        .chunks(6)
        .map(|chunk| {
            digits[(0..6).fold(0, |sum, bit| {
                sum * 2 + usize::from(*chunk.get(bit).unwrap_or(&0))
            })]
        })
        .collect();
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    text
}

#[test]
fn the_same_scan_gives_the_same_bytes() {
    let options = HtmlOptions::default();
    assert_eq!(
        page(&example("a.wav"), &options),
        page(&example("a.wav"), &options)
    );
}

#[test]
fn the_table_says_everything_without_scripts() {
    let emotions = emotions(&["neutral", "happy", "sad"]);
    let takes = vec![
        take(
            "folder/a.wav",
            &[&[0.1, 0.7, 0.2], &[0.1, 0.7, 0.2]],
            &emotions,
        ),
        take("vague.wav", &[&[0.3, 0.3, 0.4]], &emotions),
        take("quiet.wav", &[&[]], &emotions),
    ];
    let failed = vec![Failure {
        path: "b.wav".into(),
        error: "not sound".to_owned(),
    }];
    let page = page(&scan(&emotions, takes, failed), &HtmlOptions::default());
    for part in [
        "3 takes",
        "1 failed",
        ">a.wav<",
        ">folder<",
        "2.0 s",
        "happy",
        "70\u{A0}%",
        "+0.44",
        "50\u{A0}%",
        "sad?",
        "no voice",
        "not sound",
    ] {
        assert!(page.contains(part), "{part} is missing");
    }
}

#[test]
fn sound_is_found_from_the_reports_folder_or_put_inside() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ta ke.wav");
    std::fs::write(&path, b"RIFF").expect("room");
    let scan = example(path.to_str().expect("UTF-8"));
    let beside = HtmlOptions {
        folder: Some(folder.path().to_path_buf()),
        embed_audio_max_bytes: 0,
    };
    assert!(page(&scan, &beside).contains("src=\"ta%20ke.wav\""));
    assert!(page(&scan, &HtmlOptions::default()).contains("src=\"file:///"));
    let inside = |embed_audio_max_bytes| {
        page(
            &scan,
            &HtmlOptions {
                embed_audio_max_bytes,
                ..beside.clone()
            },
        )
    };
    assert!(inside(4).contains("src=\"data:audio/wav;base64,UklGRg==\""));
    assert!(
        inside(3).contains("src=\"ta%20ke.wav\""),
        "too long to embed"
    );
    std::fs::remove_file(Path::new(&path)).expect("it is there");
    assert!(
        inside(4).contains("src=\"ta%20ke.wav\""),
        "gone: referred to"
    );
}

#[test]
fn scores_that_do_not_fit_the_model_are_an_error() {
    let mut scan = example("a.wav");
    if let Some(reading) = &mut scan.takes[0].windows[0].reading {
        reading.scores.0.pop();
    }
    let error =
        html::write(&scan, &HtmlOptions::default(), std::io::sink()).expect_err("two of three");
    assert!(error.to_string().contains("a.wav at 0 s"), "{error}");
}

#[test]
fn five_hundred_takes_of_three_minutes_stay_small() {
    let emotions = emotions(&[
        "neutral",
        "calm",
        "happy",
        "sad",
        "angry",
        "fearful",
        "disgust",
        "surprised",
    ]);
    let row: &[f32] = &[0.3, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1];
    let rows = vec![row; 720];
    let one = take("a.wav", &rows, &emotions);
    let page = page(
        &scan(&emotions, vec![one; 500], vec![]),
        &HtmlOptions::default(),
    );
    assert!(page.len() < 6_500_000, "{} bytes", page.len());
}

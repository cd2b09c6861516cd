//! What `undersong desk` gives of takes: their sound in parts, their waveforms, and what its exports write.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at what it did not expect"
)]

mod desking;
mod support;

use std::fs;
use std::path::Path;

use desking::{Desk, id, room};
use serde_json::json;
use support::{RATE_HZ, Room};

#[test]
fn sound_comes_in_the_parts_that_a_player_asks_for() {
    let room = room();
    let aiff = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/tests/fixtures/audio/tone.aiff");
    fs::copy(aiff, room.path("takes/tone.aiff")).unwrap();
    let desk = Desk::start(&room, &["takes"]);
    let one = id(&desk.ready("one.wav"));
    let bytes = fs::read(room.path("takes/one.wav")).unwrap();
    let sound = format!("/takes/{one}/sound");
    let whole = desk.get(&sound);
    assert_eq!(
        (whole.status, whole.header("content-type")),
        (200, Some("audio/wav"))
    );
    assert_eq!(whole.header("accept-ranges"), Some("bytes"));
    assert_eq!(whole.body, bytes);
    let length = bytes.len();
    for (asked, from, to) in [
        ("bytes=0-99".to_owned(), 0, 100),
        ("bytes=1000-".to_owned(), 1_000, length),
        ("bytes=-44".to_owned(), length - 44, length),
        (
            format!("bytes={}-{}", length - 10, length + 10),
            length - 10,
            length,
        ),
    ] {
        let part = desk.ask("GET", &sound, &[("Range", &asked)], "");
        assert_eq!(part.status, 206, "{asked}");
        assert_eq!(part.body, bytes[from..to], "{asked}");
        let place = format!("bytes {from}-{}/{length}", to - 1);
        assert_eq!(part.header("content-range"), Some(place.as_str()));
    }
    let beyond = desk.ask("GET", &sound, &[("Range", &format!("bytes={length}-"))], "");
    assert_eq!(beyond.status, 416);
    assert_eq!(
        beyond.header("content-range"),
        Some(format!("bytes */{length}").as_str())
    );
    // A format that browsers do not play is decoded.
    let tone = id(&desk.ready("tone.aiff"));
    let decoded = desk.ask(
        "GET",
        &format!("/takes/{tone}/sound.wav"),
        &[("Range", "bytes=0-43")],
        "",
    );
    assert_eq!((decoded.status, decoded.body.len()), (206, 44));
    assert_eq!(
        (&decoded.body[..4], &decoded.body[8..12]),
        (&b"RIFF"[..], &b"WAVE"[..])
    );
}

#[test]
fn waveforms_are_the_sounds_and_kept_beside_the_library() {
    let room = Room::new();
    // Half a second of silence, then half a second at full scale.
    let mut sound = vec![0.0; RATE_HZ as usize / 2];
    sound.extend((0..RATE_HZ / 2).map(|i| if i % 2 == 0 { 1.0 } else { -1.0 }));
    room.wav("takes/step.wav", &sound);
    for _ in 0..2 {
        let desk = Desk::start(&room, &["takes"]);
        let step = desk.ready("step.wav");
        let peaks = desk.get(&format!("/takes/{}/peaks?from=0&to=2&columns=8", id(&step)));
        assert_eq!(peaks.status, 200);
        let columns: Vec<_> = peaks
            .body
            .chunks(2)
            .map(|pair| [pair[0] as i8, pair[1] as i8])
            .collect();
        assert_eq!(columns.len(), 8);
        assert_eq!(columns[0], [0, 0]);
        assert_eq!(columns[3], [-127, 127]);
        // Beyond the take's end there is nothing.
        assert_eq!(columns[4..], [[0, 0]; 4]);
        assert!(room.path("data/undersong/library.waveforms.db").is_file());
    }
    let desk = Desk::start(&room, &["takes"]);
    let step = id(&desk.ready("step.wav"));
    for query in ["", "?from=a&to=1&columns=2", "?from=0&to=1&columns=-1"] {
        assert_eq!(
            desk.get(&format!("/takes/{step}/peaks{query}")).status,
            400,
            "{query}"
        );
    }
    for query in [
        "?from=5&to=1&columns=0",
        "?from=-1e300&to=1e300&columns=99999999",
        "?from=NaN&to=NaN&columns=3",
    ] {
        assert_eq!(
            desk.get(&format!("/takes/{step}/peaks{query}")).status,
            200,
            "{query}"
        );
    }
    let strips = desk
        .get(&format!("/strips?ids={step},77&columns=10"))
        .json();
    assert_eq!(
        strips[step.to_string()]["band"].as_array().unwrap().len(),
        10
    );
    assert_eq!(strips.as_object().unwrap().len(), 1);
}

#[test]
fn exports_are_what_the_writers_of_scan_and_library_give() {
    let room = room();
    let desk = Desk::start(&room, &["takes"]);
    let (one, two) = (id(&desk.ready("one.wav")), id(&desk.ready("two.wav")));
    desk.change(
        "PATCH",
        &format!("/takes/{two}"),
        &json!({ "mark": "chosen", "note": "this, \"perhaps\"" }),
    );
    let export = |kind: &str, ids: &[u64]| {
        desk.change("POST", "/export", &json!({ "kind": kind, "ids": ids }))
    };
    let csv = export("csv", &[two, one]);
    assert_eq!(
        csv.header("content-disposition"),
        Some("attachment; filename=\"takes.csv\"")
    );
    let mut rows = csv::Reader::from_reader(csv.body.as_slice());
    let headers = rows.headers().unwrap().clone();
    let column = |name: &str| headers.iter().position(|it| it == name).unwrap();
    let rows: Vec<_> = rows.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 2);
    assert!(
        rows[0][column("path")].ends_with("two.wav"),
        "in the order asked for"
    );
    assert_eq!(&rows[0][column("mark")], "chosen");
    assert_eq!(&rows[0][column("note")], "this, \"perhaps\"");
    let found = export("json", &[one, two]).json();
    assert_eq!(found["found"].as_array().unwrap().len(), 2);
    let playlist = export("m3u", &[one]).text();
    assert!(
        playlist.starts_with("#EXTM3U\n") && playlist.contains("one.wav"),
        "{playlist}"
    );

    // The same bytes as `undersong scan` writes.
    room.scan([
        "takes/one.wav",
        "--labels",
        "one.txt",
        "--markers",
        "one.csv",
        "--quiet",
    ])
    .ends_with_code(0);
    assert_eq!(export("labels", &[one]).text(), room.read("one.txt"));
    assert_eq!(export("regions", &[one]).text(), room.read("one.csv"));
    let windows = export("windows", &[one]).text();
    assert!(windows.starts_with("path,start_seconds"), "{windows}");
    // Of several takes a file each.
    let archive = export("labels", &[one, two]);
    assert_eq!(archive.header("content-type"), Some("application/zip"));
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(archive.body)).unwrap();
    let names: Vec<_> = archive.file_names().map(str::to_owned).collect();
    assert_eq!(names, ["one.labels.txt", "two.labels.txt"]);
    let mut text = String::new();
    std::io::Read::read_to_string(&mut archive.by_name("one.labels.txt").unwrap(), &mut text)
        .unwrap();
    assert_eq!(text, room.read("one.txt"));
    assert_eq!(export("exe", &[one]).status, 422);
    let absent = export("csv", &[99]);
    assert_eq!(absent.status, 409);
}

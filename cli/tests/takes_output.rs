//! What `undersong takes` puts out: table, JSON, CSV and contact sheet, with takes that are good and takes that are not.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at what it did not expect"
)]

mod support;
mod taking;

use std::fs;
use std::path::Path;

use support::{RATE_HZ, Room, speech};
use taking::{
    cues, failures, files, hurried, json, line, louder, noisy, padded, session, silence, takes,
    with_role,
};

/// Schemas of the JSON, the scan's among them.
fn check(document: &serde_json::Value) -> Vec<String> {
    let schema = |name: &str| -> serde_json::Value {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../core/schema")
            .join(name);
        serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
    };
    let registry = jsonschema::Registry::new()
        .add("urn:undersong:scan:1", schema("scan.schema.json"))
        .unwrap()
        .prepare()
        .unwrap();
    let takes = jsonschema::options()
        .with_registry(&registry)
        .build(&schema("takes.schema.json"))
        .unwrap();
    takes
        .iter_errors(document)
        .map(|error| error.to_string())
        .collect()
}

/// The session, with a silent take, a broken one and a cue without takes.
fn mixed() -> Room {
    let room = session();
    room.wav("takes/door_4.wav", &silence(2.0));
    fs::write(room.path("takes/rain_3.wav"), b"").unwrap();
    cues(
        &room,
        "line,text,wanted emotion,intensity\ndoor,\"Shut it, <now>!\",angry,high\nrain,,sad,\nsnow,,happy,\n",
    );
    room
}

const ARGUMENTS: [&str; 3] = ["takes", "--cues", "cues.csv"];

#[test]
fn the_json_fits_its_schema_and_has_these_names_and_no_others() {
    let run = json(&mixed(), 1, ARGUMENTS);
    assert_eq!(check(&run), Vec::<String>::new());
    let keys = |it: &serde_json::Value| {
        it.as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(keys(&run), "failed lines version");
    assert_eq!(keys(line(&run, "door")), "line takes wanted");
    assert_eq!(
        keys(&line(&run, "door")["takes"][0]),
        "flags path reason roles summary"
    );

    // The schema is not one that anything fits.
    let mut wrong = run.clone();
    wrong["lines"][0]["takes"][0]["roles"] = serde_json::json!(["best"]);
    wrong["lines"][0]["takes"][1]["summary"]["scores"] = serde_json::json!("sad");
    assert!(check(&wrong).len() >= 2, "{:?}", check(&wrong));
}

#[test]
fn a_take_without_voice_is_last_and_nothing_and_a_broken_one_is_named() {
    let run = json(&mixed(), 1, ARGUMENTS);
    let door = line(&run, "door");
    assert_eq!(*files(door).last().unwrap(), "door_4.wav");
    let silent = door["takes"].as_array().unwrap().last().unwrap();
    assert_eq!(silent["roles"].as_array().unwrap().len(), 0);
    assert!(silent["summary"]["comparison"].is_null());
    assert!(silent["reason"].as_str().unwrap().contains("no voice"));
    assert!(failures(&run).contains("takes/rain_3.wav: the file is empty"));
    assert_eq!(files(line(&run, "rain")).len(), 2);
}

#[test]
fn a_summary_is_the_scans() {
    let room = session();
    let compared = json(&room, 0, ["takes"]);
    let scanned = room
        .scan(["takes", "--json", "-", "--hop", "0.5"])
        .ends_with_code(0)
        .json();
    for take in line(&compared, "door")["takes"].as_array().unwrap() {
        let same = scanned["takes"]
            .as_array()
            .unwrap()
            .iter()
            .find(|it| it["path"] == take["path"])
            .unwrap();
        let mut summary = take["summary"].clone();
        summary.as_object_mut().unwrap().remove("comparison");
        assert_eq!(summary, same["summary"]);
    }
}

#[test]
fn every_line_names_its_roles_with_reasons_and_numbers() {
    // What the test's network hears in everything, so that some take is safe.
    let run = json(&session(), 0, ["takes", "--wanted", "neutral"]);
    let door = line(&run, "door");
    assert!(!with_role(door, "closest").is_empty());
    assert!(!with_role(door, "safest").is_empty());
    for take in door["takes"].as_array().unwrap() {
        let reason = take["reason"].as_str().unwrap();
        assert!(reason.chars().any(|c| c.is_ascii_digit()), "{reason}");
        for role in take["roles"].as_array().unwrap() {
            let role = role.as_str().unwrap().replace('_', " ");
            assert!(reason.contains(&role), "no {role} in {reason}");
        }
    }
    // Two takes are as far from each other as the other way round.
    assert!(with_role(line(&run, "rain"), "most_different").is_empty());
}

#[test]
fn equal_takes_tie_and_one_that_stands_apart_is_the_most_different() {
    let room = Room::new();
    let same = padded(&speech(0.2, 2.2));
    for take in 1..=3 {
        room.wav(format!("takes/door_{take}.wav"), &same);
    }
    let run = json(&room, 0, ["takes", "--wanted", "angry"]);
    let door = line(&run, "door");
    assert_eq!(with_role(door, "closest").len(), 3);
    assert!(with_role(door, "most_different").is_empty());
    let reason = door["takes"][0]["reason"].as_str().unwrap();
    assert!(
        reason.contains("tied for closest with take 2 and take 3: "),
        "{reason}"
    );

    room.wav("takes/door_4.wav", &padded(&hurried(&louder(&same, 0.2))));
    let run = json(&room, 0, ["takes", "--wanted", "angry"]);
    let door = line(&run, "door");
    assert_eq!(with_role(door, "most_different"), ["door_4.wav"]);
    let reason = door["takes"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["path"].as_str().unwrap().ends_with("door_4.wav"))
        .unwrap()["reason"]
        .as_str()
        .unwrap();
    for part in ["most different: ", "higher (+", "quieter (−", " apart"] {
        assert!(reason.contains(part), "no {part:?} in {reason}");
    }
    assert!(!with_role(door, "safest").contains(&"door_4.wav"));
}

#[test]
fn a_take_at_another_rate_is_flagged_and_compared() {
    let room = session();
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 8_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(room.path("takes/door_11.wav"), spec).unwrap();
    let sound = padded(&speech(0.2, 2.2));
    for index in 0..(2.8 * 8_000.0) as usize {
        let at = index * RATE_HZ as usize / 8_000;
        writer.write_sample((sound[at] * 32_767.0) as i16).unwrap();
    }
    writer.finalize().unwrap();
    let run = json(&room, 0, ["takes", "--wanted", "angry"]);
    let takes_of = line(&run, "door")["takes"].as_array().unwrap();
    let flagged: Vec<_> = takes_of
        .iter()
        .filter(|it| {
            it["flags"]
                .as_array()
                .unwrap()
                .iter()
                .any(|it| it == "other_rate")
        })
        .collect();
    assert_eq!(flagged.len(), 1);
    assert!(
        flagged[0]["path"]
            .as_str()
            .unwrap()
            .ends_with("door_11.wav")
    );
    assert!(!with_role(line(&run, "door"), "safest").contains(&"door_11.wav"));
    // Why, stands in the CSV; the table names it.
    let table = takes(&room, ["takes"]).ends_with_code(0).stdout;
    assert!(
        table
            .lines()
            .any(|line| line.starts_with("take 11 ") && line.contains("other rate")),
        "{table}"
    );
    let csv = takes(&room, ["takes", "--csv", "-"])
        .ends_with_code(0)
        .stdout;
    assert!(
        csv.contains("other rate: recorded at 8 kHz, most of the line's takes at 22.05 kHz"),
        "{csv}"
    );
}

#[test]
fn clipped_cut_off_noisy_and_quiet_takes_are_flagged_and_none_of_them_is_safe() {
    let room = Room::new();
    let sound = speech(0.2, 2.2);
    let clean = padded(&louder(&sound, 2.0));
    room.wav("takes/door_1.wav", &clean);
    room.wav("takes/door_2.wav", &padded(&louder(&sound, 30.0)));
    room.wav("takes/door_3.wav", &speech(0.8, 1.2));
    room.wav("takes/door_4.wav", &noisy(&clean, 0.05));
    room.wav("takes/door_5.wav", &louder(&clean, 0.01));
    room.wav("takes/door_6.wav", &silence(2.0));
    let run = json(&room, 0, ["takes", "--wanted", "neutral"]);
    let door = line(&run, "door");
    let flags = |name: &str| {
        let takes = door["takes"].as_array().unwrap();
        let take = takes
            .iter()
            .find(|it| it["path"].as_str().unwrap().ends_with(name))
            .unwrap();
        take["flags"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it.as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(flags("door_1.wav"), Vec::<String>::new());
    for (name, flag) in [
        ("door_2.wav", "clipped"),
        ("door_3.wav", "cut_off"),
        ("door_4.wav", "noisy"),
        ("door_5.wav", "too_quiet"),
        ("door_6.wav", "silent"),
    ] {
        assert!(
            flags(name).iter().any(|it| it == flag),
            "{name}: {:?}",
            flags(name)
        );
    }
    assert_eq!(with_role(door, "safest"), ["door_1.wav"]);
    let table = takes(&room, ["takes", "--wanted", "neutral"])
        .ends_with_code(0)
        .stdout;
    let row = table
        .lines()
        .find(|line| line.starts_with("take 2 "))
        .unwrap();
    assert!(row.contains("clipped"), "{table}");
}

#[test]
fn the_table_has_a_block_a_line_with_reasons_below() {
    let run = takes(&mixed(), ARGUMENTS).ends_with_code(1);
    let text = &run.stdout;
    for part in [
        "door  wanted: angry, intensity 83 %  “Shut it, <now>!”",
        "rain  wanted: sad",
        "closest",
        "safest",
        "take 10",
        "no voice",
        "snow  wanted: happy",
        "there is no take of it",
    ] {
        assert!(text.contains(part), "no {part:?} in {text}");
    }
    let place = |part: &str| {
        text.find(part)
            .unwrap_or_else(|| panic!("no {part} in {text}"))
    };
    assert!(
        place("door  wanted") < place("rain  wanted")
            && place("rain  wanted") < place("snow  wanted")
    );
    assert!(!text.contains('\x1b'), "no colours into a pipe");
    let run = run.complains(&[
        "takes/rain_3.wav: the file is empty",
        "row 4: line snow has no take",
    ]);
    drop(run);
    let quiet = takes(&mixed(), ARGUMENTS.iter().chain(&["--quiet"])).ends_with_code(1);
    assert_eq!(quiet.stdout, "");
}

#[test]
fn the_csv_has_a_row_a_take_and_reads_back() {
    let room = mixed();
    takes(
        &room,
        ARGUMENTS.iter().chain(&["--quiet", "--csv", "takes.csv"]),
    )
    .ends_with_code(1);
    let text = room.read("takes.csv");
    let header = text.lines().next().unwrap();
    assert!(
        header.starts_with(
            "line,text,wanted,intensity,place,take,path,roles,flags,reason,closeness,"
        ),
        "{header}"
    );
    let fields = header.split(',').count();
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
    assert_eq!(
        rows.len(),
        5 + 2 + 1,
        "with a row for the line without takes"
    );
    assert!(rows.iter().all(|row| row.len() == fields));
    assert_eq!(
        (&rows[0][1], &rows[0][2], &rows[0][3], &rows[0][4]),
        ("Shut it, <now>!", "angry", "0.833333", "1")
    );
    assert!(rows[0][7].starts_with("closest"), "{}", &rows[0][7]);
    assert_eq!((&rows[7][0], &rows[7][6]), ("snow", ""));
}

#[test]
fn the_contact_sheet_stands_alone_and_is_the_same_every_time() {
    let room = mixed();
    let write = |name: &str| {
        takes(&room, ARGUMENTS.iter().chain(&["--quiet", "--html", name])).ends_with_code(1)
    };
    write("one.html");
    write("two.html");
    let page = room.read("one.html");
    assert_eq!(page, room.read("two.html"));
    for part in [
        "default-src 'none'",
        "script-src 'sha256-",
        "takes/door_1.wav",
        "Shut it, &lt;now&gt;!",
        "most_different",
        "line snow has no take",
        "No take yet.",
    ] {
        assert!(page.contains(part), "no {part:?} in the page");
    }
    assert!(!page.contains("<now>"));
    assert!(!page.contains("http://") && !page.contains("https://"));
    assert!(!page.contains("{{"), "every slot is filled");
    assert_eq!(page.matches("<li class=\"card\"").count(), 7);

    let linked = fs::metadata(room.path("one.html")).unwrap().len();
    takes(
        &room,
        ARGUMENTS
            .iter()
            .chain(&["--quiet", "--html", "whole.html", "--embed"]),
    )
    .ends_with_code(1);
    assert!(
        fs::metadata(room.path("whole.html")).unwrap().len() > linked + 300_000,
        "the sound is in it"
    );
}

/// Choices are kept under the sheet's name in the browser.
#[test]
fn a_sheet_keeps_its_choices_when_other_things_are_wanted_or_a_take_is_added() {
    let room = mixed();
    let sheet = |more: &[&str]| {
        takes(
            &room,
            ["takes", "--quiet", "--html", "sheet.html"]
                .iter()
                .chain(more),
        );
        let page = room.read("sheet.html");
        let (_, rest) = page.split_once("data-sheet=\"").unwrap();
        rest.split_once('"').unwrap().0.to_owned()
    };
    let first = sheet(&["--wanted", "angry"]);
    assert_eq!(sheet(&["--wanted", "happy"]), first);
    fs::copy(
        room.path("takes/door_1.wav"),
        room.path("takes/door_99.wav"),
    )
    .unwrap();
    assert_eq!(sheet(&[]), first);
}

//! The examples for game engines and middleware, against the delivered library and a real take. Unity, Unreal, Wwise and FMOD are not here: stubs of
//! their published signatures play their part. What the check of each looks at stands in its `check` file.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use support::{Tool, built_library, output, take, tool};

fn games() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/games")
}

/// Builds an example's check with these sources and folders of headers, and runs it; what it printed.
fn check(sources: &[&str], headers: &[&str]) -> Option<String> {
    let compiler = tool(Tool::Cpp)?;
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("check");
    let library = built_library("so");
    let mut command = Command::new(compiler);
    // As engines build: without exceptions.
    command.args([
        "-std=c++20",
        "-fno-exceptions",
        "-Wall",
        "-Wextra",
        "-Werror",
        "-pedantic",
        "-O1",
        "-pthread",
        "-isystem",
    ]);
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("include"));
    for header in headers.iter().chain(&["stubs"]) {
        command.arg("-I").arg(games().join(header));
    }
    command.args(sources.iter().map(|source| games().join(source)));
    command.arg("-o").arg(&program).arg(&library);
    command.arg(format!(
        "-Wl,-rpath,{}",
        library.parent().unwrap().display()
    ));
    output(&mut command);
    let (sound, rate) = sound(folder.path());
    Some(output(Command::new(&program).args([sound, rate])).0)
}

/// The take as floats, and its rate.
fn sound(folder: &Path) -> (String, String) {
    let take = take();
    let path = folder.join("sound.raw");
    take.write(&path);
    (path.to_str().unwrap().to_owned(), take.rate_hz.to_string())
}

#[test]
fn wwise_gets_numbers_first_then_the_switch_and_never_nan() {
    if let Some(printed) = check(&["wwise/check.cpp"], &["wwise", "stubs/wwise"]) {
        assert!(printed.starts_with("Wwise: "), "{printed}");
    }
}

#[test]
fn fmod_gets_one_batch_an_update_and_never_nan() {
    if let Some(printed) = check(&["fmod/check.cpp"], &["fmod", "stubs/fmod"]) {
        assert!(printed.starts_with("FMOD: "), "{printed}");
    }
}

#[test]
fn the_unreal_component_keeps_what_a_submix_sounds_like() {
    let module = "unreal/Source/Undersong";
    let component = format!("{module}/Private/UndersongComponent.cpp");
    let register = format!("{module}/Private/UndersongModule.cpp");
    let headers = format!("{module}/Public");
    if let Some(printed) = check(
        &["unreal/check.cpp", &component, &register],
        &[&headers, "stubs/unreal"],
    ) {
        assert!(printed.starts_with("Unreal: "), "{printed}");
    }
}

#[test]
fn unity_s_bindings_hear_what_c_hears_and_its_component_drives_them() {
    let (Some(compiler), Some(c)) = (tool(Tool::Mono), tool(Tool::C)) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("Check.exe");
    std::fs::copy(
        built_library("so"),
        folder.path().join("libAudioPluginUndersong.so"),
    )
    .unwrap();
    let sources = [
        "unity/Undersong.cs",
        "unity/UndersongVoice.cs",
        "unity/check/Check.cs",
        "stubs/unity/UnityEngine.cs",
    ];
    output(
        Command::new(compiler)
            .args(["-unsafe", "-warnaserror", "-langversion:7"])
            .arg(format!("-out:{}", program.display()))
            .args(sources.map(|source| games().join(source))),
    );
    let (sound, rate) = sound(folder.path());
    let (printed, _) = output(
        Command::new("mono")
            .arg(&program)
            .args([&sound, &rate])
            .env("LD_LIBRARY_PATH", folder.path())
            .env_remove("UNDERSONG_ORT"),
    );
    assert!(printed.ends_with("component done\n"), "{printed}");

    // The same events, number for number, as the C program has them.
    let program = support::compile(&c, Path::new("tests/c/voice.c"), folder.path(), &[], false);
    let (in_c, _) = output(
        Command::new(program)
            .args([&sound, &rate])
            .env_remove("UNDERSONG_ORT"),
    );
    let events = |text: &str| {
        text.lines()
            .filter(|line| line.starts_with("update ") || line.starts_with("speech "))
            .map(|line| {
                let numbers = line.split_whitespace().skip(1);
                numbers
                    .map(|number| number.parse::<f32>().unwrap())
                    .collect::<Vec<_>>()
            })
            .collect::<Vec<_>>()
    };
    assert!(events(&printed).len() > 50);
    assert_eq!(events(&printed), events(&in_c));
}

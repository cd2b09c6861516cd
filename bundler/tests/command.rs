//! The command, as a user runs it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use undersong_bundler::layout::{BUILT_LIBRARY, Bundles};

/// The plugin's library that cargo has built with the tests.
fn library() -> PathBuf {
    let path = std::env::current_exe()
        .unwrap()
        .parent()
        .unwrap()
        .join(BUILT_LIBRARY);
    assert!(path.is_file(), "{} was not built", path.display());
    path
}

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_undersong-bundler"))
        .args(arguments)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .output()
        .unwrap()
}

/// Runs it well.
fn done(arguments: &[&str]) -> String {
    let output = run(arguments);
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{arguments:?}: {out}\n{err}");
    out.into_owned()
}

/// Runs it badly; what it says.
fn refused(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_bundle_is_made_checked_installed_zipped_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let (out, vst3, clap) = (
        folder.path().join("out"),
        folder.path().join("vst3"),
        folder.path().join("clap"),
    );
    let (library, out) = (library(), text(&out).to_owned());
    done(&["bundle", "--lib", text(&library), "--out", &out]);
    let bundles = Bundles::in_folder(Path::new(&out));
    let info = fs::read_to_string(bundles.vst3_resources().join("moduleinfo.json")).unwrap();
    let info: serde_json::Value = serde_json::from_str(&info).unwrap();
    assert_eq!(info["Name"], "Undersong");
    assert_eq!(info["Classes"][0]["Category"], "Audio Module Class");
    for resources in [bundles.vst3_resources(), bundles.clap_resources.clone()] {
        assert!(resources.join("models/undersong-8.onnx").is_file());
        let licences = fs::read_to_string(resources.join("licences/THIRD-PARTY.txt")).unwrap();
        // Something that is compiled in, with its text; nothing that only the tests use.
        assert!(
            licences.contains("nice-plug 0.4") && licences.contains("Permission is hereby granted")
        );
        assert!(!licences.contains("clack-host"));
    }

    let said = done(&["check", "--from", &out]);
    assert!(
        said.trim_end().ends_with("clean") && !said.contains("FAULT"),
        "{said}"
    );
    assert!(
        said.contains("org.undersong.undersong") && said.contains("Write Auto"),
        "{said}"
    );

    // The same bundles give the same archives, wherever and whenever they are made.
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    done(&["zip", "--from", &out, "--out", text(&one)]);
    let again = folder.path().join("again");
    done(&["bundle", "--lib", text(&library), "--out", text(&again)]);
    done(&["zip", "--from", text(&again), "--out", text(&two)]);
    let sums = fs::read_to_string(one.join("SHA256SUMS")).unwrap();
    assert_eq!(sums.lines().count(), 2);
    assert_eq!(sums, fs::read_to_string(two.join("SHA256SUMS")).unwrap());
    for line in sums.lines() {
        let name = line.split("  ").nth(1).unwrap();
        assert_eq!(
            fs::read(one.join(name)).unwrap(),
            fs::read(two.join(name)).unwrap()
        );
    }

    let places = ["--vst3-folder", text(&vst3), "--clap-folder", text(&clap)];
    let with = |first: &[&'static str]| {
        let first = first.iter().map(|argument| (*argument).to_owned());
        first
            .chain(places.iter().map(|place| (*place).to_owned()))
            .collect::<Vec<_>>()
    };
    let arguments = with(&["install", "--from"]);
    let mut arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    arguments.insert(2, &out);
    // Twice: the second goes in the place of the first.
    done(&arguments);
    done(&arguments);
    let installed = Bundles::in_folders(&vst3, &clap);
    assert!(installed.roots().iter().all(|root| root.exists()));
    let arguments = with(&["uninstall"]);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    assert_eq!(done(&arguments).lines().count(), installed.roots().len());
    assert!(installed.roots().iter().all(|root| !root.exists()));
    assert!(done(&arguments).contains("nothing was installed"));
}

#[test]
fn a_fault_makes_the_check_fail() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path();
    done(&["bundle", "--lib", text(&library()), "--out", text(out)]);
    fs::write(
        Bundles::in_folder(out)
            .vst3_resources()
            .join("moduleinfo.json"),
        "{}",
    )
    .unwrap();
    let output = run(&["check", "--from", text(out)]);
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said.contains("FAULT moduleinfo.json") && said.contains("not clean"),
        "{said}"
    );
}

#[test]
fn bad_input_gets_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| text(&folder.path().join(name)).to_owned();
    let out = place("out");
    let said = refused(&["bundle", "--lib", &place("gone.so"), "--out", &out]);
    assert!(
        said.contains("gone.so") && said.contains("no such library"),
        "{said}"
    );
    fs::write(place("text.so"), "not a library").unwrap();
    let said = refused(&["bundle", "--lib", &place("text.so"), "--out", &out]);
    assert!(
        said.contains("text.so") && said.contains("cannot be loaded"),
        "{said}"
    );
    let library = library();
    let library = text(&library);
    let with_runtime = |name: &str| {
        let (from, runtime) = (["bundle", "--lib", library], place(name));
        refused(&[&from[..], &["--out", &out, "--onnxruntime", &runtime]].concat())
    };
    for (name, bytes, expected) in [
        ("not-a-wheel.whl", &b"text"[..], "cannot be read as a wheel"),
        ("empty", &b""[..], "cannot be read as a wheel"),
    ] {
        fs::write(place(name), bytes).unwrap();
        let said = with_runtime(name);
        assert!(said.contains(name) && said.contains(expected), "{said}");
    }
    let said = with_runtime("nowhere");
    assert!(said.contains("no such wheel or folder"), "{said}");
    fs::create_dir(place("bare")).unwrap();
    let said = with_runtime("bare");
    assert!(
        said.contains("does not hold exactly one ONNX Runtime"),
        "{said}"
    );
    assert!(!Path::new(&out).exists(), "nothing is made of bad input");

    let said = refused(&["check", "--from", &place("bare")]);
    assert!(
        said.contains("Undersong.clap") && said.contains("no such file"),
        "{said}"
    );
    let said = refused(&["zip", "--from", &place("bare")]);
    assert!(said.contains("no such bundle"), "{said}");
    let said = refused(&["install", "--from", &place("bare")]);
    assert!(said.contains("undersong-bundler bundle"), "{said}");

    // What somebody else has put in the bundle's place stays there.
    fs::create_dir_all(place("mine/Undersong.vst3")).unwrap();
    fs::write(place("mine/Undersong.vst3/thesis.txt"), "years of work").unwrap();
    for arguments in [
        &["bundle", "--lib", library, "--out", &place("mine")][..],
        &[
            "uninstall",
            "--vst3-folder",
            &place("mine"),
            "--clap-folder",
            &place("mine"),
        ],
    ] {
        let said = refused(arguments);
        assert!(
            said.contains("something else") && said.contains("Undersong.vst3"),
            "{said}"
        );
    }
    assert!(Path::new(&place("mine/Undersong.vst3/thesis.txt")).exists());
}

/// A wheel with these files.
fn wheel(path: &Path, files: &[(&str, &[u8])]) {
    let mut writer = zip::ZipWriter::new(fs::File::create(path).unwrap());
    for (name, bytes) in files {
        writer
            .start_file(*name, zip::write::SimpleFileOptions::default())
            .unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn a_runtime_from_a_wheel_or_a_folder_lies_where_the_plugin_looks() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("onnxruntime_gpu-1.0-cp311.whl");
    wheel(
        &path,
        &[
            ("onnxruntime/capi/libonnxruntime.so.1.31.1", b"main"),
            ("onnxruntime/capi/libonnxruntime_providers_cuda.so", b"cuda"),
            (
                "onnxruntime/capi/libonnxruntime_providers_shared.so",
                b"shared",
            ),
            (
                "onnxruntime/capi/libonnxruntime_providers_tensorrt.so",
                b"unused",
            ),
            ("onnxruntime/capi/onnxruntime_pybind11_state.so", b"python"),
            ("onnxruntime/LICENSE", b"MIT"),
            ("onnxruntime/../../../etc/ThirdPartyNotices.txt", b"others"),
        ],
    );
    let (library, unpacked) = (library(), folder.path().join("unpacked/lib"));
    fs::create_dir_all(&unpacked).unwrap();
    fs::write(unpacked.join("libonnxruntime.so.1.31.1"), "main").unwrap();
    for (source, expected) in [
        (
            path.as_path(),
            &[
                "LICENSE",
                "ThirdPartyNotices.txt",
                "libonnxruntime.so.1.31.1",
                "libonnxruntime_providers_cuda.so",
                "libonnxruntime_providers_shared.so",
            ][..],
        ),
        (unpacked.parent().unwrap(), &["libonnxruntime.so.1.31.1"]),
    ] {
        let out = folder.path().join("out");
        done(&[
            "bundle",
            "--lib",
            text(&library),
            "--out",
            text(&out),
            "--onnxruntime",
            text(source),
        ]);
        let bundles = Bundles::in_folder(&out);
        for resources in [bundles.vst3_resources(), bundles.clap_resources.clone()] {
            let mut names: Vec<_> = fs::read_dir(resources.join(undersong_bundler::RUNTIME_FOLDER))
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            names.sort();
            assert_eq!(names, expected);
        }
    }
}

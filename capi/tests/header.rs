//! The header that is delivered is the one that the sources make.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::Path;

/// The header as cbindgen makes it now.
fn made() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = cbindgen::Config::from_file(folder.join("cbindgen.toml")).unwrap();
    let mut builder = cbindgen::Builder::new().with_config(config);
    // In this order: what the library says of itself, the types, the doors. It follows the modules within.
    for name in ["about", "code", "types", "model", "live/mod", "scan"] {
        builder = builder.with_src(folder.join("src").join(name).with_extension("rs"));
    }
    let opening = format!(
        "/**\n * Undersong {}: emotion from a voice, on this machine. The manual is docs/c-library.md.\n *\n{}\n */",
        env!("CARGO_PKG_VERSION"),
        include_str!("header.txt")
            .lines()
            .map(|line| format!(" * {line}").trim_end().to_owned())
            .collect::<Vec<_>>()
            .join("\n")
    );
    let mut text = Vec::new();
    builder
        .with_header(opening)
        .generate()
        .unwrap()
        .write(&mut text);
    String::from_utf8(text).unwrap()
}

#[test]
fn the_header_is_what_the_sources_make() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("include/undersong.h");
    let made = made();
    if std::env::var_os("UNDERSONG_WRITE_HEADER").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let delivered = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        delivered == made,
        "include/undersong.h is not what the sources make; run this test once with UNDERSONG_WRITE_HEADER=1"
    );
}

#[test]
fn every_function_says_its_thread_and_whether_it_is_real_time_safe() {
    let made = made();
    let mut functions = 0;
    let mut names = Vec::new();
    for part in made.split("/**").skip(1) {
        let Some((comment, rest)) = part.split_once("*/") else {
            continue;
        };
        let declares = rest
            .trim_start()
            .lines()
            .next()
            .is_some_and(|line| line.contains("undersong_") && line.contains('('));
        if declares {
            functions += 1;
            names.push(
                rest.split(['(', ' ', '*'])
                    .find(|word| word.starts_with("undersong_")),
            );
            assert!(comment.contains("Thread: "), "{comment}{rest}");
            assert!(comment.contains("Real-time safe: "), "{comment}{rest}");
        }
    }
    assert_eq!(
        functions,
        made.matches("undersong_").count() - mentions(&made)
    );
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), functions, "some stand twice");
    assert!(functions >= 20, "{functions} functions");
}

/// How often functions are spoken of, in comments.
fn mentions(header: &str) -> usize {
    header
        .lines()
        .filter(|line| line.trim_start().starts_with('*') || line.trim_start().starts_with("//"))
        .map(|line| line.matches("undersong_").count())
        .sum()
}

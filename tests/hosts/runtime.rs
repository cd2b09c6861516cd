//! A bundle with ONNX Runtime inside finds it there, with no variable set.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]
#![cfg(target_os = "linux")]

use std::path::Path;
use std::process::Command;
use undersong_bundler::hosts::{ClapLibrary, PluginHost, Vst3Module};
use undersong_bundler::layout::Bundles;
use undersong_bundler::{BundleOptions, bundle};
use undersong_core::engine::find_runtime;
use undersong_tests::{library, take};

/// The bundles' folder, set for the process that plays them.
const INSIDE: &str = "UNDERSONG_TEST_BUNDLES";

/// What the plugin's workers hear with is in this process's memory.
fn is_loaded(library: &Path) -> bool {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    maps.contains(library.canonicalize().unwrap().to_str().unwrap())
}

fn hear(host: &mut dyn PluginHost) {
    let (sound, rate_hz) = take();
    host.set_named("Write Auto", 1.0).unwrap();
    host.set_offline(true).unwrap();
    host.activate(rate_hz.into(), 1, 512).unwrap();
    let sent: usize = sound
        .chunks(512)
        .take(200)
        .map(|block| host.block(&[block], &[], None).unwrap().len())
        .sum();
    assert!(sent > 50, "{sent}");
}

#[test]
fn the_bundles_runtime_is_used_without_a_variable() {
    if let Some(folder) = std::env::var_os(INSIDE) {
        let bundles = Bundles::in_folder(Path::new(&folder));
        let own = |resources: &Path| find_runtime(Some(&resources.join("lib"))).unwrap();
        let (of_clap, of_vst3) = (own(&bundles.clap_resources), own(&bundles.vst3_resources()));
        // A process has one runtime: the first that is loaded serves all.
        if std::env::var_os("UNDERSONG_TEST_FORMAT").unwrap() == "CLAP" {
            let clap = ClapLibrary::open(&bundles.clap).unwrap();
            hear(&mut clap.instance().unwrap());
            assert!(is_loaded(&of_clap) && !is_loaded(&of_vst3));
        } else {
            let vst3 = Vst3Module::open(&bundles.vst3).unwrap();
            hear(&mut vst3.instance().unwrap());
            assert!(is_loaded(&of_vst3) && !is_loaded(&of_clap));
        }
        return;
    }
    let Some(runtime) = find_runtime(None) else {
        println!("skipped: no ONNX Runtime is found on this machine");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    bundle(&BundleOptions {
        library: Some(library()),
        out: Some(folder.path().to_owned()),
        onnxruntime: runtime.parent().map(Path::to_owned),
    })
    .unwrap();
    for format in ["CLAP", "VST3"] {
        let status = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "the_bundles_runtime_is_used_without_a_variable"])
            .env(INSIDE, folder.path())
            .env("UNDERSONG_TEST_FORMAT", format)
            .env_remove("UNDERSONG_ORT")
            .env_remove("ORT_DYLIB_PATH")
            .status()
            .unwrap();
        assert!(status.success(), "{format}: {status}");
    }
}

//! The VST3 bundle in a host that others have written: PyPI's `pedalboard`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

use std::path::PathBuf;
use std::process::Command;
use undersong_bundler::{BundleOptions, bundle};
use undersong_tests::{library, take_path, workspace};

const SCRIPT: &str = r#"
import sys
import numpy
from pedalboard import load_plugin
from pedalboard.io import AudioFile

bundle, take = sys.argv[1:]
plugin = load_plugin(bundle)
print(plugin.name, len(plugin.parameters), "parameters")
assert plugin.name == "Undersong", plugin.name
assert plugin.is_effect and not plugin.is_instrument
assert "listen" in plugin.parameters, list(plugin.parameters)
with AudioFile(take) as file:
    rate, voice = file.samplerate, file.read(file.frames)
stereo = numpy.vstack([voice[:1], voice[:1, ::-1]]).astype(numpy.float32)
for sound in (voice[:1].astype(numpy.float32), stereo):
    for size in (64, 512, 8192):
        out = plugin(sound, rate, buffer_size=size)
        assert out.shape == sound.shape, (out.shape, sound.shape)
        assert numpy.array_equal(out.view(numpy.uint32), sound.view(numpy.uint32)), size
plugin.listen = False
state = plugin.raw_state
plugin.listen = True
plugin.raw_state = state
assert not plugin.listen
print("passed")
"#;

#[test]
fn pedalboard_loads_the_bundle_and_gets_its_sound_back_to_the_bit() {
    let python = std::env::var_os("UNDERSONG_PYTHON")
        .map_or_else(|| workspace().join(".venv/bin/python"), PathBuf::from);
    let found = Command::new(&python)
        .args(["-c", "import pedalboard"])
        .output();
    if !found.is_ok_and(|found| found.status.success()) {
        println!(
            "skipped: no Python with pedalboard (tests/requirements.txt) in .venv or UNDERSONG_PYTHON"
        );
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let bundles = bundle(&BundleOptions {
        library: Some(library()),
        out: Some(folder.path().to_owned()),
        onnxruntime: None,
    });
    let said = Command::new(python)
        .args(["-c", SCRIPT])
        .arg(bundles.unwrap().vst3)
        .arg(take_path())
        .output()
        .unwrap();
    let (out, err) = (
        String::from_utf8_lossy(&said.stdout),
        String::from_utf8_lossy(&said.stderr),
    );
    assert!(
        said.status.success() && out.contains("passed"),
        "{out}\n{err}"
    );
}

//! The sample take, scanned by the built-in engine, once for all tests.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use undersong_core::engine::EngineChoice;
use undersong_core::model::{EmotionSet, Model};
use undersong_core::scan::{ScanOptions, Scanner};
use undersong_core::timeline::Window;
use undersong_core::timeline::colours::{Colour, palette};

pub(crate) struct Take {
    pub(crate) emotions: EmotionSet,
    pub(crate) colours: Vec<Colour>,
    pub(crate) windows: Vec<Window>,
    pub(crate) model: Model,
    pub(crate) engine: String,
}

pub(crate) fn take() -> &'static Take {
    static TAKE: OnceLock<Take> = OnceLock::new();
    TAKE.get_or_init(|| {
        let model = Model::builtin().expect("the built-in model opens");
        let options = ScanOptions {
            engine: EngineChoice::Builtin,
            ..ScanOptions::default()
        };
        let scanner = Scanner::new(&model, options).expect("the built-in engine opens");
        // Another take than the sample for the README's pictures.
        let path = std::env::var_os("UNDERSONG_EDITOR_TAKE").map_or_else(
            || Path::new(env!("CARGO_MANIFEST_DIR")).join("../cli/samples/take.flac"),
            PathBuf::from,
        );
        let scan = scanner.scan(&[path], &|_| ()).expect("the take is scanned");
        let timeline = scan.takes.into_iter().next().expect("the take is scanned");
        Take {
            colours: palette(&timeline.emotions),
            emotions: timeline.emotions,
            windows: timeline.windows,
            engine: scanner.engine_report().description.clone(),
            model,
        }
    })
}

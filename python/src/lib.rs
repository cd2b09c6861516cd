//! The native half of the Python module `undersong`: Python's values in, calls of `core`, arrays and JSON out.
//!
//! The package's Python half (`python/undersong`) checks and converts what Python allows to be passed, and turns JSON into dictionaries. What is heard, and
//! how it is written, is `core`'s alone. Work is done without the interpreter's lock, and no panic reaches Python: `work` ends both.

mod analyzer;
mod features;
mod sound;
mod stream;
mod trouble;
mod work;

use pyo3::prelude::*;

/// What `undersong/__init__.py` and its neighbours import.
#[pymodule]
mod _native {
    #[pymodule_export]
    use crate::analyzer::Analyzer;
    #[pymodule_export]
    use crate::features::{log_mel, mfcc};
    #[pymodule_export]
    use crate::stream::Stream;

    use super::{Bound, PyModule, PyModuleMethods, PyResult};

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}

//! The model that is compiled in, so that the first command works without a file.

use super::{Model, ModelError};

/// Both corpora, eight emotions; its card stands beside it.
const DEFAULT: &[u8] = include_bytes!("../../../models/undersong-8.onnx");

impl Model {
    /// The model that is compiled in: `undersong-8`.
    ///
    /// # Errors
    /// None for a released build: a test opens it.
    pub fn builtin() -> Result<Self, ModelError> {
        Self::from_bytes(DEFAULT, "undersong-8 (built in)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_that_is_compiled_in_opens() {
        let model = Model::builtin().unwrap();
        assert_eq!(model.emotions().len(), 8);
        assert!(!model.metadata().quality.is_empty());
    }
}

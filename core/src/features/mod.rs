//! Sound to frames: what a model sees, defined once for training, scan and live.

mod config;

pub use config::{
    Cmvn, FeatureConfig, FeatureKind, LevelNormalisation, LogConfig, MelConfig, MelNorm, MelScale,
    Statistics, WindowShape,
};

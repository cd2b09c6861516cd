//! A small network of the paper's kind with made-up weights, for tests and benchmarks that need some model.

#![allow(dead_code, unreachable_pub, clippy::print_stderr)] // each test file uses its own part

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use undersong_core::analyzer::Hop;
use undersong_core::engine::EngineChoice;
use undersong_core::features::FeatureConfig;
use undersong_core::model::onnx::{
    AttributeProto, Dimension, GraphProto, Message, ModelProto, NodeProto, OperatorSetIdProto,
    TensorProto, ValueInfoProto, set_metadata,
};
use undersong_core::model::{
    Calibration, EmotionSet, FORMAT_VERSION, Model, ModelMetadata, Training,
};
use undersong_core::scan::{ScanOptions, Scanner};

/// What the shipped models tell apart.
pub const EIGHT: [&str; 8] = [
    "neutral",
    "calm",
    "happy",
    "sad",
    "angry",
    "fearful",
    "disgust",
    "surprised",
];

/// Metadata as a trainer would write it, for the paper's features.
pub fn metadata(emotions: &[&str]) -> ModelMetadata {
    let share = 1.0 / emotions.len() as f32;
    ModelMetadata {
        format_version: FORMAT_VERSION,
        name: "synthetic".to_owned(),
        description: "Made-up weights.".to_owned(),
        emotions: EmotionSet::from_names(emotions).expect("well-known names"),
        features: FeatureConfig::paper(),
        calibration: Calibration {
            temperature: 1.0,
            by_voice: Vec::new(),
            unsure_below: 0.4,
            priors: vec![share; emotions.len()],
            ordinary: None,
            speaker_shift: Vec::new(),
            measured_on: "nothing".to_owned(),
        },
        training: Training {
            recipe: "none".to_owned(),
            recipe_toml: String::new(),
            seed: 1,
            split: "none".to_owned(),
            epochs: 0,
            data: Vec::new(),
            licence: "none".to_owned(),
            trainer_version: "0".to_owned(),
        },
        quality: Vec::new(),
    }
}

/// Sizes of a network of the paper's kind.
pub struct Sizes {
    pub convolutions: [usize; 2],
    pub hidden: usize,
    pub dense: usize,
}

/// The paper's.
pub const PAPER: Sizes = Sizes {
    convolutions: [32, 64],
    hidden: 128,
    dense: 64,
};

/// Quick to run.
pub const SMALL: Sizes = Sizes {
    convolutions: [4, 6],
    hidden: 8,
    dense: 8,
};

/// An ONNX file without metadata: two convolutions with pooling, a bidirectional LSTM, its mean over time, two dense layers.
pub fn network(sizes: &Sizes, frames: usize, coefficients: usize, classes: usize) -> Vec<u8> {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let mut weights = |name: &str, dims: &[usize], fan_in: usize| {
        let scale = 1.5 / (fan_in as f32).sqrt();
        let values = (0..dims.iter().product::<usize>())
            .map(|_| (random.random::<f32>() * 2.0 - 1.0) * scale)
            .collect::<Vec<_>>();
        let dims = dims.iter().map(|&d| d as i64).collect::<Vec<_>>();
        TensorProto::floats(name, &dims, &values)
    };
    let [c1, c2] = sizes.convolutions;
    let (h, d) = (sizes.hidden, sizes.dense);
    let inputs = c2 * (coefficients / 4);
    let initializer = vec![
        weights("w1", &[c1, 1, 3, 3], 9),
        weights("b1", &[c1], 9),
        weights("w2", &[c2, c1, 3, 3], 9 * c1),
        weights("b2", &[c2], 9 * c1),
        weights("w", &[2, 4 * h, inputs], inputs),
        weights("r", &[2, 4 * h, h], h),
        weights("b", &[2, 8 * h], h),
        weights("d1", &[2 * h, d], 2 * h),
        weights("e1", &[d], d),
        weights("d2", &[d, classes], d),
        weights("e2", &[classes], d),
        TensorProto::ints("sequence", &[0, 0, -1]),
        TensorProto::ints("flat", &[0, -1]),
        TensorProto::ints("time", &[0]),
    ];
    let ints = AttributeProto::ints;
    let convolution = || vec![ints("kernel_shape", &[3, 3]), ints("pads", &[1, 1, 1, 1])];
    let pool = || vec![ints("kernel_shape", &[2, 2]), ints("strides", &[2, 2])];
    let node = vec![
        NodeProto::new("Conv", &["features", "w1", "b1"], &["x1"], convolution()),
        NodeProto::new("Relu", &["x1"], &["x2"], vec![]),
        NodeProto::new("MaxPool", &["x2"], &["x3"], pool()),
        NodeProto::new("Conv", &["x3", "w2", "b2"], &["x4"], convolution()),
        NodeProto::new("Relu", &["x4"], &["x5"], vec![]),
        NodeProto::new("MaxPool", &["x5"], &["x6"], pool()),
        NodeProto::new(
            "Transpose",
            &["x6"],
            &["x7"],
            vec![ints("perm", &[2, 0, 1, 3])],
        ),
        NodeProto::new("Reshape", &["x7", "sequence"], &["x8"], vec![]),
        NodeProto::new(
            "LSTM",
            &["x8", "w", "r", "b"],
            &["x9"],
            vec![
                AttributeProto::int("hidden_size", h as i64),
                AttributeProto::string("direction", "bidirectional"),
            ],
        ),
        NodeProto::new(
            "ReduceMean",
            &["x9"],
            &["x10"],
            vec![ints("axes", &[0]), AttributeProto::int("keepdims", 0)],
        ),
        NodeProto::new(
            "Transpose",
            &["x10"],
            &["x11"],
            vec![ints("perm", &[1, 0, 2])],
        ),
        NodeProto::new("Reshape", &["x11", "flat"], &["x12"], vec![]),
        NodeProto::new("Gemm", &["x12", "d1", "e1"], &["x13"], vec![]),
        NodeProto::new("Relu", &["x13"], &["x14"], vec![]),
        NodeProto::new("Gemm", &["x14", "d2", "e2"], &["logits"], vec![]),
    ];
    onnx_file(node, initializer, [frames, coefficients], classes)
}

/// An ONNX file, without metadata, of a graph from `features` `[batch, 1, frames, coefficients]` to `logits` `[batch, classes]`.
pub fn onnx_file(
    node: Vec<NodeProto>,
    initializer: Vec<TensorProto>,
    [frames, coefficients]: [usize; 2],
    classes: usize,
) -> Vec<u8> {
    let fixed = |size: usize| Dimension::fixed(size as i64);
    ModelProto {
        ir_version: 8,
        producer_name: "synthetic".to_owned(),
        opset_import: vec![OperatorSetIdProto {
            domain: String::new(),
            version: 17,
        }],
        graph: Some(GraphProto {
            name: "network".to_owned(),
            node,
            initializer,
            input: vec![ValueInfoProto::floats(
                "features",
                vec![
                    Dimension::named("batch"),
                    fixed(1),
                    fixed(frames),
                    fixed(coefficients),
                ],
            )],
            output: vec![ValueInfoProto::floats(
                "logits",
                vec![Dimension::named("batch"), fixed(classes)],
            )],
            ..GraphProto::default()
        }),
        ..ModelProto::default()
    }
    .encode_to_vec()
}

/// A network that fits its metadata.
pub fn file(sizes: &Sizes, metadata: &ModelMetadata) -> Vec<u8> {
    let features = &metadata.features;
    let network = network(
        sizes,
        features.frames(),
        features.coefficients(),
        metadata.emotions.len(),
    );
    set_metadata(&network, metadata).expect("a whole ONNX file")
}

/// A small model with these emotions.
pub fn model(sizes: &Sizes, emotions: &[&str]) -> Model {
    Model::from_bytes(file(sizes, &metadata(emotions)), "synthetic.onnx").expect("a sound model")
}

/// Windows of made-up features, `[batch, 1, frames, coefficients]`, in the range of MFCCs.
pub fn windows(model: &Model, batch: usize, seed: u64) -> Vec<f32> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    (0..batch * model.window_len())
        .map(|_| random.random::<f32>() * 4.0 - 2.0)
        .collect()
}

/// A real ONNX Runtime for tests: as the program finds it, or in a `.venv` in the repository or beside it.
pub fn onnx_runtime() -> Option<std::path::PathBuf> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    undersong_core::engine::find_runtime(None).or_else(|| {
        ["../.venv", "../../.venv"]
            .iter()
            .find_map(|folder| undersong_core::engine::find_runtime(Some(&root.join(folder))))
    })
}

/// The engines of this machine's processor; says so if ONNX Runtime is not among them.
pub fn engines() -> Vec<EngineChoice> {
    if onnx_runtime().is_some() {
        vec![EngineChoice::Builtin, EngineChoice::Cpu]
    } else {
        eprintln!("skipped: ONNX Runtime's part, no ONNX Runtime here; set UNDERSONG_ORT");
        vec![EngineChoice::Builtin]
    }
}

/// A scanner with the usual hop.
pub fn scanner(model: &Model, engine: EngineChoice, jobs: usize) -> Scanner {
    let options = ScanOptions {
        jobs,
        hop: Hop::default(),
        engine,
        runtime_path: onnx_runtime(),
        ..ScanOptions::default()
    };
    Scanner::new(model, options).expect("an engine that runs the model")
}

//! `Network`: a specification with its weights; forward, and gradients of a batch.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::conv::{self, ConvScratch, ConvShape};
use super::dense;
use super::kernels::Rows;
use super::lstm::{LstmScratch, Sequence, WeightGradients, Weights};
use super::math::{Dropout, exp};
use super::parameter::Parameter;
use super::pooling::{Attention, AttentionGradients, AttentionScratch, Size};
use super::spec::{NetworkSpec, PoolingSpec, SpecError};

/// Clips that are worked on together by one thread; a fixed number, so that results do not depend on the number of threads.
pub const SHARD: usize = 16;

/// A network with its weights.
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    spec: NetworkSpec,
    coefficients: usize,
    classes: usize,
    parameters: Vec<Parameter>,
    threads: usize,
}

/// Where each layer's parameters stand among all.
#[derive(Debug, Clone, Copy)]
struct Layout {
    lstm: usize,
    attention: usize,
    dense: usize,
}

/// Gradients of all parameters, and the memory in which they are computed.
#[derive(Debug)]
pub struct Gradients {
    /// One array per parameter, in their order.
    pub values: Vec<Vec<f32>>,
    shards: Vec<Shard>,
    flipped: Vec<Vec<f32>>,
}

/// What one thread works in.
#[derive(Debug, Default)]
struct Shard {
    gradients: Vec<Vec<f32>>,
    loss: f64,
    conv: ConvScratch,
    /// Input of each block with its border, all clips.
    maps: Vec<Vec<f32>>,
    winners: Vec<Vec<u8>>,
    map_gradient: Vec<f32>,
    next_map_gradient: Vec<f32>,
    sequence: Vec<f32>,
    lstm: [LstmScratch; 2],
    states: Vec<f32>,
    attention: AttentionScratch,
    pooled: Vec<f32>,
    activations: Vec<Vec<f32>>,
    gradient: Vec<f32>,
    next_gradient: Vec<f32>,
    state_gradient: Vec<f32>,
}

/// A shard's share of a batch.
#[derive(Debug, Clone, Copy)]
struct Part<'a> {
    features: &'a [f32],
    clips: usize,
    frames: usize,
    /// Number of the first clip within the batch.
    first: usize,
    dropout_seed: Option<u64>,
}

impl Network {
    /// A network of random weights, the same for the same seed.
    ///
    /// Matrices start after Glorot (recurrent ones too), biases at 0, forget gates' at 1 (Jozefowicz et al. 2015), as Keras has it but
    /// for the recurrent matrices.
    ///
    /// # Errors
    /// Names the setting with which no network can be built.
    pub fn new(
        spec: &NetworkSpec,
        coefficients: usize,
        classes: usize,
        seed: u64,
    ) -> Result<Self, SpecError> {
        spec.validate(coefficients, classes)?;
        let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0x6e65_7477_6f72_6b00);
        let mut parameters = Vec::new();
        let mut inputs = 1;
        for (index, conv) in spec.conv.iter().enumerate() {
            parameters.push(Parameter::glorot(
                &format!("conv.{index}.weight"),
                &[3, 3, inputs, conv.channels],
                9 * inputs,
                9 * conv.channels,
                &mut rng,
            ));
            parameters.push(Parameter::zeros(
                &format!("conv.{index}.bias"),
                &[conv.channels],
            ));
            inputs = conv.channels;
        }
        let mut width = spec.width(coefficients);
        if let Some(lstm) = &spec.lstm {
            let hidden = lstm.hidden;
            for direction in ["forward", "backward"] {
                for (part, rows) in [("input", width), ("recurrent", hidden)] {
                    parameters.push(Parameter::glorot(
                        &format!("lstm.{direction}.{part}"),
                        &[rows, 4 * hidden],
                        rows,
                        4 * hidden,
                        &mut rng,
                    ));
                }
                let mut bias = Parameter::zeros(&format!("lstm.{direction}.bias"), &[4 * hidden]);
                bias.data[hidden..2 * hidden].fill(1.0);
                parameters.push(bias);
            }
            width = 2 * hidden;
        }
        if let PoolingSpec::AttentiveStatistics { hidden } = spec.pooling {
            parameters.push(Parameter::glorot(
                "attention.hidden",
                &[width, hidden],
                width,
                hidden,
                &mut rng,
            ));
            parameters.push(Parameter::zeros("attention.bias", &[hidden]));
            parameters.push(Parameter::glorot(
                "attention.score",
                &[hidden, 1],
                hidden,
                1,
                &mut rng,
            ));
            width *= 2;
        }
        for (index, &units) in spec.dense.iter().chain([&classes]).enumerate() {
            parameters.push(Parameter::glorot(
                &format!("dense.{index}.weight"),
                &[width, units],
                width,
                units,
                &mut rng,
            ));
            parameters.push(Parameter::zeros(&format!("dense.{index}.bias"), &[units]));
            width = units;
        }
        Ok(Self {
            spec: spec.clone(),
            coefficients,
            classes,
            parameters,
            threads: std::thread::available_parallelism().map_or(1, usize::from),
        })
    }

    /// The specification it was built from.
    pub fn spec(&self) -> &NetworkSpec {
        &self.spec
    }

    /// Numbers per frame it takes.
    pub fn coefficients(&self) -> usize {
        self.coefficients
    }

    /// Outputs.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// All weights, in a fixed order.
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// All weights, to be changed.
    pub fn parameters_mut(&mut self) -> &mut [Parameter] {
        &mut self.parameters
    }

    /// The weights of a name.
    pub fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|p| p.name == name)
    }

    /// Most threads it uses; results do not depend on it.
    pub fn set_threads(&mut self, threads: usize) {
        self.threads = threads.max(1);
    }

    /// Logits `[clips, classes]` of `features` `[clips, frames, coefficients]`, without dropout.
    ///
    /// # Panics
    /// If `features` has another length.
    pub fn forward(&self, features: &[f32], clips: usize, frames: usize) -> Vec<f32> {
        let size = frames * self.coefficients;
        assert_eq!(features.len(), clips * size, "features of {clips} clips");
        let mut shards: Vec<Shard> = Vec::new();
        shards.resize_with(clips.div_ceil(SHARD), Shard::default);
        self.each_shard(&mut shards, clips, |number, clips, shard| {
            let first = number * SHARD;
            self.run(
                shard,
                Part {
                    features: &features[first * size..(first + clips) * size],
                    clips,
                    frames,
                    first,
                    dropout_seed: None,
                },
            );
        });
        shards
            .into_iter()
            .flat_map(|mut shard| shard.activations.pop().unwrap_or_default())
            .collect()
    }

    /// The gradients of a batch's mean loss, and the loss: cross-entropy against `targets`, `[clips, classes]`, each clip's times its
    /// weight.
    ///
    /// # Panics
    /// If the arrays' lengths do not fit each other.
    #[allow(clippy::too_many_arguments)]
    pub fn gradients(
        &self,
        gradients: &mut Gradients,
        features: &[f32],
        clips: usize,
        frames: usize,
        targets: &[f32],
        weights: Option<&[f32]>,
        dropout_seed: u64,
    ) -> f32 {
        let size = frames * self.coefficients;
        assert_eq!(features.len(), clips * size, "features of {clips} clips");
        assert_eq!(targets.len(), clips * self.classes, "targets");
        let shapes = ConvShape::chain(&self.spec.conv, frames, self.coefficients);
        gradients.flipped.resize(shapes.len(), Vec::new());
        for (index, shape) in shapes.iter().enumerate().skip(1) {
            let weight = &self.parameters[2 * index].data;
            conv::flip(shape, weight, &mut gradients.flipped[index]);
        }
        let Gradients {
            values,
            shards,
            flipped,
        } = gradients;
        let count = clips.div_ceil(SHARD);
        if shards.len() < count {
            shards.resize_with(count, Shard::default);
        }
        self.each_shard(&mut shards[..count], clips, |number, shard_clips, shard| {
            let first = number * SHARD;
            let part = Part {
                features: &features[first * size..(first + shard_clips) * size],
                clips: shard_clips,
                frames,
                first,
                dropout_seed: Some(dropout_seed),
            };
            self.run(shard, part);
            self.loss(shard, part, clips, targets, weights);
            self.back(shard, part, &shapes, flipped);
        });
        let mut loss = 0.0;
        for value in values.iter_mut() {
            value.fill(0.0);
        }
        for shard in &shards[..count] {
            loss += shard.loss;
            for (sum, values) in values.iter_mut().zip(&shard.gradients) {
                for (sum, value) in sum.iter_mut().zip(values) {
                    *sum += value;
                }
            }
        }
        (loss / clips as f64) as f32
    }

    /// Runs `work(number, clips, shard)` for each shard, on as many threads as are allowed.
    fn each_shard(
        &self,
        shards: &mut [Shard],
        clips: usize,
        work: impl Fn(usize, usize, &mut Shard) + Sync,
    ) {
        let run = |number: usize, shard: &mut Shard| {
            work(number, SHARD.min(clips - number * SHARD), shard);
        };
        let each = shards.len().div_ceil(self.threads).max(1);
        std::thread::scope(|scope| {
            let mut chunks = shards.chunks_mut(each).enumerate();
            let mine = chunks.next();
            for (chunk, shards) in chunks {
                let run = &run;
                scope.spawn(move || {
                    for (number, shard) in shards.iter_mut().enumerate() {
                        run(chunk * each + number, shard);
                    }
                });
            }
            if let Some((_, shards)) = mine {
                for (number, shard) in shards.iter_mut().enumerate() {
                    run(number, shard);
                }
            }
        });
    }

    fn layout(&self) -> Layout {
        let lstm = 2 * self.spec.conv.len();
        let attention = lstm + if self.spec.lstm.is_some() { 6 } else { 0 };
        let pools = matches!(self.spec.pooling, PoolingSpec::AttentiveStatistics { .. });
        Layout {
            lstm,
            attention,
            dense: attention + if pools { 3 } else { 0 },
        }
    }

    fn data(&self, index: usize) -> &[f32] {
        &self.parameters[index].data
    }

    fn lstm_weights(&self, direction: usize) -> Weights<'_> {
        let at = self.layout().lstm + 3 * direction;
        Weights {
            input: self.data(at),
            recurrent: self.data(at + 1),
            bias: self.data(at + 2),
        }
    }

    fn attention_weights(&self) -> Attention<'_> {
        let at = self.layout().attention;
        Attention {
            hidden: self.data(at),
            bias: self.data(at + 1),
            score: self.data(at + 2),
        }
    }

    fn conv_dropout(&self, index: usize, part: Part<'_>) -> Option<Dropout> {
        part.dropout_seed
            .and_then(|seed| Dropout::new(self.spec.conv[index].dropout, seed, index as u64))
    }

    fn sequence_of(&self, part: Part<'_>, direction: usize) -> Sequence {
        Sequence {
            steps: self.spec.steps(part.frames),
            clips: part.clips,
            width: self.spec.width(self.coefficients),
            hidden: self.spec.lstm.as_ref().map_or(0, |lstm| lstm.hidden),
            reverse: direction == 1,
        }
    }

    /// Forward; the logits are the last of `activations`.
    fn run(&self, shard: &mut Shard, part: Part<'_>) {
        let shapes = ConvShape::chain(&self.spec.conv, part.frames, self.coefficients);
        self.run_convolutions(shard, part, &shapes);
        let size = Size {
            steps: self.spec.steps(part.frames),
            clips: part.clips,
            width: self.pooled_from(),
        };
        if let Some(lstm) = &self.spec.lstm {
            shard
                .states
                .resize(size.steps * size.clips * size.width, 0.0);
            for direction in 0..2 {
                shard.lstm[direction].forward(
                    self.sequence_of(part, direction),
                    self.lstm_weights(direction),
                    &shard.sequence,
                    &mut shard.states,
                    (size.width, direction * lstm.hidden),
                );
            }
        } else {
            shard.states.clone_from(&shard.sequence);
        }
        self.pool(shard, size);
        if let Some(dropout) = self.dense_dropout(part) {
            let width = shard.pooled.len() / part.clips.max(1);
            for (place, value) in shard.pooled.iter_mut().enumerate() {
                *value *= dropout.factor((part.first * width + place) as u32);
            }
        }
        let layers = self.spec.dense.len() + 1;
        let at = self.layout().dense;
        shard.activations.resize(layers, Vec::new());
        for layer in 0..layers {
            let (before, rest) = shard.activations.split_at_mut(layer);
            let input = before.last().unwrap_or(&shard.pooled);
            dense::forward(
                input,
                self.data(at + 2 * layer),
                self.data(at + 2 * layer + 1),
                part.clips,
                layer + 1 < layers,
                &mut rest[0],
            );
        }
    }

    fn dense_dropout(&self, part: Part<'_>) -> Option<Dropout> {
        part.dropout_seed
            .and_then(|seed| Dropout::new(self.spec.dropout, seed, 1000))
    }

    /// Width of the sequence that is pooled.
    fn pooled_from(&self) -> usize {
        self.spec
            .lstm
            .as_ref()
            .map_or(self.spec.width(self.coefficients), |lstm| 2 * lstm.hidden)
    }

    /// Fills `sequence`, `[steps, clips, width]`, from the features.
    fn run_convolutions(&self, shard: &mut Shard, part: Part<'_>, shapes: &[ConvShape]) {
        let clips = part.clips;
        let size = part.frames * self.coefficients;
        let width = self.spec.width(self.coefficients);
        let steps = self.spec.steps(part.frames);
        shard.sequence.resize(steps * clips * width, 0.0);
        shard.maps.resize(shapes.len(), Vec::new());
        shard.winners.resize(shapes.len(), Vec::new());
        for (index, shape) in shapes.iter().enumerate() {
            let map = &mut shard.maps[index];
            // The border must be zero; the inside is written anew each time.
            let length = shape.padded(shape.channels_in) * clips;
            if map.len() != length {
                map.clear();
                map.resize(length, 0.0);
            }
            shard.winners[index].resize(shape.pooled() * clips, 0);
        }
        for clip in 0..clips {
            let features = &part.features[clip * size..(clip + 1) * size];
            let Some(first) = shapes.first() else {
                for (step, frame) in features.chunks_exact(self.coefficients).enumerate() {
                    shard.sequence[(step * clips + clip) * width..][..width].copy_from_slice(frame);
                }
                continue;
            };
            let padded = first.padded(1);
            let map = &mut shard.maps[0][clip * padded..(clip + 1) * padded];
            for (frame, row) in features.chunks_exact(self.coefficients).enumerate() {
                let rows = first.input_rows();
                let at = rows.base + frame * rows.stride;
                map[at..at + row.len()].copy_from_slice(row);
            }
            for (index, shape) in shapes.iter().enumerate() {
                let (maps, later) = shard.maps.split_at_mut(index + 1);
                let padded = shape.padded(shape.channels_in);
                let input = &maps[index][clip * padded..(clip + 1) * padded];
                let pooled = shape.pooled();
                let dropout = self
                    .conv_dropout(index, part)
                    .map(|dropout| (dropout, ((part.first + clip) * pooled) as u32));
                let weight = self.data(2 * index);
                let bias = self.data(2 * index + 1);
                let winners = &mut shard.winners[index][clip * pooled..(clip + 1) * pooled];
                let (scratch, sequence) = (&mut shard.conv, &mut shard.sequence);
                match (shapes.get(index + 1), later.first_mut()) {
                    (Some(next), Some(map)) => {
                        let padded = next.padded(next.channels_in);
                        let out = &mut map[clip * padded..(clip + 1) * padded];
                        let rows = next.input_rows();
                        conv::forward(
                            shape, input, weight, bias, dropout, scratch, out, rows, winners,
                        );
                    }
                    _ => {
                        let rows = Rows {
                            base: clip * width,
                            stride: clips * width,
                        };
                        conv::forward(
                            shape, input, weight, bias, dropout, scratch, sequence, rows, winners,
                        );
                    }
                }
            }
        }
    }

    /// Fills `pooled` from `states`.
    fn pool(&self, shard: &mut Shard, size: Size) {
        let Size {
            steps,
            clips,
            width,
        } = size;
        match self.spec.pooling {
            PoolingSpec::AttentiveStatistics { .. } => shard.attention.forward(
                size,
                self.attention_weights(),
                &shard.states,
                &mut shard.pooled,
            ),
            PoolingSpec::Mean => {
                shard.pooled.clear();
                shard.pooled.resize(clips * width, 0.0);
                for row in shard.states.chunks_exact(clips * width) {
                    for (sum, value) in shard.pooled.iter_mut().zip(row) {
                        *sum += value / steps as f32;
                    }
                }
            }
            PoolingSpec::Last => {
                let hidden = width / 2;
                shard.pooled.resize(clips * width, 0.0);
                for clip in 0..clips {
                    let last = ((steps.max(1) - 1) * clips + clip) * width;
                    let first = clip * width;
                    let to = &mut shard.pooled[clip * width..(clip + 1) * width];
                    to[..hidden].copy_from_slice(&shard.states[last..last + hidden]);
                    to[hidden..].copy_from_slice(&shard.states[first + hidden..first + width]);
                }
            }
        }
    }

    /// Cross-entropy, and its gradient in `shard.gradient`.
    fn loss(
        &self,
        shard: &mut Shard,
        part: Part<'_>,
        batch: usize,
        targets: &[f32],
        weights: Option<&[f32]>,
    ) {
        let classes = self.classes;
        let logits = shard.activations.last().map_or(&[][..], Vec::as_slice);
        shard.gradient.clear();
        shard.loss = 0.0;
        for (clip, row) in logits.chunks_exact(classes).enumerate() {
            let at = part.first + clip;
            let target = &targets[at * classes..(at + 1) * classes];
            let weight = weights.map_or(1.0, |weights| weights[at]);
            let highest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let sum: f32 = row.iter().map(|&z| exp(z - highest)).sum();
            let log_sum = f64::from(sum).ln();
            for (&z, &t) in row.iter().zip(target) {
                let log_p = f64::from(z - highest) - log_sum;
                shard.loss -= f64::from(weight * t) * log_p;
                let p = exp(z - highest) / sum;
                shard.gradient.push(weight * (p - t) / batch as f32);
            }
        }
    }

    /// Gradients of all parameters in `shard.gradients`, from that of the logits.
    fn back(&self, shard: &mut Shard, part: Part<'_>, shapes: &[ConvShape], flipped: &[Vec<f32>]) {
        shard.gradients.resize(self.parameters.len(), Vec::new());
        for (gradient, parameter) in shard.gradients.iter_mut().zip(&self.parameters) {
            gradient.clear();
            gradient.resize(parameter.data.len(), 0.0);
        }
        let clips = part.clips;
        let at = self.layout().dense;
        for layer in (0..=self.spec.dense.len()).rev() {
            let input = match layer.checked_sub(1) {
                Some(before) => &shard.activations[before],
                None => &shard.pooled,
            };
            if let [weight_gradient, bias_gradient] =
                &mut shard.gradients[at + 2 * layer..at + 2 * layer + 2]
            {
                dense::backward(
                    input,
                    self.data(at + 2 * layer),
                    &shard.gradient,
                    clips,
                    weight_gradient,
                    bias_gradient,
                    &mut shard.next_gradient,
                );
            }
            if layer > 0 {
                for (gradient, &value) in shard.next_gradient.iter_mut().zip(input) {
                    *gradient = if value > 0.0 { *gradient } else { 0.0 };
                }
            }
            std::mem::swap(&mut shard.gradient, &mut shard.next_gradient);
        }
        if let Some(dropout) = self.dense_dropout(part) {
            let width = shard.gradient.len() / clips.max(1);
            for (place, value) in shard.gradient.iter_mut().enumerate() {
                *value *= dropout.factor((part.first * width + place) as u32);
            }
        }
        self.back_pool(shard, part);
        let width = self.spec.width(self.coefficients);
        if let Some(lstm) = &self.spec.lstm {
            let steps = self.spec.steps(part.frames);
            let outer = shapes.is_empty();
            shard.next_gradient.clear();
            shard.next_gradient.resize(steps * clips * width, 0.0);
            for direction in 0..2 {
                let at = self.layout().lstm + 3 * direction;
                if let [input, recurrent, bias] = &mut shard.gradients[at..at + 3] {
                    shard.lstm[direction].backward(
                        self.sequence_of(part, direction),
                        self.lstm_weights(direction),
                        &shard.sequence,
                        &shard.state_gradient,
                        (2 * lstm.hidden, direction * lstm.hidden),
                        &mut WeightGradients {
                            input,
                            recurrent,
                            bias,
                        },
                        (!outer).then_some(&mut shard.next_gradient),
                    );
                }
            }
            std::mem::swap(&mut shard.state_gradient, &mut shard.next_gradient);
        }
        self.back_convolutions(shard, part, shapes, flipped);
    }

    /// `state_gradient`, `[steps, clips, width]`, from that of the pooled vector.
    fn back_pool(&self, shard: &mut Shard, part: Part<'_>) {
        let size = Size {
            steps: self.spec.steps(part.frames),
            clips: part.clips,
            width: self.pooled_from(),
        };
        let Size {
            steps,
            clips,
            width,
        } = size;
        match self.spec.pooling {
            PoolingSpec::AttentiveStatistics { .. } => {
                let at = self.layout().attention;
                // The pooled vector went through dropout; the way back needs it as it was.
                shard
                    .attention
                    .statistics(size, &shard.states, &mut shard.pooled);
                if let [hidden, bias, score] = &mut shard.gradients[at..at + 3] {
                    shard.attention.backward(
                        size,
                        self.attention_weights(),
                        &shard.states,
                        &shard.pooled,
                        &shard.gradient,
                        &mut AttentionGradients {
                            hidden,
                            bias,
                            score,
                        },
                        &mut shard.state_gradient,
                    );
                }
            }
            PoolingSpec::Mean => {
                shard.state_gradient.clear();
                for _ in 0..steps {
                    let scaled = shard.gradient.iter().map(|value| value / steps as f32);
                    shard.state_gradient.extend(scaled);
                }
            }
            PoolingSpec::Last => {
                let hidden = width / 2;
                shard.state_gradient.clear();
                shard.state_gradient.resize(steps * clips * width, 0.0);
                for clip in 0..clips {
                    let last = ((steps.max(1) - 1) * clips + clip) * width;
                    let first = clip * width;
                    let from = &shard.gradient[clip * width..(clip + 1) * width];
                    shard.state_gradient[last..last + hidden].copy_from_slice(&from[..hidden]);
                    shard.state_gradient[first + hidden..first + width]
                        .copy_from_slice(&from[hidden..]);
                }
            }
        }
    }

    fn back_convolutions(
        &self,
        shard: &mut Shard,
        part: Part<'_>,
        shapes: &[ConvShape],
        flipped: &[Vec<f32>],
    ) {
        let clips = part.clips;
        let width = self.spec.width(self.coefficients);
        for clip in 0..clips {
            for (index, shape) in shapes.iter().enumerate().rev() {
                let padded = shape.padded(shape.channels_in);
                let input = &shard.maps[index][clip * padded..(clip + 1) * padded];
                let pooled = shape.pooled();
                let winners = &shard.winners[index][clip * pooled..(clip + 1) * pooled];
                let scale = self.conv_dropout(index, part).map_or(1.0, |d| d.scale);
                let [weight, bias] = &mut shard.gradients[2 * index..2 * index + 2] else {
                    continue;
                };
                let (gradient, rows) = match shapes.get(index + 1) {
                    Some(next) => (&shard.map_gradient, next.gradient_rows()),
                    None => {
                        let rows = Rows {
                            base: clip * width,
                            stride: clips * width,
                        };
                        (&shard.state_gradient, rows)
                    }
                };
                let scratch = &mut shard.conv;
                conv::backward(
                    shape, input, winners, gradient, rows, scale, scratch, weight, bias,
                );
                if index > 0 {
                    conv::input_gradient(
                        shape,
                        &flipped[index],
                        scratch,
                        &mut shard.next_map_gradient,
                    );
                    std::mem::swap(&mut shard.map_gradient, &mut shard.next_map_gradient);
                }
            }
        }
    }
}

impl Gradients {
    /// Room for the gradients of a network.
    pub fn new(network: &Network) -> Self {
        Self {
            values: network
                .parameters
                .iter()
                .map(|parameter| vec![0.0; parameter.data.len()])
                .collect(),
            shards: Vec::new(),
            flipped: Vec::new(),
        }
    }

    /// Scales all gradients so that their norm together is at most `most`.
    pub fn clip_norm(&mut self, most: f32) {
        let square: f64 = self
            .values
            .iter()
            .flatten()
            .map(|&value| f64::from(value) * f64::from(value))
            .sum();
        let norm = square.sqrt() as f32;
        if norm > most {
            let scale = most / norm;
            for value in self.values.iter_mut().flatten() {
                *value *= scale;
            }
        }
    }
}

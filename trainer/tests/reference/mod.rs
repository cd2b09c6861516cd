//! The network's loss once more, in plain f64 loops: what the fast code is held against.
#![allow(clippy::needless_range_loop)] // indices read as in the formulas

use undersong_trainer::nn::*;

/// A map `[steps][bands][channels]`.
type Map = Vec<Vec<Vec<f64>>>;

/// The weights, in f64.
pub(crate) struct Reference<'a> {
    pub(crate) network: &'a Network,
    pub(crate) weights: Vec<Vec<f64>>,
}

impl Reference<'_> {
    fn get(&self, name: &str) -> &[f64] {
        let mut parameters = self.network.parameters().iter();
        &self.weights[parameters.position(|p| p.name == name).unwrap()]
    }

    fn conv(&self, index: usize, block: &ConvSpec, map: &Map) -> Map {
        let weight = self.get(&format!("conv.{index}.weight"));
        let bias = self.get(&format!("conv.{index}.bias"));
        let (steps, bands, inputs) = (map.len(), map[0].len(), map[0][0].len());
        let (k, outputs) = (3, block.channels);
        let mut out = vec![vec![vec![0.0; outputs]; bands]; steps];
        for t in 0..steps {
            for b in 0..bands {
                for o in 0..outputs {
                    let mut sum = bias[o];
                    for ky in 0..k {
                        for kx in 0..k {
                            let (y, x) = (t + ky, b + kx);
                            if y < k / 2 || x < k / 2 {
                                continue;
                            }
                            let (y, x) = (y - k / 2, x - k / 2);
                            if y >= steps || x >= bands {
                                continue;
                            }
                            for i in 0..inputs {
                                let w = weight[((ky * k + kx) * inputs + i) * outputs + o];
                                sum += map[y][x][i] * w;
                            }
                        }
                    }
                    out[t][b][o] = sum.max(0.0);
                }
            }
        }
        let [pt, pb] = block.pool;
        let mut pooled = vec![vec![vec![0.0_f64; outputs]; bands / pb]; steps / pt];
        for (t, row) in pooled.iter_mut().enumerate() {
            for (b, cell) in row.iter_mut().enumerate() {
                for (o, value) in cell.iter_mut().enumerate() {
                    for y in 0..pt {
                        for x in 0..pb {
                            *value = value.max(out[t * pt + y][b * pb + x][o]);
                        }
                    }
                }
            }
        }
        pooled
    }

    fn lstm(&self, name: &str, hidden: usize, sequence: &[Vec<f64>], reversed: bool) -> Map {
        let input = self.get(&format!("lstm.{name}.input"));
        let recurrent = self.get(&format!("lstm.{name}.recurrent"));
        let bias = self.get(&format!("lstm.{name}.bias"));
        let sigmoid = |z: f64| 1.0 / (1.0 + (-z).exp());
        let mut out = vec![vec![vec![]]; sequence.len()];
        let (mut h, mut c) = (vec![0.0; hidden], vec![0.0; hidden]);
        for order in 0..sequence.len() {
            let step = if reversed {
                sequence.len() - 1 - order
            } else {
                order
            };
            let z: Vec<f64> = (0..4 * hidden)
                .map(|g| {
                    let x = sequence[step].iter().enumerate();
                    let x: f64 = x.map(|(i, x)| x * input[i * 4 * hidden + g]).sum();
                    let r = h.iter().enumerate();
                    let r: f64 = r.map(|(i, h)| h * recurrent[i * 4 * hidden + g]).sum();
                    x + r + bias[g]
                })
                .collect();
            for u in 0..hidden {
                let gate = |k: usize| z[k * hidden + u];
                c[u] = sigmoid(gate(1)) * c[u] + sigmoid(gate(0)) * gate(2).tanh();
                h[u] = sigmoid(gate(3)) * c[u].tanh();
            }
            out[step] = vec![h.clone()];
        }
        out
    }

    fn pool(&self, sequence: &[Vec<f64>], forward: usize) -> Vec<f64> {
        let (steps, width) = (sequence.len(), sequence[0].len());
        match &self.network.spec().pooling {
            PoolingSpec::Last => (0..width)
                .map(|i| sequence[if i < forward { steps - 1 } else { 0 }][i])
                .collect(),
            PoolingSpec::Mean => (0..width)
                .map(|i| sequence.iter().map(|s| s[i]).sum::<f64>() / steps as f64)
                .collect(),
            PoolingSpec::AttentiveStatistics { hidden } => {
                let weight = self.get("attention.hidden");
                let bias = self.get("attention.bias");
                let score = self.get("attention.score");
                let scores: Vec<f64> = sequence
                    .iter()
                    .map(|s| {
                        (0..*hidden)
                            .map(|u| {
                                let z: f64 =
                                    (0..width).map(|i| s[i] * weight[i * hidden + u]).sum();
                                (z + bias[u]).tanh() * score[u]
                            })
                            .sum::<f64>()
                            .exp()
                    })
                    .collect();
                let total: f64 = scores.iter().sum();
                let weighted = |value: &dyn Fn(&[f64]) -> f64| {
                    let pairs = scores.iter().zip(sequence);
                    pairs.map(|(a, s)| a / total * value(s)).sum::<f64>()
                };
                let means: Vec<f64> = (0..width).map(|i| weighted(&|s| s[i])).collect();
                let spreads = (0..width).map(|i| {
                    let variance = weighted(&|s| (s[i] - means[i]).powi(2));
                    (variance + f64::from(VARIANCE_FLOOR)).sqrt()
                });
                means.iter().copied().chain(spreads).collect()
            }
        }
    }

    /// Logits of one sample `[frames, coefficients]`.
    pub(crate) fn logits(&self, sample: &[f32]) -> Vec<f64> {
        let spec = self.network.spec();
        let mut map: Map = sample
            .chunks(self.network.coefficients())
            .map(|frame| frame.iter().map(|&x| vec![f64::from(x)]).collect())
            .collect();
        for (index, block) in spec.conv.iter().enumerate() {
            map = self.conv(index, block, &map);
        }
        let mut sequence: Vec<Vec<f64>> = map.into_iter().map(|row| row.concat()).collect();
        let mut forward = sequence[0].len();
        if let Some(lstm) = &spec.lstm {
            let mut out = self.lstm("forward", lstm.hidden, &sequence, false);
            let back = self.lstm("backward", lstm.hidden, &sequence, true);
            for (out, back) in out.iter_mut().zip(back) {
                out.extend(back);
            }
            forward = lstm.hidden;
            sequence = out.into_iter().map(|step| step.concat()).collect();
        }
        let mut values = self.pool(&sequence, forward);
        let layers = spec.dense.len() + 1;
        let names: Vec<String> = (0..layers).map(|i| format!("dense.{i}")).collect();
        for (index, name) in names.iter().enumerate() {
            let weight = self.get(&format!("{name}.weight"));
            let bias = self.get(&format!("{name}.bias"));
            values = (0..bias.len())
                .map(|o| {
                    let terms = values.iter().enumerate();
                    let z: f64 = terms.map(|(i, v)| v * weight[i * bias.len() + o]).sum();
                    let z = z + bias[o];
                    if index < spec.dense.len() {
                        z.max(0.0)
                    } else {
                        z
                    }
                })
                .collect();
        }
        values
    }

    /// The mean over the clips of weight times cross-entropy.
    pub(crate) fn loss(
        &self,
        features: &[f32],
        clips: usize,
        targets: &[f32],
        weights: &[f32],
    ) -> f64 {
        let classes = self.network.classes();
        let mut loss = 0.0;
        for (index, sample) in features.chunks(features.len() / clips).enumerate() {
            let logits = self.logits(sample);
            let log_sum = logits.iter().map(|z| z.exp()).sum::<f64>().ln();
            let targets = &targets[index * classes..(index + 1) * classes];
            for (z, &target) in logits.iter().zip(targets) {
                loss += f64::from(weights[index]) * f64::from(target) * (log_sum - z);
            }
        }
        loss / clips as f64
    }
}

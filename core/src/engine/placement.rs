//! Where a network's operations really ran, from ONNX Runtime's own profile.
//!
//! A session that was asked to run on the GPU can run on the CPU without a word. Only the profile of a run tells.

use std::collections::BTreeMap;

/// Number of operations run per execution provider, and what ran where.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Placement {
    /// Operators run by each provider, by the provider's name.
    operators: BTreeMap<String, Vec<String>>,
}

/// Operators that only handle shapes: ONNX Runtime puts these on the CPU on purpose, also for a GPU.
const SHAPE_OPERATORS: [&str; 12] = [
    "Shape",
    "Gather",
    "Slice",
    "Concat",
    "Unsqueeze",
    "Squeeze",
    "Reshape",
    "Cast",
    "Constant",
    "Range",
    "ConstantOfShape",
    "Expand",
];

const GPU: &str = "CUDAExecutionProvider";

impl Placement {
    /// Reads a profile, a JSON list of events; `None` if it is not one.
    pub(super) fn read(profile: &str) -> Option<Self> {
        let events: serde_json::Value = serde_json::from_str(profile).ok()?;
        let mut placement = Self::default();
        for event in events.as_array()? {
            let arguments = event.get("args");
            let text = |key| arguments?.get(key)?.as_str();
            if event.get("cat").and_then(|cat| cat.as_str()) == Some("Node")
                && let (Some(provider), Some(operator)) = (text("provider"), text("op_name"))
            {
                placement
                    .operators
                    .entry(provider.to_owned())
                    .or_default()
                    .push(operator.to_owned());
            }
        }
        Some(placement)
    }

    /// Whether all computing ran on the GPU; the error says what did not.
    pub(super) fn on_gpu(&self) -> Result<(), String> {
        let elsewhere = self
            .operators
            .iter()
            .filter(|(provider, _)| *provider != GPU)
            .flat_map(|(provider, operators)| {
                operators
                    .iter()
                    .filter(|operator| {
                        !SHAPE_OPERATORS.contains(&operator.as_str())
                            && !operator.starts_with("Memcpy")
                    })
                    .map(move |operator| format!("{operator} on {provider}"))
            })
            .collect::<Vec<_>>();
        if !elsewhere.is_empty() {
            return Err(format!(
                "a run was not seen on the GPU but elsewhere: {}",
                elsewhere.join(", ")
            ));
        }
        if self.operators.get(GPU).is_none_or(Vec::is_empty) {
            return Err("no operation of a run was seen on the GPU".to_owned());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(nodes: &[(&str, &str)]) -> String {
        let mut events =
            vec![serde_json::json!({"cat": "Session", "name": "model_run", "args": {}})];
        for (operator, provider) in nodes {
            events.push(serde_json::json!(
                {"cat": "Node", "name": "x_kernel_time", "args": {"op_name": operator, "provider": provider}}
            ));
        }
        serde_json::Value::from(events).to_string()
    }

    #[test]
    fn the_gpu_is_claimed_only_if_all_computing_was_seen_there() {
        let cpu = "CPUExecutionProvider";
        for (nodes, claimed) in [
            (vec![], false),
            (vec![("Conv", cpu), ("LSTM", cpu)], false),
            (vec![("Conv", GPU), ("LSTM", cpu)], false),
            (vec![("Gather", cpu)], false),
            (vec![("Conv", GPU), ("LSTM", GPU), ("Gather", cpu)], true),
        ] {
            let placement = Placement::read(&profile(&nodes)).unwrap();
            assert_eq!(placement.on_gpu().is_ok(), claimed, "{nodes:?}");
        }
        assert_eq!(Placement::read("not a profile"), None);
    }
}

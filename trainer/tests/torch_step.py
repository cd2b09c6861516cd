"""Makes golden/torch_step.json: two AdamW steps of a tiny network in PyTorch (float64), for nn_torch.rs to repeat.

    python trainer/tests/torch_step.py

Weights are kept in the trainer's layout: convolutions [3, 3, in, out], LSTM [in, 4 * hidden] with the gates input, forget, cell,
output (PyTorch's order too) and one bias, dense layers [in, out].
"""

import json
import pathlib

import torch
from torch import nn

torch.manual_seed(7)
torch.set_default_dtype(torch.float64)
CLIPS, FRAMES, COEFFICIENTS, CLASSES, HIDDEN = 5, 13, 9, 4, 6

convs = nn.ModuleList([nn.Conv2d(1, 4, 3, padding=1), nn.Conv2d(4, 5, 3, padding=1)])
lstm = nn.LSTM(5 * (COEFFICIENTS // 4), HIDDEN, batch_first=True, bidirectional=True)
hidden = nn.Linear(2 * HIDDEN, 5)
score = nn.Linear(5, 1, bias=False)
dense = nn.ModuleList([nn.Linear(4 * HIDDEN, 7), nn.Linear(7, CLASSES)])
# One bias: PyTorch's second stays zero and does not learn.
seconds = [lstm.bias_hh_l0, lstm.bias_hh_l0_reverse]
for bias in seconds:
    nn.init.zeros_(bias)
    bias.requires_grad_(False)

named = []
for index, conv in enumerate(convs):
    named += [(f"conv.{index}.weight", conv.weight, (2, 3, 1, 0)), (f"conv.{index}.bias", conv.bias, None)]
for name, end in (("forward", ""), ("backward", "_reverse")):
    named += [
        (f"lstm.{name}.input", getattr(lstm, "weight_ih_l0" + end), (1, 0)),
        (f"lstm.{name}.recurrent", getattr(lstm, "weight_hh_l0" + end), (1, 0)),
        (f"lstm.{name}.bias", getattr(lstm, "bias_ih_l0" + end), None),
    ]
named += [("attention.hidden", hidden.weight, (1, 0)), ("attention.bias", hidden.bias, None)]
named += [("attention.score", score.weight, (1, 0))]
for index, layer in enumerate(dense):
    named += [(f"dense.{index}.weight", layer.weight, (1, 0)), (f"dense.{index}.bias", layer.bias, None)]

# Everything starts at what float32 can hold, so that both sides start at the same numbers.
with torch.no_grad():
    for _, tensor, _ in named:
        tensor.mul_(1.5).copy_(tensor.float().double())
features = torch.randn(CLIPS, FRAMES, COEFFICIENTS).float().double()
targets = torch.softmax(2 * torch.randn(CLIPS, CLASSES), 1).float().double()
weights = torch.tensor([1.0, 0.5, 2.0, 1.25, 0.75])


def forward():
    x = features.unsqueeze(1)
    for conv in convs:
        x = nn.functional.max_pool2d(torch.relu(conv(x)), 2)
    states, _ = lstm(x.permute(0, 2, 3, 1).flatten(2))
    share = torch.softmax(score(torch.tanh(hidden(states))), 1)
    mean = (share * states).sum(1)
    spread = ((share * (states - mean.unsqueeze(1)) ** 2).sum(1) + 1e-5).sqrt()
    return dense[1](torch.relu(dense[0](torch.cat([mean, spread], 1))))


def lists(take):
    def ours(tensor, order):
        tensor = tensor if order is None else tensor.permute(order)
        return [float(f"{value:.9g}") for value in tensor.flatten().tolist()]

    return {name: ours(take(tensor).detach(), order) for name, tensor, order in named}


settings = {"learning_rate": 0.01, "beta_mean": 0.9, "beta_square": 0.98, "epsilon": 1e-4, "weight_decay": 0.1}
groups = [
    {"params": [t for _, t, order in named if order is not None], "weight_decay": settings["weight_decay"]},
    {"params": [t for _, t, order in named if order is None], "weight_decay": 0.0},
]
optimiser = torch.optim.AdamW(
    groups, settings["learning_rate"], (settings["beta_mean"], settings["beta_square"]), settings["epsilon"]
)
golden = {
    "torch": torch.__version__,
    "settings": settings,
    "features": features.flatten().tolist(),
    "targets": targets.flatten().tolist(),
    "weights": weights.tolist(),
    "before": lists(lambda t: t.clone()),
    "losses": [],
}
for step in range(2):
    optimiser.zero_grad()
    each = nn.functional.cross_entropy(forward(), targets, reduction="none")
    loss = (weights * each).mean()
    loss.backward()
    golden["losses"].append(loss.item())
    if step == 0:
        golden["gradients"] = lists(lambda t: t.grad)
    optimiser.step()
golden["after"] = lists(lambda t: t)
path = pathlib.Path(__file__).parent / "golden" / "torch_step.json"
path.write_text(json.dumps(golden, indent=None, separators=(",", ":")) + "\n")

"""PyTorch's side of `train_step`: the same networks, batch and optimiser; one step for each line read, its milliseconds printed.

Called by the benchmark as `python torch_step.py paper|undersong FRAMES THREADS`.
"""

import sys
import time

import torch
from torch import nn


class Network(nn.Module):
    def __init__(self, kind, coefficients=40, classes=8):
        super().__init__()
        drop = 0.3 if kind == "paper" else 0.2
        self.front = nn.Sequential(
            nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(drop),
            nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(drop),
        )
        self.lstm = nn.LSTM(64 * (coefficients // 4), 128, batch_first=True, bidirectional=True)
        self.attention = None
        width = 256
        if kind != "paper":
            self.attention = nn.Sequential(nn.Linear(256, 64), nn.Tanh(), nn.Linear(64, 1, bias=False))
            width = 512
        units = 64 if kind == "paper" else 56
        self.head = nn.Sequential(nn.Dropout(0.3), nn.Linear(width, units), nn.ReLU(), nn.Linear(units, classes))

    def forward(self, x):
        maps = self.front(x.unsqueeze(1))
        states, (last, _) = self.lstm(maps.permute(0, 2, 3, 1).flatten(2))
        if self.attention is None:
            return self.head(torch.cat([last[0], last[1]], 1))
        share = torch.softmax(self.attention(states), 1)
        mean = (share * states).sum(1)
        spread = ((share * (states - mean.unsqueeze(1)) ** 2).sum(1) + 1e-5).sqrt()
        return self.head(torch.cat([mean, spread], 1))


def main():
    kind, frames, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    network = Network(kind)
    optimiser = torch.optim.AdamW(network.parameters(), 1e-3, betas=(0.9, 0.98), weight_decay=0.02)
    features = torch.randn(32, frames, 40)
    targets = torch.softmax(torch.randn(32, 8), 1)
    print("ready", torch.__version__, flush=True)
    for _ in sys.stdin:
        wall, cpu = time.perf_counter(), time.process_time()
        optimiser.zero_grad()
        nn.functional.cross_entropy(network(features), targets).backward()
        nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimiser.step()
        print((time.perf_counter() - wall) * 1e3, (time.process_time() - cpu) * 1e3, flush=True)


main()

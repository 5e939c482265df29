"""The other half of torch_lines.cpp: the same networks, data and steps in PyTorch."""
import math

import torch
from torch.distributions import Categorical

torch.set_default_dtype(torch.float64)

# The network
policy = torch.nn.Sequential(torch.nn.Linear(4, 16), torch.nn.Tanh(), torch.nn.Linear(16, 2))
critic = torch.nn.Sequential(torch.nn.Linear(4, 16), torch.nn.ReLU(), torch.nn.Linear(16, 1))
parameters = [*policy.parameters(), *critic.parameters()]
with torch.no_grad():
    i = 0
    for p in parameters:
        for k in range(p.numel()):
            p.view(-1)[k] = 0.3 * math.sin(i)
            i += 1

# The data
rows = 8
obs = torch.tensor([[math.cos(4 * r + f) for f in range(4)] for r in range(rows)])
action = torch.arange(rows) % 2
weight = 1 - 0.25 * torch.arange(rows)
returns = 2 + 0.5 * torch.arange(rows)


# The loss
def losses(s, a, psi, target):
    pi = Categorical(logits=policy(s))
    value = critic(s).squeeze(-1)
    log_prob = pi.log_prob(a)
    entropy = pi.entropy().mean()
    advantage = psi - 0.1 * value.detach()
    value_loss = ((value - target) ** 2).mean()
    return -(log_prob * advantage).mean() + 0.5 * value_loss - 0.01 * entropy, entropy


# Three steps
optimiser = torch.optim.Adam(parameters, lr=1e-2)
for step in range(3):
    optimiser.zero_grad()
    loss, entropy = losses(obs, action, weight, returns)
    loss.backward()
    norm = torch.nn.utils.clip_grad_norm_(parameters, 0.5)
    optimiser.step()
    print(f"loss {loss.item():.6f}, norm {norm.item():.6f}, entropy {entropy.item():.6f}")

# Without gradients
with torch.no_grad():
    after, _ = losses(obs, action, weight, returns)

# A gradient for each sample
loss, _ = losses(obs[:1], action[:1], weight[:1], returns[:1])
g = torch.autograd.grad(loss / rows, parameters)
first = torch.sqrt(sum((x**2).sum() for x in g))
print(f"loss {after.item():.6f}, first sample's norm {first.item():.6f}")

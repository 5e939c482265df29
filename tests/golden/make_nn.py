"""Layers, action distributions and losses with their gradients in float64: writes nn.safetensors beside this file.

Made with Python 3.11, torch 2.15.0, safetensors 0.8.0. Runs differ in the order of the metadata only.

A tensor is named case/what. The loss of a case is the sum of its value times a random cotangent, so that `case/grad/x`
is the vector-Jacobian product with respect to x.
"""
import json
import pathlib

import torch
from safetensors.torch import save_file
from torch.distributions import Categorical, Independent, Normal, kl_divergence

torch.manual_seed(3)
torch.set_default_dtype(torch.float64)
tensors, metadata = {}, {}

ACTIVATIONS = {
    "identity": torch.nn.Identity,
    "tanh": torch.nn.Tanh,
    "relu": torch.nn.ReLU,
    "elu": torch.nn.ELU,
    "sigmoid": torch.nn.Sigmoid,
    "softplus": lambda: torch.nn.Softplus(threshold=700),
}


def put(name, value):
    assert name not in tensors
    tensors[name] = value.detach().clone().contiguous()


def put_vjp(case, value, sources):
    """The value, a random cotangent, and the product of the cotangent with the Jacobian for each source."""
    cotangent = torch.randn_like(value)
    put(f"{case}/value", value)
    put(f"{case}/cotangent", cotangent)
    gradients = torch.autograd.grad((value * cotangent).sum(), list(sources.values()), retain_graph=True)
    for name, gradient in zip(sources, gradients):
        put(f"{case}/grad/{name}", gradient)


def sequential(inputs, hidden, outputs, activation, output_activation):
    layers, width = [], inputs
    for size in hidden:
        layers += [torch.nn.Linear(width, size), ACTIVATIONS[activation]()]
        width = size
    return torch.nn.Sequential(*layers, torch.nn.Linear(width, outputs), ACTIVATIONS[output_activation]())


def put_parameters(case, parameters):
    for name, value in parameters.items():
        put(f"{case}/{name}", value)


def mlp_case(case, hidden, activation, output_activation, rows=9):
    network = sequential(4, hidden, 3, activation, output_activation)
    x = (2 * torch.randn(rows, 4)).requires_grad_()
    parameters = {f"net.{name}": value for name, value in network.named_parameters()}
    metadata[f"{case}/names"] = ",".join(parameters)
    metadata[f"{case}/hidden"] = ",".join(map(str, hidden))
    metadata[f"{case}/activation"] = activation
    metadata[f"{case}/output_activation"] = output_activation
    put_parameters(case, parameters)
    put(f"{case}/x", x)
    put_vjp(case, network(x), {"x": x, **parameters})
    return case


cases = []
for name in ACTIVATIONS:
    cases.append(mlp_case(f"mlp/hidden-{name}", [6, 5], name, "identity"))
    cases.append(mlp_case(f"mlp/output-{name}", [5], "tanh", name))
cases.append(mlp_case("mlp/linear", [], "tanh", "identity"))
cases.append(mlp_case("mlp/linear-relu", [], "tanh", "relu"))
cases.append(mlp_case("mlp/many-rows", [7, 3, 6], "elu", "tanh", rows=211))
metadata["mlp"] = ",".join(cases)


def log_probs(logits, form):
    return torch.log(torch.softmax(logits, -1)) if form == "log_of_softmax" else torch.log_softmax(logits, -1)


ROWS, CHOICES, SIZE = 11, 5, 3
for form in "log_softmax", "log_of_softmax":
    case = f"categorical/{form}"
    logits = 2 * torch.randn(ROWS, CHOICES)
    if form == "log_softmax":
        logits[1] = torch.tensor([900.0, 0.0, -900.0, 890.0, 895.0])
    logits.requires_grad_()
    action = torch.randint(CHOICES, (ROWS,))
    put(f"{case}/output", logits)
    put(f"{case}/action", action.to(torch.int32))
    chosen = log_probs(logits, form).gather(1, action[:, None])
    put_vjp(f"{case}/log_prob", chosen, {"output": logits})
    p = torch.randn(ROWS, CHOICES).requires_grad_()
    moderate = (2 * torch.randn(ROWS, CHOICES)).requires_grad_()
    put(f"{case}/other", p)
    put(f"{case}/moderate", moderate)
    put_vjp(f"{case}/entropy", Categorical(logits=moderate).entropy()[:, None], {"output": moderate})
    this, other = Categorical(logits=moderate), Categorical(logits=p)
    put_vjp(f"{case}/kl_to", kl_divergence(this, other)[:, None], {"output": moderate, "other": p})
    put_vjp(f"{case}/kl_from", kl_divergence(other, this)[:, None], {"output": moderate, "other": p})


def gaussian(output, spread, kind, meaning):
    mean = output[:, :SIZE] if kind == "state" else output
    spread = output[:, SIZE:] if kind == "state" else spread.expand(len(output), SIZE)
    log_std = spread / 2 if meaning == "log_variance" else spread
    return Independent(Normal(mean, torch.exp(log_std)), 1)


INITIAL_SPREAD = -0.7
for kind in "fixed", "learned", "state":
    for meaning in "log_std", "log_variance":
        case = f"gaussian/{kind}/{meaning}"
        output = torch.randn(ROWS, SIZE * (2 if kind == "state" else 1)).requires_grad_()
        spread = torch.full((1, SIZE), INITIAL_SPREAD) if kind == "fixed" else torch.randn(1, SIZE)
        spread.requires_grad_()
        sources = {"output": output, **({"spread": spread} if kind == "learned" else {})}
        policy = gaussian(output, spread, kind, meaning)
        action = (2 * torch.randn(ROWS, SIZE)).requires_grad_()
        put(f"{case}/output", output)
        put(f"{case}/spread", spread)
        put(f"{case}/action", action)
        put_vjp(f"{case}/log_prob", policy.log_prob(action)[:, None], {**sources, "action": action})
        reached = {"fixed": None, "learned": "spread", "state": "output"}[kind]
        entropy_sources = {name: value for name, value in sources.items() if name == reached}
        if entropy_sources:
            put_vjp(f"{case}/entropy", policy.entropy()[:, None], entropy_sources)
        else:
            put(f"{case}/entropy/value", policy.entropy()[:, None])
        other = torch.randn(ROWS, 2 * SIZE).requires_grad_()
        fixed = Independent(Normal(other[:, :SIZE], torch.exp(other[:, SIZE:])), 1)
        put(f"{case}/other", other)
        put_vjp(f"{case}/kl_to", kl_divergence(policy, fixed)[:, None], {**sources, "other": other})
        put_vjp(f"{case}/kl_from", kl_divergence(fixed, policy)[:, None], {**sources, "other": other})

LOSS_ROWS, FEATURES, BONUS = 150, 4, 0.01


def put_loss(case, loss, parameters):
    put(f"{case}/loss", loss.reshape(1))
    for (name, parameter), gradient in zip(
        parameters.items(), torch.autograd.grad(loss, list(parameters.values()), allow_unused=True, retain_graph=True)
    ):
        put(f"{case}/grad/{name}", torch.zeros_like(parameter) if gradient is None else gradient)


def loss_case(case, distribution, form, kind, meaning):
    discrete = distribution == "categorical"
    outputs = CHOICES if discrete else SIZE * (2 if kind == "state" else 1)
    parameters = {}
    policy = sequential(FEATURES, [8], outputs, "tanh", "identity")
    critic = sequential(FEATURES, [6], 1, "tanh", "identity")
    parameters.update({f"policy.{k}": v for k, v in policy.named_parameters()})
    spread = torch.randn(1, SIZE).requires_grad_()
    if not discrete and kind == "learned":
        parameters[f"policy.{meaning}"] = spread
    parameters.update({f"critic.{k}": v for k, v in critic.named_parameters()})
    obs, weight = torch.randn(LOSS_ROWS, FEATURES), torch.randn(LOSS_ROWS) + 0.5
    acted = -torch.rand(LOSS_ROWS)
    output = policy(obs)
    if discrete:
        action = torch.randint(CHOICES, (LOSS_ROWS,))
        put(f"{case}/action", action.to(torch.int32))
        log_prob = log_probs(output, form).gather(1, action[:, None])[:, 0]
        entropy = Categorical(logits=output).entropy().mean()
    else:
        action = torch.randn(LOSS_ROWS, SIZE)
        put(f"{case}/action", action)
        pi = gaussian(output, spread, kind, meaning)
        log_prob, entropy = pi.log_prob(action), pi.entropy().mean()
    metadata[f"{case}/names"] = ",".join(parameters)
    metadata[f"{case}/settings"] = ",".join([distribution, form, kind, meaning])
    put_parameters(case, parameters)
    put(f"{case}/obs", obs)
    put(f"{case}/weight", weight)
    put(f"{case}/acted", acted)
    put(f"{case}/entropy", entropy.reshape(1))
    put(f"{case}/kl", (acted - log_prob).mean().reshape(1))
    surrogate = -(log_prob * weight).mean()
    put_loss(f"{case}/policy", surrogate, parameters)
    put_loss(f"{case}/policy_bonus", surrogate - BONUS * entropy, parameters)
    value = critic(obs)
    put_loss(f"{case}/value_mse", ((value[:, 0] - weight) ** 2).mean(), parameters)
    put_loss(f"{case}/value_broadcast", ((value - weight) ** 2).mean(), parameters)
    return case


metadata["losses"] = ",".join(
    [
        loss_case("loss/log_softmax", "categorical", "log_softmax", "learned", "log_std"),
        loss_case("loss/log_of_softmax", "categorical", "log_of_softmax", "learned", "log_std"),
        loss_case("loss/learned", "gaussian", "log_softmax", "learned", "log_std"),
        loss_case("loss/state", "gaussian", "log_softmax", "state", "log_variance"),
    ]
)
metadata["initial_spread"], metadata["bonus"] = json.dumps(INITIAL_SPREAD), json.dumps(BONUS)
save_file(tensors, pathlib.Path(__file__).with_name("nn.safetensors"), metadata)

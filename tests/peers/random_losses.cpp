#include <cstdio>
#include <cstdlib>
#include <exception>
#include <pigrad/nn/safetensors.hpp>
#include <pigrad/rl/joint_loss.hpp>
#include <pigrad/rl/losses.hpp>
#include <pigrad/rl/natural_policy.hpp>
#include <random>

// random_losses FOLDER COUNT SEED: random networks, losses and batches, each with its loss, outputs and gradient in
// double, one file each: tests/peers/against_torch.py finds the same with PyTorch.

namespace {

using namespace pigrad;
using Reals = std::vector<double>;

class Draw {
 public:
  explicit Draw(std::uint64_t seed) : engine_(seed) {}
  int whole(int low, int high) { return std::uniform_int_distribution(low, high)(engine_); }
  bool coin() { return whole(0, 1) == 1; }
  double real(double low, double high) { return std::uniform_real_distribution(low, high)(engine_); }
  double normal() { return std::normal_distribution()(engine_); }
  std::string of(const std::vector<std::string>& words) {
    return words[static_cast<std::size_t>(whole(0, static_cast<int>(words.size()) - 1))];
  }

 private:
  std::mt19937_64 engine_;
};

/// A case: its settings as words, and everything that goes into the loss and comes out.
struct Case {
  Metadata words;
  std::vector<std::pair<std::string, TensorShape>> shapes;
  std::vector<Reals> reals;
  std::vector<std::int32_t> index;

  void put(const std::string& name, TensorShape shape, Reals values) {
    shapes.emplace_back(name, std::move(shape));
    reals.push_back(std::move(values));
  }
  void save(const std::string& path) const {
    std::vector<TensorView> tensors;
    for (std::size_t i = 0; i < reals.size(); ++i)
      tensors.push_back(tensor_view(shapes[i].first, shapes[i].second, reals[i].data()));
    if (!index.empty())
      tensors.push_back(tensor_view("in.action", {static_cast<std::int64_t>(index.size())}, index.data()));
    save_safetensors(path, tensors, words);
  }
};

NetworkSettings random_network(Draw& draw, Case& c, const std::string& name) {
  NetworkSettings network;
  network.hidden.clear();
  const int depth = draw.whole(0, 3);
  for (int i = 0; i < depth; ++i) network.hidden.push_back(draw.coin() ? draw.whole(1, 9) : draw.whole(10, 70));
  network.activation = draw.of(activation_names());
  network.output_activation = draw.whole(0, 4) == 0 ? draw.of({"tanh", "softplus", "sigmoid"}) : "identity";
  c.words[name + ".activation"] = network.activation;
  c.words[name + ".output_activation"] = network.output_activation;
  return network;
}

TrainSettings random_settings(Draw& draw, Case& c, bool discrete) {
  TrainSettings s;
  auto& d = s.policy.distribution;
  d.name = discrete ? "categorical" : "gaussian";
  d.log_prob = draw.of({"log_softmax", "log_of_softmax"});
  d.spread = draw.of({"fixed", "learned", "state"});
  d.spread_is = draw.of({"log_std", "log_variance"});
  d.initial_spread = draw.real(-1, 0.5);
  s.policy.network = random_network(draw, c, "policy");
  s.critic.network = random_network(draw, c, "critic");
  s.policy.entropy_bonus = draw.coin() ? 0 : draw.real(0, 0.1);
  s.critic.coefficient = draw.real(0.1, 2);
  s.ppo.value_clip = draw.coin() ? 0 : draw.real(0.05, 0.5);
  s.ppo.value_clip_form = draw.of({"max", "clipped"});
  s.advantage.normalise = draw.coin();
  for (const auto& [key, value] :
       std::vector<std::pair<std::string, std::string>>{{"distribution", d.name},
                                                        {"log_prob", d.log_prob},
                                                        {"spread", d.spread},
                                                        {"spread_is", d.spread_is},
                                                        {"value_clip_form", s.ppo.value_clip_form},
                                                        {"initial_spread", shortest(d.initial_spread)},
                                                        {"entropy_bonus", shortest(s.policy.entropy_bonus)},
                                                        {"coefficient", shortest(s.critic.coefficient)},
                                                        {"clips_values", s.ppo.value_clip > 0 ? "1" : "0"},
                                                        {"normalises", s.advantage.normalise ? "1" : "0"}})
    c.words[key] = value;
  return s;
}

Program random_loss(Draw& draw, Case& c, TrainSettings& s, const Agent<double>& agent) {
  const std::string kind = draw.of({"policy", "critic", "a2c", "ppo", "ppo", "surrogate"});
  const std::string reduction = draw.of({"mean", "sum", "per_episode"});
  c.words["kind"] = kind;
  c.words["reduction"] = reduction;
  if (kind == "policy") return policy_gradient_loss(agent, s.policy.entropy_bonus, reduction);
  if (kind == "surrogate") return surrogate_loss(agent, s.policy.entropy_bonus);
  if (kind == "a2c") return a2c_loss(agent, s);
  if (kind == "ppo") return ppo_loss(agent, s);
  s.critic.loss = draw.of({"mse", "mse", "broadcast"});
  s.critic.gradient = s.critic.loss == "broadcast" ? "frozen" : draw.of({"frozen", "stopped", "attached"});
  if (s.critic.loss == "broadcast") s.critic.loss_reduction = c.words["reduction"] = "mean";
  s.critic.loss_reduction = c.words["reduction"];
  c.words["critic_loss"] = s.critic.loss;
  c.words["critic_gradient"] = s.critic.gradient;
  return critic_loss(agent, s.critic);
}

Case random_case(std::uint64_t seed) {
  Draw draw(seed);
  Case c;
  const bool discrete = draw.coin();
  const int features = draw.whole(1, 20), actions = draw.whole(1, 6),
            rows = draw.coin() ? draw.whole(1, 12) : draw.whole(13, 300);
  Spec spec;
  spec.id = "random";
  spec.observation = Space::box(features, -1, 1);
  spec.action = discrete ? Space::discrete(actions + 1) : Space::box(actions, -1, 1);
  TrainSettings s = random_settings(draw, c, discrete);
  Agent<double> agent(spec, s.policy, &s.critic, 1);
  double* parameters = agent.parameters().data();
  for (const Segment& segment : agent.layout().segments()) {
    const double scale = segment.name.find("weight") != std::string::npos ? 1 / std::sqrt(segment.columns) : 0.3;
    for (int i = 0; i < segment.size(); ++i) parameters[segment.offset + i] = scale * draw.normal();
    c.put("p." + segment.name, {segment.rows, segment.columns},
          {parameters + segment.offset, parameters + segment.offset + segment.size()});
  }
  agent.parameters().touch();
  const Program program = random_loss(draw, c, s, agent);

  Bindings<double> bindings(program);
  bindings.parameters(agent.parameters());
  bindings.rows(rows);
  std::vector<Reals> inputs(program.inputs().size());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const InputSlot& slot = program.inputs()[i];
    if (slot.index) {
      for (int r = 0; r < rows; ++r) c.index.push_back(draw.whole(0, actions));
      bindings.index(slot.name, c.index.data());
      continue;
    }
    const int count = slot.shape.is_batch() ? rows : slot.shape.rows, columns = slot.shape.columns;
    const bool positive = slot.name == "clip" || slot.name == "value_clip" || slot.name == "advantage_scale";
    // Around −1 a ratio is often beyond the clip and often not.
    const double centre = slot.name == "log_prob" ? -1 : 0;
    for (int k = 0; k < count * columns; ++k)
      inputs[i].push_back(positive ? draw.real(0.1, 0.6) : centre + draw.normal());
    bindings.input(slot.name, inputs[i].data(), count);
    c.put("in." + slot.name, {columns, count}, inputs[i]);
  }
  Workspace<double> workspace(program);
  Reals gradient(static_cast<std::size_t>(agent.parameters().size()));
  const auto result = workspace.run(bindings, Sink<double>::sum(gradient.data()), {.threads = draw.whole(1, 3)});
  c.put("out.loss", {1}, {result.loss});
  for (const OutputSlot& output : program.outputs())
    if (output.name != "statistics") c.put("out." + output.name, {1}, {workspace.fixed_output(output.name)});
  for (const Segment& segment : agent.layout().segments())
    c.put("g." + segment.name, {segment.rows, segment.columns},
          {gradient.begin() + segment.offset, gradient.begin() + segment.offset + segment.size()});
  return c;
}

}  // namespace

int main(int count, char** words) {
  if (count != 4) return std::fprintf(stderr, "random_losses FOLDER COUNT SEED\n"), 2;
  try {
    const long cases = std::atol(words[2]), seed = std::atol(words[3]);
    for (long i = 0; i < cases; ++i)
      random_case(static_cast<std::uint64_t>(seed * 1000003 + i))
          .save(std::string(words[1]) + "/" + std::to_string(i) + ".safetensors");
  } catch (const std::exception& error) {
    std::fprintf(stderr, "random_losses: %s\n", error.what());
    return 1;
  }
  return 0;
}

#include "conformance.hpp"

#include <bit>
#include <cmath>
#include <exception>

#include "../core/error.hpp"
#include "conformance_modes.hpp"
#include "probe.hpp"

namespace pigrad {
namespace {

constexpr int copies = 37;
constexpr std::uint64_t steps = 150;

using detail::Fault;
using detail::place;

template <class T>
void in_space(const Space& space, const std::vector<T>& panel, std::size_t copy, std::size_t stride,
              const std::string& what, std::uint64_t t) {
  for (std::size_t f = 0; f < space.low.size(); ++f) {
    const T value = panel[f * stride + copy];
    const std::string seen = what + " feature " + std::to_string(f) + " is " + std::to_string(value) + place(copy, t);
    if (!std::isfinite(value)) throw Fault(seen);
    if (value < static_cast<T>(space.low[f]) || value > static_cast<T>(space.high[f]))
      throw Fault(seen + ", outside " + space.describe());
  }
}

template <class T>
struct Checks {
  const Registry& registry;
  const std::string& name;

  Probe<T> probe(int n, std::uint64_t seed, Autoreset mode = Autoreset::same_step, int max_steps = -1) const {
    return Probe<T>(registry, name, n, seed, mode, max_steps);
  }

  std::string make() const {
    auto p = probe(2, 1);
    const Spec& spec = p.env->spec();
    if (spec.id != name) throw Fault("spec.id is \"" + spec.id + "\"");
    if (p.env->get_state(0).size() != static_cast<std::size_t>(p.env->state_size()))
      throw Fault("get_state gives another size than state_size");
    return "observes " + spec.observation.describe() + ", acts by " + spec.action.describe();
  }

  std::string observations() const {
    auto p = probe(copies, 1);
    const Space& space = p.env->spec().observation;
    for (std::size_t c = 0; c < p.copies; ++c) in_space(space, p.obs, c, p.copies, "the start's", 0);
    for (std::uint64_t t = 0; t < steps; ++t) {
      p.step(t);
      for (std::size_t c = 0; c < p.copies; ++c) {
        in_space(space, p.obs, c, p.copies, "observation", t);
        if (p.ended(c)) in_space(space, p.final_obs, c, p.copies, "the last observation's", t);
      }
    }
    return "finite and within bounds";
  }

  std::string rewards() const {
    auto p = probe(copies, 1);
    for (std::uint64_t t = 0; t < steps; ++t) {
      p.step(t);
      for (std::size_t c = 0; c < p.copies; ++c) {
        if (!std::isfinite(p.reward[c])) throw Fault("the reward is not finite" + place(c, t));
        if (p.terminated[c] > 1) throw Fault("terminated is neither 0 nor 1" + place(c, t));
      }
    }
    return "finite";
  }

  std::string same_seed() const {
    auto a = probe(copies, 1), b = probe(copies, 1);
    compare(a, b);
    for (std::uint64_t t = 0; t < steps; ++t) {
      a.step(t);
      b.step(t);
      compare(a, b, t);
    }
    return "the same bits for " + std::to_string(steps) + " steps";
  }

  std::string other_seed() const {
    auto a = probe(copies, 1), b = probe(copies, 2);
    const bool fixed = a.env->spec().fixed_start;
    const bool same = a.obs == b.obs;
    if (fixed && !same) throw Fault("spec.fixed_start is set but the start depends on the seed");
    if (!fixed && same) throw Fault("two seeds give the same starts; draw them from Draws, or set spec.fixed_start");
    return fixed ? "a fixed start" : "starts differ";
  }

  std::string reset_after_end() const {
    auto p = probe(copies, 1);
    for (std::uint64_t t = 0; t < steps; ++t) p.step(t);
    p.env->reset(p.obs.data(), p.ld());
    auto fresh = probe(copies, 1);
    if (p.obs != fresh.obs) throw Fault("a reset after " + std::to_string(steps) + " steps starts elsewhere");
    for (std::uint64_t t = 0; t < steps; ++t) {
      p.step(t);
      fresh.step(t);
      compare(p, fresh, t);
    }
    return "starts depend on seed, copy and episode only";
  }

  std::string state_round_trip() const {
    auto p = probe(copies, 1);
    for (std::uint64_t t = 0; t < 7; ++t) p.step(t);
    auto q = probe(copies, 2);
    for (int c = 0; c < copies; ++c) q.env->set_state(c, p.env->get_state(c));
    q.env->observe(q.obs.data(), q.ld());
    if (p.obs != q.obs) throw Fault("set_state(get_state) observes something else");
    p.step(7);
    q.step(7);
    for (std::size_t c = 0; c < p.copies; ++c)
      if (p.reward[c] != q.reward[c] || p.terminated[c] != q.terminated[c])
        throw Fault("a copy put in a state goes on otherwise than the copy it came from" + place(c, 7));
    return "the state says everything";
  }

  std::string one_equals_many() const {
    auto many = probe(copies, 1, Autoreset::disabled);
    std::vector<std::vector<double>> states;
    for (int c = 0; c < copies; ++c) states.push_back(many.env->get_state(c));
    for (std::uint64_t t = 0; t < 20; ++t) {
      many.step(t);
      for (int c = 0; c < copies; ++c) {
        const auto i = static_cast<std::size_t>(c);
        auto state = many.env->get_state(c);
        if (many.valid[i]) {
          auto one = probe(1, 5, Autoreset::disabled);
          one.env->set_state(0, states[i]);
          one.choose(t, static_cast<std::uint32_t>(c));
          one.env->step(1, one.actions(), one.buffers());
          for (std::size_t f = 0; f < one.features; ++f)
            if (one.obs[f] != many.obs_at(f, i)) throw Fault("alone it observes something else" + place(i, t));
          if (one.reward[0] != many.reward[i]) throw Fault("alone it gets another reward" + place(i, t));
          if (one.terminated[0] != many.terminated[i]) throw Fault("alone it ends otherwise" + place(i, t));
        }
        states[i] = std::move(state);
      }
    }
    return "the same bits alone and among " + std::to_string(copies);
  }

  std::string threads() const {
    constexpr int n = 600;
    auto one = probe(n, 1), two = probe(n, 1), three = probe(n, 1), ranges = probe(n, 1);
    for (std::uint64_t t = 0; t < 12; ++t) {
      one.step(t);
      two.step(t, 2);
      three.step(t, 3);
      ranges.choose(t);
      for (int cut : {0, 1, 130, 599}) {
        const int end = cut == 0 ? 1 : cut == 1 ? 130 : cut == 130 ? 599 : n;
        ranges.env->step_range(cut, end, ranges.actions(), ranges.buffers());
      }
      compare(one, two, t);
      compare(one, three, t);
      compare(one, ranges, t);
    }
    return "the same bits on 1, 2 and 3 threads and in uneven ranges";
  }

  std::string save_load() const {
    auto p = probe(copies, 1);
    for (std::uint64_t t = 0; t < 13; ++t) p.step(t);
    const auto saved = p.env->save();
    auto q = probe(copies, 3);
    for (std::uint64_t t = 0; t < 5; ++t) q.step(t);
    q.env->load(saved);
    q.env->observe(q.obs.data(), q.ld());
    if (p.obs != q.obs) throw Fault("after load it observes something else");
    for (std::uint64_t t = 13; t < 13 + steps; ++t) {
      p.step(t);
      q.step(t);
      compare(p, q, t);
    }
    return "goes on with the same bits";
  }

  static void compare(const Probe<T>& a, const Probe<T>& b, std::uint64_t t = 0) {
    for (std::size_t c = 0; c < a.copies; ++c) {
      bool same = a.reward[c] == b.reward[c] && a.terminated[c] == b.terminated[c] && a.truncated[c] == b.truncated[c];
      for (std::size_t f = 0; f < a.features; ++f) same = same && a.obs_at(f, c) == b.obs_at(f, c);
      if (!same) throw Fault("two runs that should be one differ" + place(c, t));
    }
  }
};

template <class Check>
CheckResult run(const char* name, const Check& check) {
  try {
    return {name, true, check()};
  } catch (const std::exception& e) {
    return {name, false, e.what()};
  } catch (...) {
    return {name, false, "it threw something that is no std::exception"};
  }
}

template <class T>
std::vector<CheckResult> check(const Registry& registry, const std::string& name) {
  const Checks<T> c{registry, name};
  std::vector<CheckResult> results = {run("make", [&] { return c.make(); })};
  if (!results[0].passed) return results;
  results.push_back(run("observations", [&] { return c.observations(); }));
  results.push_back(run("rewards", [&] { return c.rewards(); }));
  results.push_back(run("same_seed", [&] { return c.same_seed(); }));
  results.push_back(run("other_seed", [&] { return c.other_seed(); }));
  results.push_back(run("reset_after_end", [&] { return c.reset_after_end(); }));
  results.push_back(run("boundaries", [&] { return detail::check_boundaries<T>(registry, name); }));
  results.push_back(run("state_round_trip", [&] { return c.state_round_trip(); }));
  results.push_back(run("one_equals_many", [&] { return c.one_equals_many(); }));
  results.push_back(run("threads", [&] { return c.threads(); }));
  results.push_back(run("save_load", [&] { return c.save_load(); }));
  results.push_back(run("same_step", [&] { return detail::check_same_step<T>(registry, name); }));
  results.push_back(run("next_step", [&] { return detail::check_next_step<T>(registry, name); }));
  results.push_back(run("disabled", [&] { return detail::check_disabled<T>(registry, name); }));
  return results;
}

}  // namespace

template <>
std::vector<CheckResult> check_environment<float>(const Registry& registry, const std::string& name) {
  return check<float>(registry, name);
}
template <>
std::vector<CheckResult> check_environment<double>(const Registry& registry, const std::string& name) {
  return check<double>(registry, name);
}

bool conforms(const std::vector<CheckResult>& results) {
  for (const CheckResult& r : results)
    if (!r.passed) return false;
  return !results.empty();
}

std::string describe(const std::vector<CheckResult>& results) {
  std::string text;
  for (const CheckResult& r : results) {
    std::string name = r.name;
    name.resize(18, ' ');
    text += (r.passed ? "ok    " : "FAIL  ") + name + r.words + "\n";
  }
  return text;
}

}  // namespace pigrad

#include <cctype>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <sstream>

#include "../files.hpp"
#include "policy.hpp"

namespace pigrad::app {
namespace {

namespace fs = std::filesystem;

/// A float as C writes it, to the same bits.
std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.9g", static_cast<double>(static_cast<float>(value)));
  std::string word = text;
  if (word.find_first_of(".e") == std::string::npos) word += ".0";
  return word + "f";
}

void array(std::ostream& out, const std::string& name, const std::vector<double>& values) {
  constexpr std::size_t a_line = 8;
  out << "static const float " << name << "[" << values.size() << "] = {";
  for (std::size_t i = 0; i < values.size(); ++i) out << (i % a_line ? " " : "\n    ") << number(values[i]) << ",";
  out << "};\n";
}

/// Words that cannot end a comment of C.
std::string harmless(std::string words) {
  for (char& c : words)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '_' && c != '.') c = ' ';
  return words;
}

/// What stands for `x` after the activation.
std::string activated(Activation activation, const std::string& x) {
  switch (activation) {
    case Activation::identity:
      return x;
    case Activation::tanh:
      return "tanhf(" + x + ")";
    case Activation::relu:
      return x + " > 0.0f ? " + x + " : 0.0f";
    case Activation::elu:
      return x + " > 0.0f ? " + x + " : expm1f(" + x + ")";
    case Activation::sigmoid:
      return "1.0f / (1.0f + expf(-" + x + "))";
    case Activation::softplus:
      return x + " > 20.0f ? " + x + " : log1pf(expf(" + x + "))";
  }
  return x;
}

/// The header's text, every name of it beginning with `n`.
class Header {
 public:
  Header(const ExportedPolicy& policy, std::string name) : p_(policy), n_(std::move(name)) {}

  std::string text() {
    std::string guard = n_ + "_H";
    for (char& c : guard) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    out_ << "/* A policy for " << harmless(p_.environment) << ", " << harmless(p_.recipe) << " after epoch " << p_.epoch
         << ". C99 and the mathematics library; no memory but the stack.\n   Written by pigrad export. */\n"
         << "#ifndef " << guard << "\n#define " << guard << "\n#include <math.h>\n#include <stdint.h>\n\n"
         << "enum { " << n_ << "_observations = " << p_.observations << ", " << n_ << "_actions = " << p_.actions
         << ", " << n_ << "_statistics = " << p_.statistics() << " };\n\n";
    constants();
    statistics();
    random();
    if (p_.discrete)
      choose();
    else
      steer();
    out_ << "\n#endif\n";
    return out_.str();
  }

 private:
  std::string layer(std::size_t i) const { return n_ + "_w" + std::to_string(i); }

  void constants() {
    if (!p_.mean.empty()) {
      // A mean in two floats: one has too few digits where the mean is much larger than the deviation.
      std::vector<double> rest;
      for (const double m : p_.mean) rest.push_back(m - static_cast<double>(static_cast<float>(m)));
      array(out_, n_ + "_mean", p_.mean);
      array(out_, n_ + "_mean_rest", rest);
      array(out_, n_ + "_inverse", p_.inverse);
    }
    for (std::size_t i = 0; i < p_.layers.size(); ++i) {
      array(out_, layer(i), p_.layers[i].weight);
      array(out_, n_ + "_b" + std::to_string(i), p_.layers[i].bias);
    }
    if (!p_.log_std.empty()) array(out_, n_ + "_log_std", p_.log_std);
    out_ << "\n";
  }

  void statistics() {
    out_ << "/* out [" << p_.statistics()
         << "]: " << (p_.discrete ? "ln of the probability of each choice" : "means, then logarithms of the deviations")
         << ", for obs [" << p_.observations << "]. */\n"
         << "static inline void " << n_ << "_say(const float *obs, float *out) {\n  int i, j;\n";
    out_ << "  float h0[" << p_.observations << "]";
    for (std::size_t i = 0; i < p_.layers.size(); ++i) out_ << ", h" << i + 1 << "[" << p_.layers[i].outputs << "]";
    out_ << ";\n  for (i = 0; i < " << p_.observations << "; ++i) ";
    if (p_.mean.empty()) {
      out_ << "h0[i] = obs[i];\n";
    } else {
      const std::string clip = number(p_.clip);
      out_ << "{\n    const float x = ((obs[i] - " << n_ << "_mean[i]) - " << n_ << "_mean_rest[i]) * " << n_
           << "_inverse[i];\n    h0[i] = x > " << clip << " ? " << clip << " : (x < -" << clip << " ? -" << clip
           << " : x);\n  }\n";
    }
    for (std::size_t i = 0; i < p_.layers.size(); ++i) {
      const ExportedPolicy::Layer& l = p_.layers[i];
      out_ << "  for (i = 0; i < " << l.outputs << "; ++i) {\n    float x = " << n_ << "_b" << i << "[i];\n"
           << "    for (j = 0; j < " << l.inputs << "; ++j) x += " << layer(i) << "[i * " << l.inputs << " + j] * h"
           << i << "[j];\n    h" << i + 1 << "[i] = " << activated(l.activation, "x") << ";\n  }\n";
    }
    const std::string last = "h" + std::to_string(p_.layers.size());
    if (p_.discrete) {
      out_ << "  {\n    float most = " << last << "[0], sum = 0.0f;\n    for (i = 1; i < " << p_.actions
           << "; ++i) most = " << last << "[i] > most ? " << last << "[i] : most;\n    for (i = 0; i < " << p_.actions
           << "; ++i) sum += expf(" << last << "[i] - most);\n    for (i = 0; i < " << p_.actions
           << "; ++i) out[i] = " << last << "[i] - most - logf(sum);\n  }\n}\n\n";
      return;
    }
    out_ << "  for (i = 0; i < " << p_.actions << "; ++i) {\n    out[i] = " << last << "[i];\n    out[" << p_.actions
         << " + i] = ";
    if (p_.spread_from_network)
      out_ << number(p_.log_std_scale) << " * " << last << "[" << p_.actions << " + i];\n  }\n}\n\n";
    else
      out_ << n_ << "_log_std[i];\n  }\n}\n\n";
  }

  void random() {
    out_ << "/* A uniform in (0, 1); *seed moves on (SplitMix64, Steele, Lea and Flood 2014). */\n"
         << "static inline float " << n_ << "_uniform(uint64_t *seed) {\n"
         << "  uint64_t z = (*seed += UINT64_C(0x9E3779B97F4A7C15));\n"
         << "  z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);\n"
         << "  z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);\n"
         << "  return ((float)((z ^ (z >> 31)) >> 41) + 0.5f) * (1.0f / 8388608.0f);\n}\n\n";
  }

  void choose() {
    out_ << "/* The most probable choice. */\nstatic inline int " << n_ << "_act(const float *obs) {\n  float says["
         << p_.actions << "];\n  int i, best = 0;\n  " << n_ << "_say(obs, says);\n  for (i = 1; i < " << p_.actions
         << "; ++i)\n    if (says[i] > says[best]) best = i;\n  return best;\n}\n\n"
         << "/* A choice by its probability; *seed moves on. */\nstatic inline int " << n_
         << "_sample(const float *obs, uint64_t *seed) {\n  float says[" << p_.actions << "], left;\n  int i;\n  " << n_
         << "_say(obs, says);\n  left = " << n_ << "_uniform(seed);\n  for (i = 0; i < " << p_.actions - 1
         << "; ++i)\n    if ((left -= expf(says[i])) < 0.0f) return i;\n  return " << p_.actions - 1 << ";\n}\n";
  }

  void steer() {
    const auto bounds = [&](const std::vector<double>& ends) {
      std::string all;
      for (const double x : ends)
        all +=
            (all.empty() ? "" : ", ") + (std::isinf(x) ? std::string(x < 0 ? "-HUGE_VALF" : "HUGE_VALF") : number(x));
      return all;
    };
    out_ << "static inline float " << n_ << "_bounded(float x, int i) {\n  const float low[" << p_.actions << "] = {"
         << bounds(p_.low) << "}, high[" << p_.actions << "] = {" << bounds(p_.high)
         << "};\n  return x < low[i] ? low[i] : (x > high[i] ? high[i] : x);\n}\n\n"
         << "/* The mean, within the action's bounds. */\nstatic inline void " << n_
         << "_act(const float *obs, float *action) {\n  float says[" << p_.statistics() << "];\n  int i;\n  " << n_
         << "_say(obs, says);\n  for (i = 0; i < " << p_.actions << "; ++i) action[i] = " << n_
         << "_bounded(says[i], i);\n}\n\n"
         << "/* A draw (Box and Muller 1958), within the action's bounds; *seed moves on. */\nstatic inline void " << n_
         << "_sample(const float *obs, float *action, uint64_t *seed) {\n  float says[" << p_.statistics()
         << "];\n  int i;\n  " << n_ << "_say(obs, says);\n  for (i = 0; i < " << p_.actions
         << "; ++i) {\n    const float radius = sqrtf(-2.0f * logf(" << n_
         << "_uniform(seed)));\n    const float z = radius * cosf(6.2831853f * " << n_
         << "_uniform(seed));\n    action[i] = " << n_ << "_bounded(says[i] + expf(says[" << p_.actions
         << " + i]) * z, i);\n  }\n}\n";
  }

  const ExportedPolicy& p_;
  std::string n_;
  std::ostringstream out_;
};

std::string check_program(const ExportedPolicy& p, const std::string& name, const std::string& header) {
  std::ostringstream out;
  out << "/* Holds " << header
      << " against what the trained policy says, within 1e-6. Ends with 0 where it says the same."
      << "\n   cc -std=c99 " << name << "_parity.c -lm && ./a.out */\n#include <stdio.h>\n\n#include \"" << header
      << "\"\n\n";
  array(out, "observations", p.parity_observations);
  array(out, "expected", p.parity_statistics);
  const auto count = p.parity_observations.size() / static_cast<std::size_t>(p.observations);
  out << "\nint main(void) {\n  float worst = 0.0f, says[" << name << "_statistics];\n  int k, i;\n  for (k = 0; k < "
      << count << "; ++k) {\n    " << name << "_say(observations + k * " << name
      << "_observations, says);\n    for (i = 0; i < " << name
      << "_statistics; ++i) {\n      const float e = expected[k * " << name
      << "_statistics + i], size = fabsf(e) > 1.0f ? fabsf(e) : 1.0f;\n      const float off = fabsf(says[i] - e)"
      << " / size;\n      if (!(off <= worst)) worst = off;\n    }\n  }\n"
      << "  printf(\"largest difference over " << count << " observations: %.3g\\n\", (double)worst);\n"
      << "  return worst <= 1e-6f ? 0 : 1;\n}\n";
  return out.str();
}

/// The file's stem as a name of C.
std::string c_name(const std::string& path) {
  std::string name = fs::path(path).stem().string();
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  if (name.empty() || std::isdigit(static_cast<unsigned char>(name[0]))) name = "policy_" + name;
  return name;
}

}  // namespace

std::vector<std::string> write_c_header(const ExportedPolicy& policy, const std::string& path) {
  const std::string name = c_name(path);
  const fs::path check = fs::path(path).parent_path() / (name + "_parity.c");
  write_text(path, Header(policy, name).text());
  write_text(check.string(), check_program(policy, name, fs::path(path).filename().string()));
  return {path, check.string()};
}

}  // namespace pigrad::app

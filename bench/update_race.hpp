#pragma once
#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "a2c_update.hpp"
#include "harness.hpp"

namespace pigrad::bench {

/// The whole of a benchmark of updates: parity of every contender with the first one of its field that is called
/// `truth`, then the race, by scalar and batch size.
///
/// `Field` is a template over the scalar, made from (UpdateModel, rows), with `std::vector<std::pair<const char*,
/// Update<T>*>> contenders()` and `static constexpr std::size_t truth, base`: who is right, and whom ratios divide by.
/// It may have `static std::vector<UpdateKind> kinds()`, of which each but the first is raced at batches above 16.
template <template <class> class Field>
class UpdateRace {
 public:
  using Facts = std::vector<std::pair<std::string, std::string>>;

  static int main(int argc, char** argv, const char* name, Facts (*facts)()) try {
    return run(Arguments::parse(argc, argv, {16, 64, 400, 2048, 4096}), name, facts());
  } catch (const std::exception& e) {
    std::fprintf(stderr, "bench: %s\n", e.what());
    return 2;
  }

 private:
  static std::vector<UpdateKind> kinds() {
    if constexpr (requires { Field<float>::kinds(); })
      return Field<float>::kinds();
    else
      return {{}};
  }

  template <class T>
  static std::string title(const UpdateModel& model, int rows) {
    return model.kind.name + std::string(sizeof(T) == sizeof(float) ? "float " : "double ") + std::to_string(rows);
  }

  static std::vector<int> sizes_of(const UpdateKind& kind, const Arguments& arguments) {
    std::vector<int> sizes = arguments.sizes;
    if (*kind.name) sizes.erase(std::remove(sizes.begin(), sizes.end(), 16), sizes.end());
    return sizes;
  }

  static int run(const Arguments& arguments, const char* name, const Facts& facts) {
    bool same = true;
    for (const UpdateKind& kind : kinds()) {
      const UpdateModel model(kind);
      for (const int rows : sizes_of(kind, arguments)) {
        same = check<float>(model, rows, 1e-5) && same;
        same = check<double>(model, rows, 1e-11) && same;
      }
    }
    if (!same) {
      std::fprintf(stderr, "bench: the contenders do not compute the same, so nothing is timed\n");
      return 1;
    }
    if (arguments.parity) return 0;
    Report report(name, arguments, "µs an update", 1);
    for (const auto& [key, value] : facts) report.fact(key, value);
    report.fact("update", "actor 4-64-64-2 and critic 4-64-64-1, tanh, A2C loss, forward + backward + Adam");
    for (const UpdateKind& kind : kinds()) {
      const UpdateModel model(kind);
      for (const int rows : sizes_of(kind, arguments)) race<float>(model, rows, arguments, report);
      for (const int rows : sizes_of(kind, arguments)) race<double>(model, rows, arguments, report);
    }
    report.finish();
    return 0;
  }

  template <class T>
  static bool check(const UpdateModel& model, int rows, double tolerance) {
    Field<T> field(model, rows);
    const auto all = field.contenders();
    const auto& [truth_name, truth] = all[Field<T>::truth];
    bool same = true;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (i == Field<T>::truth) continue;
      const std::string what = title<T>(model, rows) + ", " + all[i].first + " and " + truth_name;
      same = agree<T>(what, model.layout, *truth, *all[i].second, tolerance) && same;
    }
    return same;
  }

  template <class T>
  static void race(const UpdateModel& model, int rows, const Arguments& arguments, Report& report) {
    Field<T> field(model, rows);
    std::vector<Contender> contenders;
    Comparison comparison;
    for (const auto& [name, update] : field.contenders()) {
      comparison.names.push_back(name);
      contenders.push_back({name, [u = update] { u->reset(); }, [u = update] { u->step(); }});
    }
    comparison.what = title<T>(model, rows);
    comparison.base = Field<T>::base;
    comparison.samples = interleave(contenders, arguments);
    for (auto& row : comparison.samples)
      for (double& s : row) s *= 1e6;
    report.add(comparison);
  }
};

}  // namespace pigrad::bench

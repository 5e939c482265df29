#pragma once
#include <cstdint>
#include <string>

namespace pigrad::app {

/// How far a run is, read from the metrics.csv that another process writes. Each look reads what is new.
class Watch {
 public:
  explicit Watch(std::string metrics_csv) : path_(std::move(metrics_csv)) {}
  void look();
  int epochs() const { return rows_; }
  std::int64_t steps() const { return steps_; }

 private:
  std::string path_, rest_;
  std::int64_t at_ = 0, steps_ = 0;
  int rows_ = 0, column_ = -1;
  bool header_ = false;
};

}  // namespace pigrad::app

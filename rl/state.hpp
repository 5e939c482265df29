#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "../nn/safetensors.hpp"

namespace pigrad {

/// Named arrays and words: everything that a run must remember to go on bit for bit. One safetensors file.
class State {
 public:
  void put(const std::string& name, std::vector<double> values) { doubles_[name] = std::move(values); }
  void put(const std::string& name, std::vector<float> values) { floats_[name] = std::move(values); }
  void put(const std::string& name, std::vector<std::int64_t> values) { integers_[name] = std::move(values); }
  void put(const std::string& name, const std::string& words) { words_[name] = words; }
  /// A parameter matrix, kept with its sides so that other programs can read it.
  template <class T>
  void put_matrix(const std::string& name, const T* data, int rows, int columns);

  /// Each throws Error if there is no such array or it has another size than expected (size −1 takes any).
  const std::vector<double>& doubles(const std::string& name, int size = -1) const;
  const std::vector<float>& floats(const std::string& name, int size = -1) const;
  const std::vector<std::int64_t>& integers(const std::string& name, int size = -1) const;
  const std::string& words(const std::string& name) const;
  bool has_words(const std::string& name) const { return words_.count(name) > 0; }
  /// The array of T's kind.
  template <class T>
  const std::vector<T>& reals(const std::string& name, int size = -1) const;

  /// The same with every float as a double, which holds it exactly: for looking at a float run in double precision.
  State widened() const;

  void save(const std::string& path) const;
  /// What save writes.
  std::vector<std::byte> bytes() const;
  /// Throws Error if the file is none that save wrote, is damaged (a checksum tells), or is of another version. A file
  /// that another program changed on purpose is read if its metadata has no checksum.
  static State load(const std::string& path);
  /// The same for bytes in memory; `where` names them in messages.
  static State parse(std::vector<std::byte> bytes, const std::string& where);
  struct Name {
    std::string text;
    Dtype dtype;
  };
  /// Of all arrays.
  std::vector<Name> names() const;
  /// How many numbers the arrays hold together.
  std::size_t numbers() const;

 private:
  static State of(const TensorFile& file);
  std::string checksum() const;

  std::map<std::string, std::vector<double>> doubles_;
  std::map<std::string, std::vector<float>> floats_;
  std::map<std::string, std::vector<std::int64_t>> integers_;
  std::map<std::string, std::string> words_;
  std::map<std::string, TensorShape> sides_;
};

}  // namespace pigrad

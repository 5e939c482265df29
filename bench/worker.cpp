#include "worker.hpp"

#include <charconv>
#include <chrono>
#include <iostream>
#include <stdexcept>

namespace pigrad::bench {
namespace {

[[noreturn]] void refuse(const std::string& what) { throw std::invalid_argument(what); }

template <class Integer>
void read(const std::string& name, const std::string& text, Integer& into) {
  const char* end = text.data() + text.size();
  if (std::from_chars(text.data(), end, into).ptr != end || into < 1) refuse(name + " " + text + ": give 1 or more");
}

Task parse(int argc, char** argv) {
  if (argc < 2) refuse("no work is named");
  Task task;
  task.work = argv[1];
  for (int i = 2; i < argc; i += 2) {
    const std::string name = argv[i];
    if (i + 1 == argc) refuse(name + " lacks its value");
    const std::string value = argv[i + 1];
    if (name == "--threads")
      read(name, value, task.threads);
    else if (name == "--copies")
      read(name, value, task.copies);
    else if (name == "--epochs")
      read(name, value, task.epochs);
    else if (name == "--seed")
      read(name, value, task.seed);
    else
      refuse("there is no option " + name);
  }
  return task;
}

Round make(const Task& task, const std::vector<Work>& works) {
  std::string names;
  for (const Work& work : works) {
    if (work.name == task.work) return work.make(task);
    names += " " + work.name;
  }
  refuse("there is no work " + task.work + "; there are" + names);
}

}  // namespace

double seconds_of(const std::function<void()>& run) {
  const auto begin = std::chrono::steady_clock::now();
  run();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

int serve(int argc, char** argv, const std::vector<Work>& works, const std::map<std::string, std::string>& facts) try {
  const Round round = make(parse(argc, argv), works);
  std::cout << "{\"ready\": {";
  const char* comma = "";
  for (const auto& [name, value] : facts) {
    std::cout << comma << '"' << name << "\": \"" << value << '"';
    comma = ", ";
  }
  std::cout << "}}" << std::endl;
  std::cout.precision(9);
  for (std::string line; std::getline(std::cin, line);) std::cout << "{\"value\": " << round() << "}" << std::endl;
  return 0;
} catch (const std::exception& e) {
  std::cerr << "bench: " << e.what() << "\n";
  return 2;
}

}  // namespace pigrad::bench

#pragma once
#include <string>

#include "../rl/algorithm.hpp"
#include "append_file.hpp"

namespace pigrad::app {

/// The metrics of a run as TensorBoard reads them: an event file, records of a length, its CRC-32C, a protocol buffer
/// `Event`, its CRC-32C. Each session of a run writes a file of its own, FOLDER/events.out.tfevents.SECONDS.SESSION.
/// One that goes on begins with a session start at its first step, at which TensorBoard drops what an earlier one,
/// killed after its last checkpoint, had written from there on.
class EventFile {
 public:
  /// @param steps environment steps that the run had done when this session began
  /// Throws Error if the file cannot be made.
  EventFile(const std::string& folder, std::int64_t steps);

  /// One scalar a metric, after `steps` environment steps. Metrics that are not finite are left out.
  void scalars(std::int64_t steps, const Metrics& metrics);
  void sync() { file_.sync(); }

  /// Removes the event files of a folder.
  static void remove_all(const std::string& folder);

 private:
  AppendFile file_;
};

/// CRC-32C (Castagnoli) as the records have it: turned by 15 bits, plus a constant.
std::uint32_t masked_crc32c(const std::string& bytes);

}  // namespace pigrad::app

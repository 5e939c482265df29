#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "all.hpp"
#include "fill.hpp"
#include "number.hpp"

namespace pigrad {
namespace {

void refuse(PolicyFault& fault, const char* name, const char* what, const char* cure) {
  snprintf(fault.words, sizeof fault.words, "%.110s: %.120s; %.80s", name, what, cure);
}

/// 1 for "1"; 0 if that is no version.
int version_of(const TensorHeader& header, const char* key) {
  char text[8];
  double number = 0;
  return header.metadata(key, text, sizeof text) && read_numbers(text, 1, &number) ? static_cast<int>(number) : 0;
}

/// False, with the fault's words, unless this program knows the file's format.
bool known_format(const TensorHeader& header, bool& checkpoint, const char* name, PolicyFault& fault) {
  const char* const versions[] = {"format_version", "policy.format"};
  char format[32] = "";
  header.metadata("format", format, sizeof format);
  checkpoint = header.has("pigrad_format");
  if (!checkpoint && strcmp(format, "pigrad-policy") != 0) {
    refuse(fault, name, "it holds no policy of pigrad",
           "give a checkpoint, or what `pigrad export --to safetensors` wrote");
    return false;
  }
  if (checkpoint && !header.has("policy.format")) {
    refuse(fault, name, "it was written before checkpoints described their policies",
           "give what `pigrad export --to safetensors` makes of it");
    return false;
  }
  const int version = version_of(header, versions[checkpoint]);
  if (version < 1 || version > Policy::format_version) {
    char what[64];
    snprintf(what, sizeof what, "its format is version %d, this program reads %d", version, Policy::format_version);
    refuse(fault, name, what, "use a newer pigrad, or export the policy again");
    return false;
  }
  return true;
}

/// A file's bytes, to be freed; null with the fault's words.
unsigned char* read_all(const char* path, size_t& size, PolicyFault& fault) {
  FILE* const file = fopen(path, "rb");
  if (!file) {
    refuse(fault, path, strerror(errno), "give the path of a file that may be read");
    return nullptr;
  }
  unsigned char* bytes = nullptr;
  size_t room = 0;
  bool whole = true;
  for (size = 0; whole;) {
    if (size == room) {
      room = room ? 2 * room : 1 << 16;
      auto* const more = static_cast<unsigned char*>(realloc(bytes, room));
      whole = more != nullptr;
      if (more) bytes = more;
    }
    const size_t count = whole ? fread(bytes + size, 1, room - size, file) : 0;
    size += count;
    if (count == 0) break;
  }
  if (!whole || ferror(file)) {
    refuse(fault, path, whole ? "it cannot be read" : "it does not fit in memory", "give a smaller file, whole");
    free(bytes);
    bytes = nullptr;
  }
  fclose(file);
  return bytes;
}

}  // namespace

Policy Policy::parse(const void* bytes, size_t size, const char* name, PolicyFault& fault) {
  Policy policy;
  fault.words[0] = 0;
  const TensorHeader header(static_cast<const unsigned char*>(bytes), size);
  if (header.fault()) {
    refuse(fault, name, header.fault(), "give a file as it was written");
    return policy;
  }
  bool checkpoint = false;
  if (!known_format(header, checkpoint, name, fault)) return policy;
  const char* wrong = nullptr;
  policy.all_ = filled_policy(PolicySource(header, checkpoint), checkpoint, wrong);
  if (!policy.all_) refuse(fault, name, wrong, "give a policy as pigrad wrote it");
  return policy;
}

Policy Policy::load(const char* path, PolicyFault& fault) {
  size_t size = 0;
  fault.words[0] = 0;
  unsigned char* const bytes = read_all(path, size, fault);
  if (!bytes) return {};
  Policy policy = parse(bytes, size, path, fault);
  free(bytes);
  return policy;
}

}  // namespace pigrad

// FORMAT.md as the tests read it.
#pragma once

#include <fstream>
#include <sstream>
#include <string>

namespace menshen::audit {

inline std::string file_of_audit(const char* name) {
  std::ifstream in(std::string(MENSHEN_SOURCE_DIR "/audit/") + name);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

inline const std::string& document() {
  static const std::string text = file_of_audit("FORMAT.md");
  return text;
}

}  // namespace menshen::audit

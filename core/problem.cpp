#include "core/problem.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace menshen::core {
namespace {

// "/content/2/find" -> "content[2].find".
std::string as_path(std::string_view pointer) {
  std::string out;
  while (!pointer.empty()) {
    pointer.remove_prefix(1);
    const std::string_view step = pointer.substr(0, pointer.find('/'));
    pointer.remove_prefix(step.size());
    const bool index =
        !step.empty() && std::ranges::all_of(step, [](char c) { return c >= '0' && c <= '9'; });
    out.append(index ? "[" : out.empty() ? "" : ".");
    for (std::size_t i = 0; i < step.size(); ++i) {
      const bool escape = step[i] == '~' && i + 1 < step.size();
      out.push_back(escape ? (step[++i] == '1' ? '/' : '~') : step[i]);
    }
    if (index) out.push_back(']');
  }
  return out;
}

}  // namespace

Problem problem_of(std::string file, std::string message, bool is_error) {
  Problem out;
  out.is_error = is_error;
  out.file = std::move(file);
  out.message = std::move(message);
  return out;
}

std::string Problem::where() const {
  std::string out = file;
  if (line > 0) out.append(":" + std::to_string(line) + ":" + std::to_string(column));
  if (!pointer.empty()) out.append(" ").append(as_path(pointer));
  return out;
}

}  // namespace menshen::core

#include "detectors/recognizers/refusal.h"

#include <re2/re2.h>

namespace menshen::detectors {
namespace {

// What other engines have and an engine of linear time has not.
std::string_view instead_of(const re2::RE2& expression) {
  const std::string& at = expression.error_arg();
  switch (expression.error_code()) {
    case re2::RE2::ErrorPatternTooLarge: return "write smaller counts or sets";
    case re2::RE2::ErrorBadPerlOp:
      return "there is no looking ahead or back; write \\b, or the whole of what stands there";
    case re2::RE2::ErrorBadEscape:
      if (at.size() == 2 && at[1] >= '1' && at[1] <= '9')
        return "nothing refers back to a group; write out what it may hold";
      return {};
    default: return {};
  }
}

}  // namespace

std::string refusal_by_re2(const re2::RE2& expression) {
  const std::string& said = expression.error();
  std::string out = expression.error_code() == re2::RE2::ErrorPatternTooLarge
                        ? "This pattern compiles too large"
                        : "RE2 does not take this pattern: " + said.substr(0, said.find(": "));
  const std::string_view instead = instead_of(expression);
  if (!instead.empty()) out.append(": ").append(instead);
  return out.append(".");
}

}  // namespace menshen::detectors

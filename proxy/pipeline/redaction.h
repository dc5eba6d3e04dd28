// What stands in for a redacted value.
//
//   Redactor redactor(key);
//   redactor.replacement(finding, "13800138000", core::RedactAs::hash);   //
//   "[CN_MOBILE:1f2e3d4c5b6a7988]"
//
// The result is plain text without quotes, backslashes and control characters, so it fits into any
// JSON string; but what stands in for a number of JSON is a string, with the quotes of its depth
// around it. Immutable; all threads. Hashes are HMAC-SHA-256 (RFC 2104) under the deployment's
// key, cut to 64 bits: equal values stay equal within the deployment and cannot be guessed without
// the key.
#pragma once

#include "core/decision.h"
#include "core/finding.h"

#include <string>
#include <string_view>

namespace menshen::pipeline {

class Redactor {
 public:
  explicit Redactor(std::string key) : key_(std::move(key)) {}

  // `value` is the text of the finding. A continued piece of an open-ended finding is masked, or
  // vanishes.
  [[nodiscard]] std::string replacement(const core::Finding& finding, std::string_view value,
                                        core::RedactAs as) const;

 private:
  [[nodiscard]] std::string unquoted(const core::Finding& finding, std::string_view value,
                                     core::RedactAs as) const;

  std::string key_;
};

// Of one exchange and both of its directions: what stands in for a value may come to depend on what
// stood in for another before. One thread.
class Replacer {
 public:
  explicit Replacer(const Redactor& redactor) : redactor_(redactor) {}

  [[nodiscard]] std::string replacement(const core::Finding& finding, std::string_view value,
                                        core::RedactAs as) {
    return redactor_.replacement(finding, value, as);
  }

 private:
  const Redactor& redactor_;
};

}  // namespace menshen::pipeline

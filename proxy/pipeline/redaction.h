// What stands in for a redacted value.
//
//   const Redactor redactor(key);                    // of the deployment
//   Replacer replacer(redactor);                     // of an exchange
//   replacer.speak_for(tenant_of(subject));
//   replacer.replacement(finding, "13800138000", core::RedactAs::hash);
//   // "[CN_MOBILE:1f2e3d4c5b6a7988]"
//   replacer.replacement(finding, "13800138000", {3, 4});   // "138****8000"
//
// The result is plain text without quotes, backslashes and control characters, so it fits into any
// JSON string; but what stands in for a number of JSON is a string, with the quotes of its depth
// around it.
//
// Hashes are HMAC-SHA-256 (RFC 2104), cut to 64 bits, under a key of the tenant that is derived
// from the deployment's: equal values stay equal for one tenant, tenants cannot tell whether theirs
// are equal, and nothing can be guessed without the key.
#pragma once

#include "core/decision.h"
#include "core/exchange.h"
#include "core/finding.h"

#include <string>
#include <string_view>
#include <utility>

namespace menshen::pipeline {

class Pseudonyms;

// Whose hashes are one caller's hashes too: those with exactly his groups; without groups, his
// alone, or his service's where it calls for him. The order of the groups is nothing.
[[nodiscard]] std::string tenant_of(const core::Subject& subject);

// The deployment's key. Immutable; all threads.
class Redactor {
 public:
  explicit Redactor(std::string key) : key_(std::move(key)) {}

  [[nodiscard]] std::string key_of(std::string_view tenant) const;

 private:
  std::string key_;
};

// Of one exchange and both of its directions: what stands in for a value may come to depend on what
// stood in for another before. One thread.
class Replacer {
 public:
  explicit Replacer(const Redactor& redactor) : redactor_(redactor) {}

  // Before the first replacement. Who was not identified shares hashes with nobody who was.
  void speak_for(std::string tenant) { tenant_ = std::move(tenant); }

  // Where pseudonyms come from, which outlives this; without it a tag stands in for one.
  void number_by(Pseudonyms& pseudonyms) noexcept { pseudonyms_ = &pseudonyms; }
  [[nodiscard]] bool numbers() const noexcept { return pseudonyms_ != nullptr; }

  // `value` is the text of the finding. A continued piece of an open-ended finding is masked, or
  // vanishes. A mask keeps the characters that its style says only of a whole value that is no
  // secret, and that is long enough for a third of its letters and digits to be hidden; else none.
  // `depth`: of strings of JSON that the text has the value in (json_nesting.h), for pseudonyms.
  [[nodiscard]] std::string replacement(const core::Finding& finding, std::string_view value,
                                        core::RedactStyle style, unsigned depth = 0);

 private:
  [[nodiscard]] std::string unquoted(const core::Finding& finding, std::string_view value,
                                     core::RedactStyle style, unsigned depth);

  const Redactor& redactor_;
  std::string tenant_;
  std::string key_;  // of the tenant; empty: not needed yet
  Pseudonyms* pseudonyms_ = nullptr;
};

}  // namespace menshen::pipeline

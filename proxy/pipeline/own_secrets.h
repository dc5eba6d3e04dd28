// The gateway's own secrets at one provider, which nothing that comes from there may repeat: its
// credential, fixed headers that are secret, and what the proxy on the way is shown.
//
//   const OwnSecrets secrets(target.secrets);
//   ScannerPool told(scanners, secrets.all());
//
// Immutable, any thread; outlives the scans.
#pragma once

#include "core/limits.h"
#include "detectors/literal.h"

#include <algorithm>
#include <span>
#include <string>
#include <vector>

namespace menshen::pipeline {

// A shorter one may be an ordinary word.
[[nodiscard]] inline bool is_told(const std::string& secret) noexcept {
  return secret.size() >= core::told_credential_bytes_min;
}

class OwnSecrets {
 public:
  // None is empty.
  explicit OwnSecrets(std::span<const std::string> secrets) {
    for (const bool told : {true, false}) {
      std::ranges::for_each(secrets, [&](const std::string& secret) {
        if (is_told(secret) == told) literals_.emplace_back(secret);
      });
      if (told) told_ = literals_.size();
    }
  }

  // For headers and errors, where providers repeat them and which need no ordinary words.
  [[nodiscard]] std::span<const detectors::Literal> all() const noexcept { return literals_; }
  // For answers: those that can be told from an ordinary word.
  [[nodiscard]] std::span<const detectors::Literal> told() const noexcept {
    return all().first(told_);
  }

 private:
  std::vector<detectors::Literal> literals_;  // those that are told in front
  std::size_t told_ = 0;
};

}  // namespace menshen::pipeline

// Families of evidence for injection. Within one the strongest counts; between them noisy-or.
#pragma once

#include <cstddef>
#include <cstdint>

namespace menshen::detectors::scoring::injection {

enum Family : std::uint8_t {
  overriding,
  extraction,
  disabling,
  role_change,
  authority_claim,
  delimiter,
  task_change,
  dictated,
  beacon,
  exfiltration,
  encoded,
  invisible,
  vocabulary,
};
inline constexpr std::size_t family_count = 13;

}  // namespace menshen::detectors::scoring::injection

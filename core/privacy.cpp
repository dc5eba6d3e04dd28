#include "core/privacy.h"

#include <cmath>

namespace menshen::core {
namespace {

constexpr double micro_per_rho = 1e6;

// Of requests, in the table that gets least: cap^2 / (2 rho / parts), in millionths of rho.
bool noise_is_drawn(const PrivacySettings& settings) {
  const auto micro = static_cast<std::uint64_t>(std::llround(settings.rho_per_day * micro_per_rho));
  const std::uint64_t cap = settings.requests_per_user_day_max;
  const std::uint64_t twice_share = 2 * (micro / privacy_parts);
  return cap * cap * 1'000'000 <= noise_sigma2_max * twice_share;
}

}  // namespace

std::optional<PrivacyFault> check_privacy(const PrivacySettings& settings) {
// Not a number is in no range.
#define MENSHEN_PRIVACY(type, name, usual, least, most)                         \
  if (!(settings.name >= (least)) || !(settings.name <= (most))) {              \
    return PrivacyFault{#name, #name " must be from " #least " to " #most "."}; \
  }
#include "core/privacy.inc"
#undef MENSHEN_PRIVACY
  if (settings.rho_per_day > settings.rho_total) {
    return PrivacyFault{"rho_per_day",
                        "rho_per_day must be at most rho_total: the first day would spend it all."};
  }
  if (hours_a_day % settings.releases_per_day != 0) {
    return PrivacyFault{"releases_per_day", "releases_per_day must be 1, 2, 3, 4, 6, 8, 12 or 24."};
  }
  if (!noise_is_drawn(settings)) {
    return PrivacyFault{"rho_per_day",
                        "rho_per_day is too small for requests_per_user_day_max: the noise would "
                        "be larger than what "
                        "can be drawn exactly."};
  }
  return std::nullopt;
}

}  // namespace menshen::core

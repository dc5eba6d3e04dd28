// The settings of released usage statistics, and the one check of them: by the configuration, which
// names the line, and by the statistics.
//
//   if (const auto fault = check_privacy(settings)) ...   // fault->name, fault->message
//
// Values. The names of the settings are the rows of core/privacy.inc.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace menshen::core {

struct PrivacySettings {
#define MENSHEN_PRIVACY(type, name, usual, least, most) type name = usual;
#include "core/privacy.inc"
#undef MENSHEN_PRIVACY
};

inline constexpr std::uint32_t hours_a_day = 24;  // which the releases of a day divide
// Of a day's rho, the table of statistics that gets least has this part, 1/20.
inline constexpr std::uint64_t privacy_parts = 20;
// Noise is drawn exactly up to this variance.
inline constexpr std::uint64_t noise_sigma2_max = std::uint64_t{1} << 40;

struct PrivacyFault {
  std::string_view name;  // of the setting
  std::string_view message;
};

// Ranges, and what the settings are to each other. Absent: statistics can be made with them.
[[nodiscard]] std::optional<PrivacyFault> check_privacy(const PrivacySettings& settings);

}  // namespace menshen::core

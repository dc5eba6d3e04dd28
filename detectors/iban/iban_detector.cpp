#include "detectors/detector.h"
#include "detectors/values/boundary.h"
#include "detectors/values/checksum.h"

#include <algorithm>
#include <array>
#include <string>

namespace menshen::detectors {
namespace {

constexpr core::FindingType type{"iban", core::Category::pii, "IBAN",
                                 "International bank account number: country, its length and MOD "
                                 "97-10 (0.97). Known false positives: "
                                 "one in 97 serial numbers of the very form."};

// SWIFT's IBAN registry: country and length.
constexpr std::string_view registry =
    "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28EE20EG29ES24FI"
    "18"
    "FK18FO18FR27GB22GE22GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT"
    "20"
    "LU20LV21LY25MC27MD24ME22MK19MN20MR27MT31MU30NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24RS22RU33SA"
    "24"
    "SC31SD18SE24SI19SK24SM27SO23ST25SV28TL23TN24TR26UA29VA22VG24XK20YE30";
constexpr std::size_t entry_bytes = 4;

std::size_t length_of(std::string_view country) {
  for (std::size_t at = 0; at < registry.size(); at += entry_bytes) {
    if (std::ranges::equal(country, registry.substr(at, 2), {}, to_lower, to_lower)) {
      return static_cast<std::size_t>((registry[at + 2] - '0') * 10 + (registry[at + 3] - '0'));
    }
  }
  return 0;
}

bool begins_iban(std::string_view text, std::size_t at) {
  return at + entry_bytes <= text.size() && is_letter(text[at]) && is_letter(text[at + 1]) &&
         is_digit(text[at + 2]) && is_digit(text[at + 3]) && begins_token(text, at);
}

// Reads `length` letters and digits, all together or in groups of four parted by one kind of
// separator. Returns where they end, or npos.
std::size_t read_iban(std::string_view text, std::size_t at, std::size_t length, std::string& out) {
  const char separator =
      at + 4 < text.size() && (text[at + 4] == ' ' || text[at + 4] == '-') ? text[at + 4] : '\0';
  out.clear();
  for (; out.size() < length; ++at) {
    if (separator != '\0' && !out.empty() && out.size() % 4 == 0) {
      if (at >= text.size() || text[at] != separator) return text.npos;
      ++at;
    }
    if (at >= text.size() || !is_alnum(text[at])) return text.npos;
    out += text[at];
  }
  return at;
}

class Iban final : public Detector {
 public:
  std::string_view name() const noexcept override { return "iban"; }
  unsigned version() const noexcept override { return 1; }
  std::span<const core::FindingType* const> types() const noexcept override { return types_; }
  std::span<const Trigger> triggers() const noexcept override { return triggers_; }

  core::Result<void> scan(const Window& window, Matches& matches) const override {
    const std::string_view text = window.text;
    std::string iban;
    for (std::size_t at = window.begin; at < window.owned_end; ++at) {
      if (!begins_iban(text, at)) continue;
      const std::size_t length = length_of(text.substr(at, 2));
      if (length == 0) continue;
      const std::size_t end = read_iban(text, at, length, iban);
      if (end == text.npos || is_alnum(window.at(end)) || !iban_valid(iban)) continue;
      matches.add(type, at, end, 0.97F);
    }
    return {};
  }

 private:
  static constexpr std::array<const core::FindingType*, 1> types_{&type};
  static constexpr std::array<Trigger, 1> triggers_{
      Trigger{.bytes_min = 15, .digits_min = 6, .content = run_class::letter}};
};

}  // namespace

const Detector& iban_detector() {
  static const Iban detector;
  return detector;
}

}  // namespace menshen::detectors

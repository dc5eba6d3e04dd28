#include "detectors/phone/country_codes.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace menshen::detectors {
namespace {

// National significant numbers, by the ITU's list of assigned codes (E.164 annex, status 2016-11
// and later notices) and the countries' own numbering plans.
struct CountryCode {
  std::string_view code;
  std::uint8_t digits_min;
  std::uint8_t digits_max;
};
constexpr CountryCode countries[] = {
    {"1", 10, 10},  {"7", 10, 10},  {"20", 8, 10},  {"27", 9, 9},   {"30", 10, 10}, {"31", 9, 9},
    {"32", 8, 9},   {"33", 9, 9},   {"34", 9, 9},   {"36", 8, 9},   {"39", 6, 11},  {"40", 9, 9},
    {"41", 9, 9},   {"43", 6, 13},  {"44", 9, 10},  {"45", 8, 8},   {"46", 7, 10},  {"47", 8, 8},
    {"48", 9, 9},   {"49", 6, 13},  {"51", 8, 9},   {"52", 10, 11}, {"53", 8, 8},   {"54", 10, 11},
    {"55", 10, 11}, {"56", 9, 9},   {"57", 8, 10},  {"58", 10, 10}, {"60", 8, 10},  {"61", 9, 9},
    {"62", 7, 12},  {"63", 8, 10},  {"64", 8, 10},  {"65", 8, 8},   {"66", 8, 9},   {"81", 9, 10},
    {"82", 8, 10},  {"84", 9, 10},  {"86", 9, 11},  {"90", 10, 10}, {"91", 10, 10}, {"92", 9, 10},
    {"93", 9, 9},   {"94", 9, 9},   {"95", 7, 10},  {"98", 10, 10}, {"211", 9, 9},  {"212", 9, 9},
    {"213", 8, 9},  {"216", 8, 8},  {"218", 9, 10}, {"234", 8, 10}, {"233", 9, 9},  {"250", 9, 9},
    {"251", 9, 9},  {"254", 9, 10}, {"255", 9, 9},  {"256", 9, 9},  {"260", 9, 9},  {"263", 9, 10},
    {"350", 8, 8},  {"351", 9, 9},  {"352", 6, 11}, {"353", 7, 9},  {"354", 7, 9},  {"355", 8, 9},
    {"356", 8, 8},  {"357", 8, 8},  {"358", 5, 12}, {"359", 7, 9},  {"370", 8, 8},  {"371", 8, 8},
    {"372", 7, 8},  {"373", 8, 8},  {"374", 8, 8},  {"375", 9, 10}, {"376", 6, 9},  {"377", 8, 9},
    {"378", 6, 10}, {"380", 9, 9},  {"381", 8, 9},  {"382", 8, 8},  {"383", 8, 8},  {"385", 8, 9},
    {"386", 8, 8},  {"387", 8, 9},  {"389", 8, 8},  {"420", 9, 9},  {"421", 9, 9},  {"423", 7, 9},
    {"852", 8, 8},  {"853", 8, 8},  {"855", 8, 9},  {"856", 8, 10}, {"880", 8, 10}, {"886", 8, 9},
    {"960", 7, 7},  {"961", 7, 8},  {"962", 8, 9},  {"963", 8, 9},  {"964", 8, 10}, {"965", 8, 8},
    {"966", 9, 9},  {"967", 7, 9},  {"968", 8, 8},  {"970", 8, 9},  {"971", 8, 9},  {"972", 8, 9},
    {"973", 8, 8},  {"974", 8, 8},  {"975", 7, 8},  {"976", 8, 8},  {"977", 8, 10}, {"992", 9, 9},
    {"993", 8, 8},  {"994", 9, 9},  {"995", 9, 9},  {"996", 9, 9},  {"998", 9, 9}};

// Zones of three-digit codes with few subscribers each.
bool in_other_zone(std::string_view digits) noexcept {
  static constexpr std::array<std::string_view, 26> zones{
      "220", "221", "222", "223", "224", "225", "226", "227", "228", "229", "23", "24", "25",
      "26",  "290", "291", "297", "298", "299", "50",  "59",  "67",  "68",  "69", "80", "87"};
  return std::ranges::any_of(zones, [&](std::string_view z) { return digits.starts_with(z); });
}

}  // namespace

bool is_chinese_mobile(std::string_view digits) noexcept {
  return digits.size() == 11 && digits[0] == '1' && digits[1] >= '3';
}

bool is_international_number(std::string_view digits) noexcept {
  constexpr std::size_t digits_max = 15;
  const auto fits = [&](std::string_view national, std::size_t min, std::size_t max) {
    if (national.size() > 1 && national[0] == '0' && national.size() > min)
      national.remove_prefix(1);
    return national.size() >= min && national.size() <= max &&
           !std::ranges::all_of(national, [&](char c) { return c == national[0]; });
  };
  if (digits.size() > digits_max + 1 || digits.empty() || digits[0] == '0') return false;
  for (const CountryCode& c : countries) {
    if (!digits.starts_with(c.code)) continue;
    const std::string_view national = digits.substr(c.code.size());
    if (c.code == "86" && is_chinese_mobile(national)) return false;
    return fits(national, c.digits_min, c.digits_max);
  }
  return in_other_zone(digits) && fits(digits.substr(3), 5, 10);
}

}  // namespace menshen::detectors

// Classes of personal data: what laws and standards call what is found. Defaults of the types,
// which a policy set may override; no legal advice.
//
//   constexpr FindingClasses of_cards{FindingClass::pci, FindingClass::hipaa_j};
//   of_cards.has(FindingClass::pci);                            // true
//   finding_classes_from("hipaa");                              // any of hipaa_a to hipaa_r
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace menshen::core {

// gb45574_*: the categories of sensitive personal information of GB/T 45574-2025. gdpr_special:
// special categories of GDPR article 9. hipaa_*: the identifiers of 45 CFR 164.514(b)(2)(i) by
// their letters. pci: account data of PCI DSS. pipl_sensitive: PIPL article 28.
enum class FindingClass : std::uint8_t {
  gb45574_biometric,
  gb45574_finance,
  gb45574_health,
  gb45574_identity,
  gb45574_location,
  gb45574_minor,
  gb45574_other,
  gb45574_religion,
  gdpr_special,
  hipaa_a,
  hipaa_b,
  hipaa_c,
  hipaa_d,
  hipaa_e,
  hipaa_f,
  hipaa_g,
  hipaa_h,
  hipaa_i,
  hipaa_j,
  hipaa_k,
  hipaa_l,
  hipaa_m,
  hipaa_n,
  hipaa_o,
  hipaa_p,
  hipaa_q,
  hipaa_r,
  pci,
  pipl_sensitive,
};

// By the number of the class, sorted.
inline constexpr std::array<std::string_view, 29> finding_class_names{
    "gb45574_biometric", "gb45574_finance", "gb45574_health", "gb45574_identity",
    "gb45574_location",  "gb45574_minor",   "gb45574_other",  "gb45574_religion",
    "gdpr_special",      "hipaa_a",         "hipaa_b",        "hipaa_c",
    "hipaa_d",           "hipaa_e",         "hipaa_f",        "hipaa_g",
    "hipaa_h",           "hipaa_i",         "hipaa_j",        "hipaa_k",
    "hipaa_l",           "hipaa_m",         "hipaa_n",        "hipaa_o",
    "hipaa_p",           "hipaa_q",         "hipaa_r",        "pci",
    "pipl_sensitive"};
static_assert(finding_class_names.size() ==
              static_cast<std::size_t>(FindingClass::pipl_sensitive) + 1);

// Each stands for all classes whose names begin so.
inline constexpr std::array<std::string_view, 2> finding_class_groups{"gb45574", "hipaa"};

// A set of them.
class FindingClasses {
 public:
  constexpr FindingClasses() noexcept = default;
  constexpr FindingClasses(std::initializer_list<FindingClass> classes) noexcept {
    for (const FindingClass one : classes) add(one);
  }
  constexpr void add(FindingClass one) noexcept {
    bits_ |= std::uint32_t{1} << static_cast<unsigned>(one);
  }
  [[nodiscard]] constexpr bool has(FindingClass one) const noexcept {
    return has_any(FindingClasses{one});
  }
  [[nodiscard]] constexpr bool has_any(FindingClasses of) const noexcept {
    return (bits_ & of.bits_) != 0;
  }
  [[nodiscard]] constexpr bool empty() const noexcept { return bits_ == 0; }

  // Calls `one` with the name of each, sorted.
  template <class One>
  constexpr void each_name(const One& one) const {
    for (std::uint32_t rest = bits_; rest != 0; rest &= rest - 1)
      one(finding_class_names[static_cast<std::size_t>(std::countr_zero(rest))]);
  }
  friend constexpr bool operator==(FindingClasses, FindingClasses) = default;

 private:
  std::uint32_t bits_ = 0;
};

// Of a class its own set, of a group that of all in it; nullopt: neither has this name.
[[nodiscard]] constexpr std::optional<FindingClasses> finding_classes_from(
    std::string_view name) noexcept {
  bool is_group = false;
  for (const std::string_view group : finding_class_groups) is_group = is_group || group == name;
  FindingClasses out;
  for (std::size_t i = 0; i < finding_class_names.size(); ++i) {
    const std::string_view of = finding_class_names[i];
    const bool in_group = is_group && of.starts_with(name) && of[name.size()] == '_';
    if (of == name || in_group) out.add(static_cast<FindingClass>(i));
  }
  if (out.empty()) return std::nullopt;
  return out;
}

}  // namespace menshen::core

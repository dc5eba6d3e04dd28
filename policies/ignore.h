// What `ignore` of a policy names: values that its rules take no notice of.
//
//   IgnoreList list(std::move(entries));
//   list.entries_of(email, "info@example.com");   // bit n: entry n
//
// A value is compared in normal form, without regard to the case of ASCII letters; a number of
// seven digits and more by its digits, however they are grouped. A domain stands for the mailboxes
// in it and below it, a range for the addresses in it, a pattern for what it matches whole.
// Immutable; any thread. Internal to policies.
#pragma once

#include "core/finding.h"
#include "detectors/ignored_values.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace re2 {
class RE2;
}

namespace menshen::policies {

// A range of addresses; one of IPv4 stands as ::ffff:a.b.c.d (RFC 4291 section 2.5.5.2).
struct Network {
  std::array<std::uint8_t, 16> address{};
  unsigned bits = 128;

  // "10.0.0.0/8", "fd00::/8", an address alone. Bits behind the prefix are zero: else none.
  [[nodiscard]] static std::optional<Network> from(std::string_view text);
  [[nodiscard]] bool has(const Network& address) const noexcept;
  // More than 10.0.0.0/8, fc00::/7 or what is shorter holds.
  [[nodiscard]] bool is_wide() const noexcept;
};

struct IgnoreEntry {
  std::vector<std::string> values;
  std::vector<std::string> domains;
  std::vector<Network> networks;
  std::vector<std::shared_ptr<const re2::RE2>> patterns;
  std::vector<const core::FindingType*> types;  // empty: any
  std::vector<std::string> rules;               // their ids; empty: all
};

class IgnoreList final : public detectors::IgnoredValues {
 public:
  explicit IgnoreList(const std::vector<IgnoreEntry>& entries);
  [[nodiscard]] std::uint32_t entries_of(const core::FindingType& type,
                                         std::string_view value) const override;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>{}(text);
    }
  };
  using Texts = std::unordered_set<std::string, Hash, std::equal_to<>>;
  struct Entry {
    Texts values;
    Texts domains;
    std::vector<Network> networks;
    std::vector<std::shared_ptr<const re2::RE2>> patterns;
    std::vector<const core::FindingType*> types;

    [[nodiscard]] bool names(const core::FindingType& type, std::string_view value,
                             std::string_view form) const;
  };
  std::vector<Entry> entries_;
};

}  // namespace menshen::policies

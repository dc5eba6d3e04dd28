// The anchors of all detectors (detector.h), and the search for them.
//
// All are sought in one pass, whose cost does not grow with their number: the first three bytes of
// each make a fingerprint, looked up sixteen places at a time where the processor can; within a
// word, only those of anchors that are no words. Immutable, any thread.
#pragma once

#include "detectors/detector.h"

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace menshen::detectors {

class AnchorSet {
 public:
  struct Entry {
    Anchor anchor;
    std::uint16_t detector = 0;  // its number among the detectors
  };

  explicit AnchorSet(std::span<const Detector* const> detectors);

  [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
  [[nodiscard]] std::size_t longest() const noexcept { return longest_; }
  // Those that may stand at text.begin(), which shows a fingerprint at least.
  [[nodiscard]] std::span<const Entry> candidates(std::string_view text) const noexcept;
  // The first place from `from` on where an anchor may begin, of those that show a fingerprint;
  // text.size() when there is none.
  [[nodiscard]] std::size_t find(std::string_view text, std::size_t from) const noexcept;
  // The same, a byte at a time.
  [[nodiscard]] std::size_t find_plain(std::string_view text, std::size_t from) const noexcept;

  // May an anchor begin with what the text ends with from here on, less than a fingerprint?
  [[nodiscard]] bool may_begin(std::string_view rest) const noexcept;

  // Does the anchor stand at text.begin(), as far as the text shows? `before`: the byte before it,
  // 0 for none. An anchor that is a word needs the byte behind it, unless the text `ends`.
  enum class Standing : std::uint8_t { no, undecided, yes };
  [[nodiscard]] static Standing stands(const Anchor& anchor, char before, std::string_view text,
                                       bool ends) noexcept;

 private:
  using Buckets = std::array<std::uint8_t, 256>;  // of a byte: a bit for each bucket
  using Nibbles = std::array<std::uint8_t, 16>;
  struct Fingerprint {
    Buckets buckets{};
    Nibbles low{};
    Nibbles high{};
  };
  using Fingerprints = std::array<Fingerprint, anchor_bytes_min>;

  void add(std::string_view print, bool inside);

  [[nodiscard]] std::size_t find_wide(std::string_view text, std::size_t from) const noexcept;

  // The buckets of what may begin behind this byte, if it begins with that one.
  [[nodiscard]] std::uint8_t allowed(char before, char first) const noexcept;
  // Is this a fingerprint? But for few others, no.
  static constexpr unsigned known_bits = 14;
  [[nodiscard]] static std::size_t mixed(const char* print) noexcept;
  [[nodiscard]] bool is_known(const char* print) const noexcept { return known_[mixed(print)]; }

  static constexpr std::size_t slots = 1024;
  [[nodiscard]] static std::size_t slot_of(const char* print) noexcept;

  std::vector<Entry> entries_;                                          // by slot
  std::array<std::pair<std::uint16_t, std::uint16_t>, slots> slots_{};  // [from, to) in entries_
  Fingerprints bytes_;  // of the bytes of a fingerprint
  std::bitset<1U << known_bits> known_;
  std::uint8_t inside_ = 0;  // buckets of anchors that are no words
  std::size_t longest_ = 0;
  bool wide_ = false;
};

}  // namespace menshen::detectors

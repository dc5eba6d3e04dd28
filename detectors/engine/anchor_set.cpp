#include "detectors/engine/anchor_set.h"

#include "detectors/values/boundary.h"

#include <algorithm>
#include <stdexcept>

#if defined(__x86_64__)
#include <tmmintrin.h>
#endif

namespace menshen::detectors {
namespace {

// Small letters for capitals; what else it makes equal, stands() tells apart.
constexpr unsigned char fold(char c) noexcept {
  return static_cast<unsigned char>(static_cast<unsigned char>(c) | 0x20U);
}

}  // namespace

AnchorSet::AnchorSet(std::span<const Detector* const> detectors) {
  std::vector<std::string_view> prints;
  for (std::size_t i = 0; i < detectors.size(); ++i) {
    for (const Anchor& anchor : detectors[i]->anchors()) {
      if (anchor.text.size() < anchor_bytes_min) throw std::length_error("too short an anchor");
      entries_.push_back({anchor, static_cast<std::uint16_t>(i)});
      longest_ = std::max(longest_, anchor.text.size());
      const std::string_view print = anchor.text.substr(0, anchor_bytes_min);
      if (std::ranges::find(prints, print) == prints.end()) prints.push_back(print);
    }
  }
  std::ranges::stable_sort(entries_, {},
                           [](const Entry& e) { return slot_of(e.anchor.text.data()); });
  for (std::size_t i = entries_.size(); i-- > 0;) {
    auto& [from, to] = slots_[slot_of(entries_[i].anchor.text.data())];
    if (to == 0) to = static_cast<std::uint16_t>(i + 1);
    from = static_cast<std::uint16_t>(i);
  }
  // Those that begin alike share a bucket, so that few others seem to.
  std::ranges::sort(prints);
  constexpr std::size_t buckets = 8;
  for (std::size_t i = 0; i < prints.size(); ++i) {
    const auto bucket = static_cast<std::uint8_t>(1U << (i * buckets / prints.size()));
    for (std::size_t b = 0; b < anchor_bytes_min; ++b) {
      const unsigned char byte = fold(prints[i][b]);
      bytes_[b].buckets[byte] |= bucket;
      bytes_[b].low[byte & 15U] |= bucket;
      bytes_[b].high[byte >> 4U] |= bucket;
      bytes_[b].high[(byte & ~0x20U) >> 4U] |= bucket;
    }
  }
#if defined(__x86_64__)
  wide_ = __builtin_cpu_supports("ssse3") != 0;
#endif
}

std::size_t AnchorSet::slot_of(const char* print) noexcept {
  return (fold(print[0]) * 29U + fold(print[1]) * 197U + fold(print[2]) * 5U) % slots;
}

std::span<const AnchorSet::Entry> AnchorSet::candidates(std::string_view text) const noexcept {
  const auto [from, to] = slots_[slot_of(text.data())];
  return std::span(entries_).subspan(from, static_cast<std::size_t>(to - from));
}

bool AnchorSet::may_begin(std::string_view rest) const noexcept {
  unsigned buckets = 0xFF;
  for (std::size_t b = 0; b < std::min(rest.size(), anchor_bytes_min); ++b) {
    buckets &= bytes_[b].buckets[fold(rest[b])];
  }
  return buckets != 0;
}

std::size_t AnchorSet::find_plain(std::string_view text, std::size_t from) const noexcept {
  for (std::size_t at = from; at + anchor_bytes_min <= text.size(); ++at) {
    unsigned buckets = 0xFF;
    for (std::size_t b = 0; b < anchor_bytes_min; ++b) {
      buckets &= bytes_[b].buckets[fold(text[at + b])];
    }
    if (buckets != 0 && has_slot(text.data() + at)) return at;
  }
  return text.size();
}

#if defined(__x86_64__)
namespace {

__attribute__((target("ssse3"))) __m128i load(const void* p) noexcept {
  return _mm_loadu_si128(static_cast<const __m128i*>(p));
}

// Of each byte: what both tables have for its halves.
__attribute__((target("ssse3"))) __m128i look_up(const char* bytes, __m128i low,
                                                 __m128i high) noexcept {
  const __m128i half = _mm_set1_epi8(15);
  const __m128i byte = load(bytes);
  const __m128i upper = _mm_and_si128(_mm_srli_epi16(byte, 4), half);
  return _mm_and_si128(_mm_shuffle_epi8(low, _mm_and_si128(byte, half)),
                       _mm_shuffle_epi8(high, upper));
}

}  // namespace

// The buckets that the halves of three bytes in a row all have are those whose anchor may begin
// there.
__attribute__((target("ssse3"))) std::size_t AnchorSet::find_wide(std::string_view text,
                                                                  std::size_t from) const noexcept {
  static_assert(anchor_bytes_min == 3);
  constexpr std::size_t lanes = 16;
  const __m128i none = _mm_setzero_si128();
  const __m128i low_0 = load(bytes_[0].low.data());
  const __m128i low_1 = load(bytes_[1].low.data());
  const __m128i low_2 = load(bytes_[2].low.data());
  const __m128i high_0 = load(bytes_[0].high.data());
  const __m128i high_1 = load(bytes_[1].high.data());
  const __m128i high_2 = load(bytes_[2].high.data());
  for (; from + lanes + anchor_bytes_min - 1 <= text.size(); from += lanes) {
    const char* const at = text.data() + from;
    const __m128i buckets = _mm_and_si128(
        look_up(at, low_0, high_0),
        _mm_and_si128(look_up(at + 1, low_1, high_1), look_up(at + 2, low_2, high_2)));
    const auto empty = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(buckets, none)));
    for (unsigned places = ~empty & 0xFFFFU; places != 0; places &= places - 1) {
      const auto place = static_cast<std::size_t>(__builtin_ctz(places));
      if (has_slot(at + place)) return from + place;
    }
  }
  return find_plain(text, from);
}
#else
std::size_t AnchorSet::find_wide(std::string_view text, std::size_t from) const noexcept {
  return find_plain(text, from);
}
#endif

std::size_t AnchorSet::find(std::string_view text, std::size_t from) const noexcept {
  return wide_ ? find_wide(text, from) : find_plain(text, from);
}

AnchorSet::Standing AnchorSet::stands(const Anchor& anchor, char before, std::string_view text,
                                      bool ends) noexcept {
  const std::size_t size = std::min(anchor.text.size(), text.size());
  if (!equal_ignoring_case(text.substr(0, size), anchor.text.substr(0, size))) {
    return Standing::no;
  }
  if (anchor.word && size > 0 && is_letter(before)) {
    const bool compound = is_lower(before) && is_upper(text.front());
    if (!compound) return Standing::no;
  }
  if (size < anchor.text.size()) return ends ? Standing::no : Standing::undecided;
  if (!anchor.word) return Standing::yes;
  if (text.size() == size) return ends ? Standing::yes : Standing::undecided;
  const char behind = text[size];
  const bool goes_on = is_lower(behind) || (is_upper(behind) && is_upper(text[size - 1]));
  return goes_on ? Standing::no : Standing::yes;
}

}  // namespace menshen::detectors

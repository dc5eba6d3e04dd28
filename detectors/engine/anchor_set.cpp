#include "detectors/engine/anchor_set.h"

#include "detectors/values/boundary.h"

#include <algorithm>
#include <bit>
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

struct Print {
  bool inside;  // of an anchor that may stand within a word
  std::string_view text;
  auto operator<=>(const Print&) const = default;
};

}  // namespace

AnchorSet::AnchorSet(std::span<const Detector* const> detectors) {
  std::vector<Print> prints;
  for (std::size_t i = 0; i < detectors.size(); ++i) {
    for (const Anchor& anchor : detectors[i]->anchors()) {
      if (anchor.text.size() < anchor_bytes_min) throw std::length_error("too short an anchor");
      entries_.push_back({anchor, static_cast<std::uint16_t>(i)});
      longest_ = std::max(longest_, anchor.text.size());
      const std::string_view print = anchor.text.substr(0, anchor_bytes_min);
      const auto known = std::ranges::find(prints, print, &Print::text);
      if (known == prints.end()) {
        prints.push_back({!anchor.word, print});
      } else {
        known->inside = known->inside || !anchor.word;
      }
    }
  }
  std::ranges::stable_sort(entries_, {},
                           [](const Entry& e) { return slot_of(e.anchor.text.data()); });
  for (std::size_t i = entries_.size(); i-- > 0;) {
    auto& [from, to] = slots_[slot_of(entries_[i].anchor.text.data())];
    if (to == 0) to = static_cast<std::uint16_t>(i + 1);
    from = static_cast<std::uint16_t>(i);
  }
  std::ranges::sort(prints);
  for (const Print& print : prints) add(print.text, print.inside);
#if defined(__x86_64__)
  wide_ = __builtin_cpu_supports("ssse3") != 0;
#endif
}

// Into the bucket that it makes seem to hold the fewest others: those whose bytes have halves that
// are there. Most go to anchors within words, which have the most places.
void AnchorSet::add(std::string_view print, bool inside) {
  constexpr unsigned buckets = 8;
  constexpr unsigned inner_buckets = 6;
  const auto add_to = [print](Fingerprints& bytes, std::uint8_t bucket) {
    for (std::size_t b = 0; b < anchor_bytes_min; ++b) {
      const unsigned char byte = fold(print[b]);
      bytes[b].buckets[byte] |= bucket;
      bytes[b].low[byte & 15U] |= bucket;
      bytes[b].high[byte >> 4U] |= bucket;
      bytes[b].high[(byte & ~0x20U) >> 4U] |= bucket;
    }
  };
  const auto seeming = [](const Fingerprints& bytes, std::uint8_t bucket) {
    const auto has = [bucket](std::uint8_t of) { return (of & bucket) != 0; };
    std::size_t others = 1;
    for (const Fingerprint& b : bytes) {
      others *= static_cast<std::size_t>(std::ranges::count_if(b.low, has));
      others *= static_cast<std::size_t>(std::ranges::count_if(b.high, has));
    }
    return others;
  };
  std::size_t least = static_cast<std::size_t>(-1);
  std::uint8_t best = 0;
  for (unsigned i = inside ? 0 : inner_buckets; i < (inside ? inner_buckets : buckets); ++i) {
    const auto bucket = static_cast<std::uint8_t>(1U << i);
    Fingerprints with = bytes_;
    add_to(with, bucket);
    const std::size_t more = seeming(with, bucket) - seeming(bytes_, bucket);
    if (more < least) {
      least = more;
      best = bucket;
    }
  }
  add_to(bytes_, best);
  if (inside) inside_ |= best;
  known_.set(mixed(print.data()));
}

std::size_t AnchorSet::slot_of(const char* print) noexcept {
  return (fold(print[0]) * 29U + fold(print[1]) * 197U + fold(print[2]) * 5U) % slots;
}

std::size_t AnchorSet::mixed(const char* print) noexcept {
  const std::uint32_t key = static_cast<std::uint32_t>(fold(print[0])) |
                            static_cast<std::uint32_t>(fold(print[1])) << 8U |
                            static_cast<std::uint32_t>(fold(print[2])) << 16U;
  return key * 0x9E3779B1U >> (32U - known_bits);
}

std::span<const AnchorSet::Entry> AnchorSet::candidates(std::string_view text) const noexcept {
  const auto [from, to] = slots_[slot_of(text.data())];
  return std::span(entries_).subspan(from, static_cast<std::size_t>(to - from));
}

// A word begins behind a letter only with a capital (see stands()).
std::uint8_t AnchorSet::allowed(char before, char first) const noexcept {
  return is_letter(before) && !is_upper(first) ? inside_ : 0xFF;
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
    unsigned buckets = allowed(at > 0 ? text[at - 1] : '\0', text[at]);
    for (std::size_t b = 0; b < anchor_bytes_min; ++b) {
      buckets &= bytes_[b].buckets[fold(text[at + b])];
    }
    if (buckets != 0 && is_known(text.data() + at)) return at;
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

// All ones for the bytes that are letters.
__attribute__((target("ssse3"))) __m128i are_letters(__m128i bytes) noexcept {
  const __m128i small = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
  // 'a' becomes the least of signed bytes.
  const __m128i from_a = _mm_add_epi8(small, _mm_set1_epi8(static_cast<char>(0x80 - 'a')));
  return _mm_cmplt_epi8(from_a, _mm_set1_epi8(static_cast<char>(0x80 + 26)));
}

__attribute__((target("ssse3"))) __m128i are_capitals(__m128i bytes) noexcept {
  const __m128i from_a = _mm_add_epi8(bytes, _mm_set1_epi8(static_cast<char>(0x80 - 'A')));
  return _mm_cmplt_epi8(from_a, _mm_set1_epi8(static_cast<char>(0x80 + 26)));
}

}  // namespace

// The buckets that the halves of three bytes in a row all have are those whose anchor may begin
// there.
__attribute__((target("ssse3"))) std::size_t AnchorSet::find_wide(std::string_view text,
                                                                  std::size_t from) const noexcept {
  static_assert(anchor_bytes_min == 3);
  constexpr std::size_t lanes = 16;
  constexpr std::size_t block = lanes + anchor_bytes_min - 1;
  if (text.size() <= block) return find_plain(text, from);
  if (from == 0) {  // nothing is known of what stands before
    if (find_plain(text.substr(0, anchor_bytes_min), 0) == 0) return 0;
    from = 1;
  }
  const __m128i none = _mm_setzero_si128();
  const __m128i inside = _mm_set1_epi8(static_cast<char>(inside_));
  const __m128i low_0 = load(bytes_[0].low.data());
  const __m128i low_1 = load(bytes_[1].low.data());
  const __m128i low_2 = load(bytes_[2].low.data());
  const __m128i high_0 = load(bytes_[0].high.data());
  const __m128i high_1 = load(bytes_[1].high.data());
  const __m128i high_2 = load(bytes_[2].high.data());
  const auto places_at = [&](std::size_t begin) __attribute__((target("ssse3"))) {
    const char* const at = text.data() + begin;
    const __m128i in_word = _mm_andnot_si128(are_capitals(load(at)), are_letters(load(at - 1)));
    const __m128i prints = _mm_and_si128(
        look_up(at, low_0, high_0),
        _mm_and_si128(look_up(at + 1, low_1, high_1), look_up(at + 2, low_2, high_2)));
    // Of a word's inside, what `inside` has.
    const __m128i buckets = _mm_andnot_si128(_mm_andnot_si128(inside, in_word), prints);
    return ~static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(buckets, none))) & 0xFFFFU;
  };
  const auto first_known = [&](std::size_t begin, std::uint64_t places) {
    for (; places != 0; places &= places - 1) {
      const std::size_t at = begin + static_cast<std::size_t>(std::countr_zero(places));
      if (is_known(text.data() + at)) return at;
    }
    return text.size();
  };
  for (; from + block <= text.size(); from += lanes) {
    const std::size_t found = first_known(from, places_at(from));
    if (found < text.size()) return found;
  }
  const std::size_t last = text.size() - block;  // again, for what is left of it
  return first_known(last, places_at(last) & (0xFFFFU << (from - last)));
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

#include "detectors/text/plain_words.h"

#include <bit>
#include <cstddef>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace menshen::detectors {

#if defined(__SSE2__)
namespace {

constexpr std::ptrdiff_t lanes = 16;
constexpr unsigned all_lanes = (1U << lanes) - 1;

unsigned bits(__m128i bytes) noexcept { return static_cast<unsigned>(_mm_movemask_epi8(bytes)); }

// Of the bytes from `first` on, 26.
__m128i alphabet_from(__m128i bytes, char first) noexcept {
  constexpr int alphabet = 26;
  // `first` becomes the least of signed bytes.
  const __m128i offset = _mm_set1_epi8(static_cast<char>(-128 - first));
  return _mm_cmplt_epi8(_mm_add_epi8(bytes, offset),
                        _mm_set1_epi8(static_cast<char>(-128 + alphabet)));
}

__m128i equal(__m128i bytes, char c) noexcept { return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(c)); }
__m128i one_of(__m128i bytes, char a, char b, char c) noexcept {
  return _mm_or_si128(_mm_or_si128(equal(bytes, a), equal(bytes, b)), equal(bytes, c));
}

// All below the lowest bit; all, where there is none.
unsigned below(unsigned bits) noexcept { return (bits & (~bits + 1U)) - 1U; }

}  // namespace

// Not inlined: its constants would be loaded anew for each ideograph around it. The places of its
// loads do not hang on what was read, so that they need not wait for it.
[[gnu::noinline]] const char* skip_words(const char* p, const char* end) noexcept {
  const char* behind_mark = p;
  unsigned capital_before = 0;
  for (; end - p >= lanes; p += lanes) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const __m128i small = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
    const unsigned words =
        bits(_mm_or_si128(alphabet_from(small, 'a'), one_of(bytes, '.', '\'', ':')));
    const unsigned blanks = bits(equal(bytes, ' '));
    const unsigned capitals = bits(alphabet_from(bytes, 'A'));
    const unsigned all_marks = blanks | bits(one_of(bytes, ',', '\n', '"'));
    const unsigned stops =
        (~(words | all_marks) & all_lanes) | (blanks & (capitals << 1U | capital_before));
    const unsigned marks = all_marks & below(stops);
    // The word that the bytes before have begun.
    const std::ptrdiff_t begun = (p - behind_mark) + std::countr_one(words);
    if (marks == 0 || begun > skipped_bytes_max) return behind_mark;
    behind_mark = p + std::bit_width(marks);
    if (stops != 0) return behind_mark;
    capital_before = capitals >> (lanes - 1);
  }
  return behind_mark;
}
#else
const char* skip_words(const char* p, const char*) noexcept { return p; }
#endif

}  // namespace menshen::detectors

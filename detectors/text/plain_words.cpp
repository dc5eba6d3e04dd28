#include "detectors/text/plain_words.h"

#include <bit>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace menshen::detectors {

#if defined(__SSE2__)
namespace {

constexpr int lanes = 16;

unsigned bits(__m128i bytes) noexcept { return static_cast<unsigned>(_mm_movemask_epi8(bytes)); }

// Of the bytes from `first` on, 26.
unsigned letters_from(__m128i bytes, char first) noexcept {
  constexpr int alphabet = 26;
  // `first` becomes the least of signed bytes.
  const __m128i offset = _mm_set1_epi8(static_cast<char>(-128 - first));
  return bits(_mm_cmplt_epi8(_mm_add_epi8(bytes, offset),
                             _mm_set1_epi8(static_cast<char>(-128 + alphabet))));
}

unsigned equal(__m128i bytes, char c) noexcept {
  return bits(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(c)));
}

}  // namespace

// Not inlined: its constants would be loaded anew for each ideograph around it.
[[gnu::noinline]] const char* skip_words(const char* p, const char* end) noexcept {
  while (end - p >= lanes) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const unsigned capitals = letters_from(bytes, 'A');
    const unsigned blanks = equal(bytes, ' ');
    const unsigned marks = blanks | equal(bytes, ',') | equal(bytes, '\n') | equal(bytes, '"');
    const unsigned others =
        ~(letters_from(bytes, 'a') | capitals | marks) | (blanks & capitals << 1U);
    // The marks before the first other byte, and the last of them.
    const unsigned before = marks & ((others & (~others + 1U)) - 1U);
    if (before == 0) return p;
    p += std::bit_width(before);
  }
  return p;
}
#else
const char* skip_words(const char* p, const char*) noexcept { return p; }
#endif

}  // namespace menshen::detectors

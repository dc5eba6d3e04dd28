#include "detectors/text/folding.h"

#include "core/unicode.h"

namespace menshen::detectors {
namespace {

constexpr char32_t math_begin = 0x1D400;  // Mathematical Alphanumeric Symbols
constexpr char32_t math_end = 0x1D800;
constexpr char32_t enclosed_begin = 0x1F100;  // Enclosed Alphanumeric Supplement
constexpr char32_t enclosed_end = 0x1F200;
constexpr char32_t tag_begin = 0xE0020;  // tag characters carry invisible ASCII
constexpr char32_t tag_end = 0xE007F;
constexpr char32_t letters_end = 0x2E80;  // radicals, kana and Han begin

std::u32string folded(char32_t c) {
  if (core::ends_line(c)) return U"\n";
  if (core::has_any(c, core::fact::blank)) return U" ";
  if (c < 0x20 || c == 0x7F || core::is_combining(c)) return {};
  std::u32string out = core::compatible_fold(c);
  if (out.size() != 1) return out;
  if (out[0] == c) out[0] = core::simplified(c);
  const char twin = out[0] < letters_end ? core::latin_twin(out[0]) : '\0';
  if (twin != '\0') out[0] = static_cast<unsigned char>(twin);
  return out;
}

}  // namespace

const Folding& Folding::instance() {
  static const Folding folding;
  return folding;
}

Folding::Folding() {
  bmp_.resize(bmp_end);
  for (char32_t c = 0; c < bmp_end; ++c) {
    const bool whole = c >= 0xAC00 && c < 0xF900;  // Hangul, surrogates, private use
    bmp_[c] = whole ? c : pooled(folded(c));
    if (bmp_[c] == c && c != 0) unchanged_[c >> 6U] |= std::uint64_t{1} << (c & 63U);
  }
  for (char32_t c = math_begin; c < math_end; ++c) letters_.push_back(pooled(folded(c)));
  for (char32_t c = enclosed_begin; c < enclosed_end; ++c) letters_.push_back(pooled(folded(c)));
  for (std::size_t c = 0; c < ascii_.size(); ++c) ascii_[c] = static_cast<char>(bmp_[c]);
}

std::uint32_t Folding::pooled(std::u32string_view text) {
  if (text.empty()) return 0;
  if (text.size() == 1) return text[0];
  text = text.substr(0, expansion_max);
  const auto at = static_cast<std::uint32_t>(pool_.size());
  pool_.append(text);
  return expands | at << 4U | static_cast<std::uint32_t>(text.size());
}

std::uint32_t Folding::beyond(char32_t c) const noexcept {
  if (c >= math_begin && c < math_end) return letters_[c - math_begin];
  if (c >= enclosed_begin && c < enclosed_end) {
    return letters_[c - enclosed_begin + (math_end - math_begin)];
  }
  if (c >= tag_begin && c < tag_end) {
    const std::uint32_t ascii = c - 0xE0000;
    return ascii >= U'A' && ascii <= U'Z' ? ascii | 0x20U : ascii;
  }
  if (c >= 0xE0000 && c < 0xE1000) return 0;
  return c;
}

std::size_t Folding::expand(std::uint32_t entry, char32_t* out) const noexcept {
  const std::size_t count = entry & 0xFU;
  const std::size_t at = (entry & ~expands) >> 4U;
  for (std::size_t i = 0; i < count; ++i) out[i] = pool_[at + i];
  return count;
}

}  // namespace menshen::detectors

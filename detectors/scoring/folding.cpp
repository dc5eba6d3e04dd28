#include "detectors/scoring/folding.h"

#include <unicode/normalizer2.h>
#include <unicode/translit.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uspoof.h>

#include <memory>

namespace menshen::detectors::scoring {
namespace {

constexpr char32_t math_begin = 0x1D400;  // Mathematical Alphanumeric Symbols
constexpr char32_t math_end = 0x1D800;
constexpr char32_t enclosed_begin = 0x1F100;  // Enclosed Alphanumeric Supplement
constexpr char32_t enclosed_end = 0x1F200;
constexpr char32_t tag_begin = 0xE0020;  // tag characters carry invisible ASCII
constexpr char32_t tag_end = 0xE007F;

std::u32string code_points(const icu::UnicodeString& text) {
  std::u32string out;
  for (std::int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
    out.push_back(static_cast<char32_t>(text.char32At(i)));
  }
  return out;
}

bool is_ascii_letter(char32_t c) { return (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z'); }

bool is_han(char32_t c) { return (c >= 0x3400 && c < 0xA000) || (c >= 0xF900 && c < 0xFB00); }

bool is_combining(char32_t c) {
  return (c >= 0x300 && c < 0x370) || (c >= 0x1AB0 && c < 0x1B00) || (c >= 0x1DC0 && c < 0x1E00) ||
         (c >= 0x20D0 && c < 0x2100);
}

struct Icu {
  const icu::Normalizer2* casefold = nullptr;
  const icu::Normalizer2* decompose = nullptr;
  std::unique_ptr<USpoofChecker, decltype(&uspoof_close)> spoof{nullptr, uspoof_close};
  UErrorCode status = U_ZERO_ERROR;

  Icu() {
    casefold = icu::Normalizer2::getNFKCCasefoldInstance(status);
    decompose = icu::Normalizer2::getNFDInstance(status);
    spoof.reset(uspoof_open(&status));
  }

  // An accented or look-alike letter becomes the ASCII letter that a reader takes it for.
  char32_t ascii_twin(char32_t c) {
    const icu::UnicodeString one(static_cast<UChar32>(c));
    const auto base = code_points(decompose->normalize(one, status));
    if (!base.empty() && is_ascii_letter(base[0])) return base[0];
    icu::UnicodeString skeleton;
    uspoof_getSkeletonUnicodeString(spoof.get(), 0, one, skeleton, &status);
    const auto seen = code_points(skeleton);
    return seen.size() == 1 && is_ascii_letter(seen[0]) ? seen[0] | 0x20U : c;
  }

  std::u32string fold(char32_t c) {
    if (c == U'\n' || c == U'\r' || c == 0x85 || c == 0x2028 || c == 0x2029) return U"\n";
    if (u_isUWhiteSpace(static_cast<UChar32>(c)) != 0) return U" ";
    if (c < 0x20 || c == 0x7F || is_combining(c)) return {};
    auto out =
        code_points(casefold->normalize(icu::UnicodeString(static_cast<UChar32>(c)), status));
    if (out.size() == 1 && out[0] >= 0x80 && out[0] < 0x2E80 &&
        u_isalpha(static_cast<UChar32>(out[0]))) {
      out[0] = ascii_twin(out[0]);
    }
    return out;
  }
};

// Pairs that the transform leaves alone are already simplified.
bool simplify(std::vector<std::uint32_t>& table) {
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<icu::Transliterator> transform(
      icu::Transliterator::createInstance("Traditional-Simplified", UTRANS_FORWARD, status));
  if (U_FAILURE(status) || !transform) return false;
  icu::UnicodeString all;
  std::vector<char32_t> order;
  for (char32_t c = 0x3400; c < 0xFB00; ++c) {
    if (!is_han(c) || table[c] != c) continue;
    order.push_back(c);
    all.append(static_cast<UChar32>(c)).append(u'\n');
  }
  transform->transliterate(all);
  const auto lines = code_points(all);
  if (lines.size() != order.size() * 2) return false;
  for (std::size_t i = 0; i < order.size(); ++i) table[order[i]] = lines[2 * i];
  return true;
}

}  // namespace

const core::Result<const Folding*>& Folding::instance() {
  static const core::Result<const Folding*> made = make();
  return made;
}

core::Result<const Folding*> Folding::make() {
  static Folding folding;
  if (!folding.build()) {
    return core::gateway_error(core::ErrorKind::internal, "detector_failed",
                               "The character data that the scores need cannot be read.");
  }
  return static_cast<const Folding*>(&folding);
}

bool Folding::build() {
  Icu icu;
  if (U_FAILURE(icu.status)) return false;
  bmp_.resize(bmp_end);
  for (char32_t c = 0; c < bmp_end; ++c) {
    const bool whole = (c >= 0x4E00 && c < 0xA000) || (c >= 0xAC00 && c < 0xF900);
    bmp_[c] = whole ? c : pooled(icu.fold(c));
  }
  for (char32_t c = math_begin; c < math_end; ++c) letters_.push_back(pooled(icu.fold(c)));
  for (char32_t c = enclosed_begin; c < enclosed_end; ++c) letters_.push_back(pooled(icu.fold(c)));
  return U_SUCCESS(icu.status) && simplify(bmp_) && index();
}

// False when ASCII does not fold as fold_ascii() promises.
bool Folding::index() {
  for (char32_t c = 0; c < bmp_end; ++c) {
    if (bmp_[c] == c && c != 0) unchanged_[c >> 6U] |= std::uint64_t{1} << (c & 63U);
  }
  for (char32_t c = 0; c < ascii_.size(); ++c) {
    if (bmp_[c] >= ascii_.size()) return false;
    ascii_[c] = static_cast<char>(bmp_[c]);
  }
  return true;
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

}  // namespace menshen::detectors::scoring

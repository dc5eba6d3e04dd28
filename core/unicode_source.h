// Where the table of core/unicode.h comes from: ICU, asked for one code point at a time. For
// unicode_main.cpp, which writes the table, and unicode_test.cpp, which compares it.
//
// Throws std::runtime_error when ICU lacks data. One thread at a time.
#pragma once

#include "core/general_class.h"
#include "core/unicode.h"

#include <unicode/normalizer2.h>
#include <unicode/translit.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>
#include <unicode/uspoof.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace menshen::core {

class UnicodeSource {
 public:
  UnicodeSource() : spoof_(uspoof_open(&status_), uspoof_close) {
    nfd_ = icu::Normalizer2::getNFDInstance(status_);
    nfkc_ = icu::Normalizer2::getNFKCInstance(status_);
    nfkc_casefold_ = icu::Normalizer2::getNFKCCasefoldInstance(status_);
    simplify_.reset(
        icu::Transliterator::createInstance("Traditional-Simplified", UTRANS_FORWARD, status_));
    check();
  }

  [[nodiscard]] static std::uint8_t facts(char32_t c) {
    const auto code = static_cast<UChar32>(c);
    const auto category = u_charType(code);
    const bool number = category == U_LETTER_NUMBER || category == U_OTHER_NUMBER;
    const bool ignorable = u_hasBinaryProperty(code, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) != 0;
    unsigned bits = 0;
    if (u_isalpha(code) != 0) bits |= fact::letter;
    if (u_isupper(code) != 0) bits |= fact::capital;
    if (is_word_letter(code)) bits |= fact::word_letter;
    if (u_isUWhiteSpace(code) != 0) bits |= fact::blank;
    if (category == U_CONTROL_CHAR) bits |= fact::control;
    if (category == U_FORMAT_CHAR) bits |= fact::format;
    if (ignorable) bits |= fact::ignorable;
    if (number) bits |= fact::number;
    return static_cast<std::uint8_t>(bits);
  }

  [[nodiscard]] static GeneralClass general_class(char32_t c) {
    switch (u_charType(static_cast<UChar32>(c))) {
      case U_UPPERCASE_LETTER:
      case U_TITLECASE_LETTER: return GeneralClass::upper;
      case U_LOWERCASE_LETTER: return GeneralClass::lower;
      case U_MODIFIER_LETTER:
      case U_OTHER_LETTER: return GeneralClass::letter;
      case U_NON_SPACING_MARK:
      case U_ENCLOSING_MARK:
      case U_COMBINING_SPACING_MARK: return GeneralClass::mark;
      case U_DECIMAL_DIGIT_NUMBER:
      case U_LETTER_NUMBER:
      case U_OTHER_NUMBER: return GeneralClass::number;
      default: return GeneralClass::other;
    }
  }

  [[nodiscard]] static char32_t simple_fold(char32_t c) {
    return static_cast<char32_t>(u_foldCase(static_cast<UChar32>(c), U_FOLD_CASE_DEFAULT));
  }

  [[nodiscard]] static int decimal_digit(char32_t c) {
    const auto code = static_cast<UChar32>(c);
    return u_charType(code) == U_DECIMAL_DIGIT_NUMBER ? u_charDigitValue(code) : -1;
  }

  [[nodiscard]] static int whole_number(char32_t c) {
    if ((facts(c) & fact::number) == 0) return -1;
    const double value = u_getNumericValue(static_cast<UChar32>(c));
    const bool whole = value >= 0 && value < 256 && value == static_cast<int>(value);
    return whole ? static_cast<int>(value) : -1;
  }

  [[nodiscard]] std::u32string compatible(char32_t c) { return normal(*nfkc_, c); }

  [[nodiscard]] std::u32string compatible_fold(char32_t c) { return normal(*nfkc_casefold_, c); }

  [[nodiscard]] char latin_twin(char32_t c) {
    if (c < 0x80 || (facts(c) & fact::letter) == 0) return '\0';
    if (compatible_fold(c) != std::u32string(1, c)) return '\0';
    const std::u32string base = normal(*nfd_, c);
    if (!base.empty() && is_ascii_letter(base[0])) return static_cast<char>(base[0] | 0x20U);
    icu::UnicodeString skeleton;
    uspoof_getSkeletonUnicodeString(spoof_.get(), 0, icu::UnicodeString(static_cast<UChar32>(c)),
                                    skeleton, &status_);
    check();
    const std::u32string seen = code_points(skeleton);
    const bool one = seen.size() == 1 && is_ascii_letter(seen[0]);
    return one ? static_cast<char>(seen[0] | 0x20U) : '\0';
  }

  // A line of its own, because some rules look at what stands around.
  [[nodiscard]] char32_t simplified(char32_t c) const {
    const bool ideograph = (c >= 0x3400 && c < 0xa000) || (c >= 0xf900 && c < 0xfb00);
    if (!ideograph) return c;
    icu::UnicodeString line(static_cast<UChar32>(c));
    simplify_->transliterate(line.append(u'\n'));
    const std::u32string out = code_points(line);
    return out.size() == 2 ? out[0] : c;
  }

 private:
  static bool is_ascii_letter(char32_t c) {
    return (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z');
  }

  // Writing systems whose words stand without blanks part values; the others' letters are part of
  // words.
  static bool is_word_letter(UChar32 c) {
    if (u_hasBinaryProperty(c, UCHAR_ALPHABETIC) == 0) return false;
    UErrorCode status = U_ZERO_ERROR;
    switch (uscript_getScript(c, &status)) {
      case USCRIPT_HAN:
      case USCRIPT_HIRAGANA:
      case USCRIPT_KATAKANA:
      case USCRIPT_HANGUL:
      case USCRIPT_BOPOMOFO:
      case USCRIPT_YI:
      case USCRIPT_THAI:
      case USCRIPT_LAO:
      case USCRIPT_KHMER:
      case USCRIPT_MYANMAR:
      case USCRIPT_TIBETAN:
      case USCRIPT_COMMON:
      case USCRIPT_INHERITED: return false;
      default: return U_SUCCESS(status) != 0;
    }
  }

  static std::u32string code_points(const icu::UnicodeString& text) {
    std::u32string out;
    for (std::int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
      out.push_back(static_cast<char32_t>(text.char32At(i)));
    }
    return out;
  }

  std::u32string normal(const icu::Normalizer2& form, char32_t c) {
    const icu::UnicodeString one(static_cast<UChar32>(c));
    const icu::UnicodeString out = form.normalize(one, status_);
    check();
    return code_points(out);
  }

  void check() const {
    if (U_FAILURE(status_)) throw std::runtime_error(u_errorName(status_));
  }

  UErrorCode status_ = U_ZERO_ERROR;
  std::unique_ptr<USpoofChecker, decltype(&uspoof_close)> spoof_;
  const icu::Normalizer2* nfd_ = nullptr;
  const icu::Normalizer2* nfkc_ = nullptr;
  const icu::Normalizer2* nfkc_casefold_ = nullptr;
  std::unique_ptr<icu::Transliterator> simplify_;
};

}  // namespace menshen::core

// For tests: a tagger that needs a sentence. In one that speaks of a patient (病人, 患者), however
// far before, a title and the name behind it are found across blanks, commas and full stops:
//
//   The patient was seen by Prof. , John  Smith.      "Prof. , John  Smith"
//   患者今天由教授张伟接诊。                            "教授张伟"
#pragma once

#include "detectors/catalog.h"
#include "detectors/registered.h"
#include "detectors/tagger.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace menshen::detectors::testing {

class TitledName final : public Tagger {
 public:
  static constexpr core::FindingType type{"titled_name", core::Category::name, "TITLED_NAME",
                                          "A title and a name, in a sentence about a patient."};

  std::string_view name() const noexcept override { return "titled_name"; }
  unsigned version() const noexcept override { return 1; }
  std::span<const core::FindingType* const> types() const noexcept override { return types_; }

  core::Result<void> tag(const TokenWindow& window, TaggerState& state,
                         Matches& matches) const override {
    for (std::size_t i = window.owned_begin; i < window.owned_end; ++i) {
      if (speaks_of_patient(window, i)) state[0] = 1;
      const std::size_t title = title_tokens(window, i);
      if (state[0] == 0 || title == 0) continue;
      const std::size_t end = name_end(window, i + title);
      if (end == 0) continue;
      matches.add(type, window.tokens[i].begin, window.tokens[end - 1].end, 0.8F);
    }
    return {};
  }

 private:
  static std::string_view two(const TokenWindow& window, std::size_t i) {
    if (i + 1 >= window.tokens.size()) return {};
    const Token& first = window.tokens[i];
    return window.text.substr(first.begin, window.tokens[i + 1].end - first.begin);
  }
  static bool speaks_of_patient(const TokenWindow& window, std::size_t i) {
    return window.text_of(i) == "patient" || two(window, i) == "病人" || two(window, i) == "患者";
  }
  static std::size_t title_tokens(const TokenWindow& window, std::size_t i) {
    constexpr std::array<std::string_view, 4> titles{"Dr", "Mr", "Mrs", "Prof"};
    if (std::ranges::find(titles, window.text_of(i)) != titles.end()) return 1;
    return two(window, i) == "教授" || two(window, i) == "医生" ? 2 : 0;
  }
  // One past the name; 0: none.
  static std::size_t name_end(const TokenWindow& window, std::size_t i) {
    while (i < window.tokens.size() && window.tokens[i].kind == TokenKind::mark) ++i;
    const bool han = i < window.tokens.size() && window.tokens[i].kind == TokenKind::character;
    constexpr std::size_t parts_max = 2;
    std::size_t end = i;
    while (end < window.tokens.size() && end - i < parts_max && is_part(window, end, han)) ++end;
    return end == i ? 0 : end;
  }
  static bool is_part(const TokenWindow& window, std::size_t i, bool han) {
    if (han) return window.tokens[i].kind == TokenKind::character;
    const char c = window.text_of(i)[0];
    return window.tokens[i].kind == TokenKind::word && c >= 'A' && c <= 'Z';
  }

  static constexpr std::array<const core::FindingType*, 1> types_{&type};
};

// All of this build that finds forms, and one tagger: this one, if no other is named.
inline std::shared_ptr<const Catalog> catalog_with_tagger(const Tagger* other = nullptr) {
  static const TitledName tagger;
  return std::make_shared<const Catalog>(
      registered_detectors(), registered_numbers(),
      std::vector<const Tagger*>{other != nullptr ? other : &tagger});
}

}  // namespace menshen::detectors::testing

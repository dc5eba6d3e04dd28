#include "detectors/grounding/silence.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace menshen::detectors::scoring {
namespace {

constexpr std::size_t tokens_max = 60;
constexpr std::size_t verb_within = 3;  // tokens behind the negation
constexpr std::size_t noun_within = 5;

template <std::size_t count>
bool is_any(const Token& token, const std::array<std::uint64_t, count>& words) {
  return token.kind == TokenKind::word && std::ranges::find(words, token.hash) != words.end();
}

const auto& source_words() {
  static const std::array words{word_hash("document"), word_hash("source"),   word_hash("text"),
                                word_hash("passage"),  word_hash("article"),  word_hash("context"),
                                word_hash("file"),     word_hash("material"), word_hash("page"),
                                word_hash("excerpt"),  word_hash("provided"), word_hash("given")};
  return words;
}

const auto& telling_words() {
  static const std::array words{
      word_hash("say"),       word_hash("said"),    word_hash("mention"),   word_hash("mentioned"),
      word_hash("state"),     word_hash("stated"),  word_hash("specify"),   word_hash("specified"),
      word_hash("find"),      word_hash("found"),   word_hash("tell"),      word_hash("answer"),
      word_hash("answered"),  word_hash("discuss"), word_hash("discussed"), word_hash("address"),
      word_hash("addressed"), word_hash("describe")};
  return words;
}

const auto& told_words() {
  static const std::array words{
      word_hash("information"), word_hash("mention"),    word_hash("detail"),   word_hash("answer"),
      word_hash("evidence"),    word_hash("indication"), word_hash("reference")};
  return words;
}

// "do not mention", "contain no information": the negation leads to what is told, and only words
// without a claim stand between.
bool denies_telling(std::span<const Token> behind) {
  for (std::size_t i = 0; i < std::min(behind.size(), noun_within); ++i) {
    if (i < verb_within && is_any(behind[i], telling_words())) return true;
    if (is_any(behind[i], told_words())) return true;
  }
  return false;
}

bool silent_in_english(std::span<const Token> sentence) {
  const auto names_source = [](const Token& token) { return is_any(token, source_words()); };
  if (std::ranges::none_of(sentence, names_source)) return false;
  for (std::size_t i = 0; i < sentence.size(); ++i) {
    if (sentence[i].kind == TokenKind::word && is_negation(sentence[i]) &&
        denies_telling(sentence.subspan(i + 1)))
      return true;
  }
  return false;
}

bool silent_in_chinese(std::span<const Token> sentence) {
  static constexpr std::array<std::u32string_view, 18> denials{
      U"没有提到", U"没提到",   U"未提到",   U"没有提及", U"未提及", U"没有说明",
      U"未说明",   U"没有写",   U"没有找到", U"未找到",   U"找不到", U"没有给出",
      U"未给出",   U"没有涉及", U"未涉及",   U"没有回答", U"没有说", U"没有相关信息"};
  static constexpr std::array<std::u32string_view, 8> named{U"文中", U"文档", U"资料", U"材料",
                                                            U"来源", U"原文", U"文章", U"上下文"};
  std::u32string han;
  for (const Token& token : sentence) {
    if (token.kind == TokenKind::han) han.push_back(static_cast<char32_t>(token.hash));
  }
  const auto stands = [&](std::u32string_view words) {
    return han.find(words) != std::u32string::npos;
  };
  return std::ranges::any_of(named, stands) && std::ranges::any_of(denials, stands);
}

}  // namespace

bool says_sources_are_silent(std::span<const Token> sentence) {
  if (sentence.size() > tokens_max) return false;
  return silent_in_english(sentence) || silent_in_chinese(sentence);
}

}  // namespace menshen::detectors::scoring

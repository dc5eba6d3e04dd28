#include "detectors/labelled_secret/spoken_behind.h"

#include "detectors/values/boundary.h"

#include <algorithm>
#include <array>

namespace menshen::detectors::labelled_secret {
namespace {

struct Name {
  std::string_view text;
  Family family = Family::password;
};
constexpr auto names = std::to_array<Name>({{"password"},
                                            {"passwd"},
                                            {"passphrase"},
                                            {"passcode"},
                                            {"pwd"},
                                            {"pin", Family::pin},
                                            {"pin code", Family::pin},
                                            {"api key", Family::secret},
                                            {"access token", Family::secret},
                                            {"secret key", Family::secret},
                                            {"access key", Family::secret}});
constexpr auto han_names = std::to_array<Name>({{"密码"},
                                                {"密碼"},
                                                {"口令"},
                                                {"密钥", Family::secret},
                                                {"密鑰", Family::secret},
                                                {"秘钥", Family::secret}});

// Before the name: it is none, or one of an example.
constexpr auto doubts = std::to_array<std::string_view>(
    {"not",       "no",      "wrong",   "weak",  "strong", "bad",       "good",
     "common",    "example", "invalid", "valid", "longer", "different", "hashed",
     "encrypted", "fake",    "sample",  "old",   "than",   "in"});
constexpr auto han_doubts = std::to_array<std::string_view>(
    {"不", "没", "错", "弱", "强", "例", "加密", "忘", "改", "旧", "吗"});

// Behind it: what goes on with the sentence.
constexpr auto goes_on = std::to_array<std::string_view>(
    {"for",    "to",    "of",   "on",  "at",    "and",     "now", "so",     "but",
     "please", "there", "here", "too", "again", "today",   "ok",  "thanks", "btw",
     "lol",    "can",   "i",    "why", "which", "because", "if",  "when"});

std::string_view word_of(std::string_view text) noexcept {
  std::size_t end = 0;
  while (end < text.size() && is_letter(text[end])) ++end;
  return text.substr(0, end);
}

template <class List>
bool in(const List& list, std::string_view word) noexcept {
  return std::ranges::any_of(list,
                             [word](std::string_view w) { return equal_ignoring_case(w, word); });
}

std::optional<Family> named_in_han(std::string_view phrase) noexcept {
  constexpr std::size_t before_max = 18;  // 生产环境数据库
  constexpr auto endings =
      std::to_array<std::string_view>({"请", "哦", "啊", "呢", "了", "别", "记", " "});
  for (const Name& name : han_names) {
    const std::size_t at = phrase.find(name.text);
    if (at == phrase.npos || at > before_max) continue;
    const std::string_view before = phrase.substr(0, at);
    const std::string_view rest = phrase.substr(at + name.text.size());
    const bool doubtful = std::ranges::any_of(
        han_doubts, [before](std::string_view d) { return before.find(d) != before.npos; });
    const bool ends = rest.empty() || std::ranges::any_of(endings, [rest](std::string_view e) {
                        return rest.starts_with(e);
                      });
    if (!doubtful && ends) return name.family;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Family> named_behind(std::string_view phrase) noexcept {
  constexpr int words_max = 4;
  if (const auto family = named_in_han(phrase)) return family;
  for (int words = 0; words < words_max; ++words) {
    phrase = without_blanks_before(phrase);
    for (const Name& name : names) {
      if (!equal_ignoring_case(phrase.substr(0, name.text.size()), name.text)) continue;
      const std::string_view rest = phrase.substr(name.text.size());
      if (!rest.empty() && rest[0] != ' ') continue;
      const std::string_view next = without_blanks_before(rest);
      if (word_of(next).empty() || in(goes_on, word_of(next))) return name.family;
    }
    const std::string_view word = word_of(phrase);
    if (word.empty() || in(doubts, word)) return std::nullopt;
    phrase.remove_prefix(word.size());
  }
  return std::nullopt;
}

}  // namespace menshen::detectors::labelled_secret

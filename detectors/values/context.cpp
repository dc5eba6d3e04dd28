#include "detectors/values/context.h"

#include "core/limits.h"
#include "detectors/values/boundary.h"

#include <algorithm>
#include <array>
#include <bitset>

namespace menshen::detectors {
namespace {

// The context in lower case, and which pairs of bytes occur in it: nearly all words are dismissed
// by their first and last pair.
class Lowered {
 public:
  explicit Lowered(std::string_view context) noexcept : size_(context.size()) {
    for (std::size_t i = 0; i < size_; ++i) {
      text_[i] = to_lower(context[i]);
      if (i > 0) seen_.set(pair(text_[i - 1], text_[i]));
    }
  }
  [[nodiscard]] std::string_view text() const noexcept { return {text_.data(), size_}; }
  [[nodiscard]] bool may_hold(std::string_view word) const noexcept {
    if (word.size() > size_) return false;
    if (word.size() < 2) return true;
    return seen_[pair(word[0], word[1])] && seen_[pair(word[word.size() - 2], word.back())];
  }

 private:
  static constexpr std::size_t pairs = 1024;
  static std::size_t pair(char a, char b) noexcept {
    return (static_cast<unsigned char>(a) * 37U + static_cast<unsigned char>(b)) % pairs;
  }

  std::array<char, core::context_bytes_max> text_{};
  std::size_t size_;
  std::bitset<pairs> seen_;
};

// In capitals a word ends where a name in another case begins (MACAddress), or a word that labels
// are made with does (PHONENUMBER); MAC is no part of MACRON.
bool ends_capitals(std::string_view original, std::size_t end) noexcept {
  static constexpr std::array<std::string_view, 9> makers{"number", "numbers", "no",   "num", "nr",
                                                          "code",   "address", "addr", "id"};
  if (!is_upper(original[end - 1]) || !is_upper(original[end])) return true;
  std::size_t behind = end;
  while (behind < original.size() && is_letter(original[behind])) ++behind;
  if (end + 1 < behind && is_lower(original[end + 1])) return true;
  const std::string_view rest = original.substr(end, behind - end);
  return std::ranges::any_of(
      makers, [rest](std::string_view maker) { return equal_ignoring_case(rest, maker); });
}

// `original` keeps its case: a compound such as "phoneNumber" still holds the word.
bool is_whole(std::string_view original, std::size_t at, std::string_view word) noexcept {
  const std::size_t end = at + word.size();
  const bool begins = at == 0 || !is_letter(original[at - 1]) || !is_letter(word.front());
  if (end >= original.size() || !is_letter(original[end]) || !is_letter(word.back())) return begins;
  const bool plural = to_lower(original[end]) == 's' &&
                      (end + 1 >= original.size() || !is_letter(original[end + 1]));
  return begins && (plural || (is_upper(original[end]) && ends_capitals(original, end)));
}

bool ends_with_word(std::string_view context, std::string_view word) noexcept {
  if (context.size() < word.size()) return false;
  const std::size_t at = context.size() - word.size();
  return equal_ignoring_case(context.substr(at), word) && is_whole(context, at, word);
}

}  // namespace

std::size_t last_word(std::string_view context, Words words) noexcept {
  if (context.empty()) return no_word;
  context = context.substr(context.size() - std::min(context.size(), core::context_bytes_max));
  const Lowered lowered(context);
  std::size_t last = no_word;
  for (const std::string_view word : words) {
    if (!lowered.may_hold(word)) continue;
    for (std::size_t at = lowered.text().rfind(word); at != std::string_view::npos;
         at = lowered.text().rfind(word, at - 1)) {
      if (last != no_word && at + word.size() <= last) break;
      if (is_whole(context, at, word)) last = at + word.size();
      if (at == 0) break;
    }
  }
  return last;
}

bool labelled(std::string_view context, Words words) noexcept {
  static constexpr std::array<std::string_view, 13> fillers{
      "number", "no", "num", "nr", "id", "code", "is", "号", "码", "为", "是", "：", "值"};
  while (!context.empty()) {
    const auto ends = [context](std::string_view word) { return ends_with_word(context, word); };
    if (std::ranges::any_of(words, ends)) return true;
    const auto filler = std::ranges::find_if(fillers, ends);
    if (filler != fillers.end()) {
      context.remove_suffix(filler->size());
    } else if (std::string_view(" :=#\"'._-([").find(context.back()) != std::string_view::npos) {
      context.remove_suffix(1);
    } else {
      return false;
    }
  }
  return false;
}

Words number_labels() noexcept {
  static constexpr std::array<std::string_view, 44> words{
      "order",  "tracking", "waybill", "invoice",  "serial", "isbn",        "issn",  "timestamp",
      "time",   "ts",       "uuid",    "guid",     "hash",   "commit",      "sha",   "sku",
      "ticket", "case",     "version", "revision", "build",  "transaction", "trace", "request",
      "订单",   "运单",     "快递单",  "物流",     "单号",   "流水",        "编号",  "序列号",
      "发票",   "时间戳",   "版本",    "条码",     "条形码", "书号",        "案号",  "批号",
      "工单",   "統一編號", "訂單",    "追踪号"};
  return words;
}

}  // namespace menshen::detectors

#include "detectors/values/context.h"

#include "detectors/values/boundary.h"

#include <algorithm>
#include <array>

namespace menshen::detectors {
namespace {

bool matches_at(std::string_view context, std::size_t at, std::string_view word) noexcept {
  const std::string_view there = context.substr(at, word.size());
  return std::ranges::equal(there, word, {}, to_lower);
}

bool is_whole(std::string_view context, std::size_t at, std::string_view word) noexcept {
  const std::size_t end = at + word.size();
  const bool begins = at == 0 || !is_letter(context[at - 1]) || !is_letter(word.front());
  // A plural, or a compound such as "phoneNumber", still is the word.
  const bool ends =
      end >= context.size() || !is_lower(context[end]) || !is_letter(word.back()) ||
      (context[end] == 's' && (end + 1 >= context.size() || !is_letter(context[end + 1])));
  return begins && ends;
}

}  // namespace

std::size_t last_word(std::string_view context, Words words) noexcept {
  std::size_t last = no_word;
  for (const std::string_view word : words) {
    if (word.size() > context.size()) continue;
    for (std::size_t at = context.size() - word.size() + 1; at-- > 0;) {
      if (last != no_word && at + word.size() <= last) break;
      if (to_lower(context[at]) != word.front() || !matches_at(context, at, word) ||
          !is_whole(context, at, word)) {
        continue;
      }
      last = at + word.size();
      break;
    }
  }
  return last;
}

bool labelled(std::string_view context, Words words) noexcept {
  static constexpr std::array<std::string_view, 13> fillers{
      "number", "no", "num", "nr", "id", "code", "is", "号", "码", "为", "是", "：", "值"};
  const auto strip = [&](std::string_view tail) {
    if (context.size() < tail.size() || last_word(context, {&tail, 1}) != context.size())
      return false;
    context.remove_suffix(tail.size());
    return true;
  };
  for (bool stripped = true; stripped && !context.empty();) {
    if (std::ranges::any_of(words, [&](std::string_view w) {
          return last_word(context, {&w, 1}) == context.size();
        })) {
      return true;
    }
    stripped = std::string_view(" :=#\"'._-([").find(context.back()) != std::string_view::npos;
    if (stripped) {
      context.remove_suffix(1);
    } else {
      stripped = std::ranges::any_of(fillers, strip);
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

#include "detectors/address/chinese_parts.h"

#include <algorithm>
#include <array>

namespace menshen::detectors::address {
namespace {

constexpr std::u32string_view han_numerals = U"一二三四五六七八九十百零〇两";
constexpr std::u32string_view joins = U"-之/~—–";
constexpr std::size_t digits_max = 5;

// 号 of other things: 号线, 号码, 号机.
constexpr std::u32string_view other_numbers = U"线码机令文称召角手牌型钢汽柴字井站桩球员公桥口期";

std::size_t skip_digits(const Text& text, std::size_t i) {
  const std::size_t from = i;
  while (is_decimal(text.at(i)) && i - from <= digits_max) ++i;
  return i - from > digits_max ? from : i;
}

// 88, 88A, 3-2-502, 45之1, 甲88
std::size_t skip_number(const Text& text, std::size_t i) {
  std::size_t end = skip_digits(text, i);
  if (end == i) return i;
  for (int groups = 0; groups < 3 && is_one_of(text.at(end), joins); ++groups) {
    std::size_t next = end + 1;
    if (is_ascii_letter(text.at(next))) ++next;
    const std::size_t after = skip_digits(text, next);
    if (after == next) break;
    end = after;
  }
  if (is_ascii_letter(text.at(end)) && !is_ascii_letter(text.at(end + 1)) &&
      !is_decimal(text.at(end + 1)) && text.at(end) != U'F') {
    ++end;
  }
  return end;
}

std::size_t skip_han_number(const Text& text, std::size_t i) {
  constexpr std::size_t numerals_max = 5;
  std::size_t end = i;
  while (end - i < numerals_max && is_one_of(text.at(end), han_numerals)) ++end;
  return end;
}

// What is counted, from `i` on.
Number counted(const Text& text, std::size_t i) {
  const char32_t c = text.at(i);
  if (c == U'号') {
    const char32_t next = text.at(i + 1);
    if (is_one_of(next, U"楼栋幢")) return {Counts::building, i + 2};
    if (next == U'院' || next == U'弄') return {Counts::house, i + 2};
    if (is_one_of(next, other_numbers)) return {};
    return {Counts::house, i + 1};
  }
  if (c == U'#') {
    const bool spelled = is_one_of(text.at(i + 1), U"楼栋");
    return {Counts::building, i + (spelled ? 2U : 1U)};
  }
  if (is_one_of(c, U"弄巷")) return {Counts::house, i + 1};
  if (is_one_of(c, U"幢栋座")) return {Counts::building, i + 1};
  if (text.starts(i, U"单元")) return {Counts::unit, i + 2};
  if (c == U'门' && !is_han(text.at(i + 1))) return {Counts::unit, i + 1};
  if (is_one_of(c, U"层楼")) {
    // 8楼之2
    const std::size_t more = text.at(i + 1) == U'之' ? skip_digits(text, i + 2) : i + 2;
    return {Counts::floor, more > i + 2 ? more : i + 1};
  }
  if (c == U'F' && !is_ascii_letter(text.at(i + 1)) && !is_decimal(text.at(i + 1))) {
    return {Counts::floor, i + 1};
  }
  if (is_one_of(c, U"室户房")) return {Counts::room, i + 1};
  if (is_one_of(c, U"组队邻社")) return {Counts::group, i + 1};
  if (is_one_of(c, U"段期区")) return {Counts::section, i + 1};
  return {};
}

// A座, B1层, C区: letters and at most three digits before what they count.
Number lettered(const Text& text, std::size_t i) {
  constexpr std::size_t letters_max = 2;
  std::size_t end = i;
  while (is_ascii_letter(text.at(end)) && end - i < letters_max) ++end;
  if (end == i || is_ascii_letter(text.at(end))) return {};
  const std::size_t digits = skip_number(text, end);
  for (const std::size_t at : {digits, text.skip_blanks(digits)}) {
    const Number number = counted(text, at);
    if (number.counts != Counts::nothing) return number;
  }
  if (digits == end || is_han(text.at(digits)) || is_ascii_letter(text.at(digits))) return {};
  return {Counts::plain, digits};
}

}  // namespace

Number number_at(const Text& text, std::size_t i) {
  const char32_t c = text.at(i);
  if (is_ascii_letter(c)) return lettered(text, i);
  if (is_decimal(c)) {
    const std::size_t end = skip_number(text, i);
    if (end == i) return {};
    Number number = counted(text, end);
    if (number.counts == Counts::nothing && text.at(end) == U' ') {
      number = counted(text, text.skip_blanks(end));
      if (number.counts == Counts::floor && text.at(number.end - 1) == U'F') number = {};
    }
    if (number.counts == Counts::nothing) number = {Counts::plain, end};
    return number;
  }
  const std::size_t end = skip_han_number(text, i);
  return end == i ? Number{} : counted(text, end);
}

bool is_function_word(char32_t c) noexcept {
  return is_one_of(c, U"的了在是我你他她它这被把们吗呢吧就但或及而请问让去到住寄送给往于每个为");
}

bool may_be_function_word(char32_t c) noexcept {
  return is_function_word(c) || is_one_of(c, U"和与从由经自至沿近将过向对有来址在了");
}

bool is_no_road(const Text& text, std::size_t i) {
  constexpr std::array<std::u32string_view, 70> others{
      U"电路", U"线路", U"道路", U"链路", U"思路", U"铁路", U"套路", U"网路", U"通路", U"回路",
      U"管路", U"气路", U"油路", U"水路", U"光路", U"旁路", U"短路", U"断路", U"开路", U"马路",
      U"岔路", U"出路", U"支路", U"走路", U"公路", U"高铁", U"频道", U"通道", U"管道", U"渠道",
      U"轨道", U"隧道", U"车道", U"赛道", U"跑道", U"知道", U"报道", U"信道", U"航道", U"味道",
      U"步道", U"地道", U"河道", U"柔道", U"弯道", U"弹道", U"栈道", U"街道", U"磁道", U"那里",
      U"这里", U"哪里", U"公里", U"海里", U"英里", U"手里", U"家里", U"心里", U"城里", U"里里",
      U"字段", U"阶段", U"时段", U"片段", U"网段", U"号段", U"路段", U"手段", U"分段", U"多路"};
  return std::ranges::any_of(others, [&](std::u32string_view word) { return text.ends(i, word); });
}

Before what_ends(const Text& text, std::size_t i) {
  if (i == 0) return Before::nothing;
  const char32_t c = text.at(i - 1);
  const char32_t before = i > 1 ? text.at(i - 2) : 0;
  if (is_one_of(c, U"路街道巷弄里段")) return Before::road;
  if (text.ends(i, U"胡同")) return Before::road;
  if (is_one_of(c, U"东西南北中") && is_one_of(before, U"路街道")) return Before::road;
  if (is_one_of(c, U"栋幢座") || text.ends(i, U"单元")) return Before::building;
  if (is_one_of(c, U"村屯寨庄组队")) return Before::village;
  if (is_one_of(c, U"园苑城厦场心寓庭府湾邨楼期区馆院厂际居轩阁筑墅都坊")) return Before::estate;
  if (is_one_of(c, U"镇乡")) return Before::village;
  return Before::nothing;
}

bool announces(const Text& text, std::size_t i) {
  constexpr std::array<std::u32string_view, 22> words{
      U"地址", U"住址", U"地点", U"位于", U"住在",   U"家住",   U"寄到",   U"送到",
      U"寄往", U"送至", U"寄至", U"收货", U"所在地", U"办公地", U"注册地", U"居住地",
      U"户籍", U"现居", U"坐落", U"座落", U"搬到",   U"住所"};
  return std::ranges::any_of(words, [&](std::u32string_view word) { return text.ends(i, word); });
}

bool is_announced(const Text& text, std::size_t i) {
  constexpr std::size_t between_max = 4;
  for (std::size_t skipped = 0; skipped <= between_max && i > 0; ++skipped, --i) {
    if (announces(text, i)) return true;
    if (!is_one_of(text.at(i - 1), U"：: 为是在于“\"'「=|在")) return false;
  }
  return false;
}

}  // namespace menshen::detectors::address

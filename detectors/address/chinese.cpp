#include "detectors/address/chinese.h"

#include "detectors/address/chinese_parts.h"
#include "detectors/address/places.h"

#include <algorithm>

namespace menshen::detectors::address {
namespace {

constexpr std::size_t rest_max = 24;  // between the divisions and the first number
constexpr std::size_t name_max = 7;   // of a road without divisions, with its 路
constexpr std::size_t estate_max = 14;
constexpr std::size_t address_bytes_max = 3 * core::match_bytes_max / 4;

// What is counted elsewhere, too: 3栋361人
bool is_measure(char32_t c) noexcept {
  return is_one_of(c, U"个人户米元年月日次平套家件台辆层楼号多余名块万千百吨公斤分秒点折度页条张");
}

class Reader {
 public:
  explicit Reader(const Text& text) : text_(text), at_(text.number()) {}

  Found read() {
    number_ = number_at(text_, at_);
    if (number_.counts == Counts::nothing || number_.counts == Counts::section) return {};
    before_end_ = at_;
    while (text_.is_open(before_end_) && text_.at(before_end_ - 1) == U' ') --before_end_;
    if (text_.is_open(before_end_) && is_one_of(text_.at(before_end_ - 1), U"甲乙丙丁")) {
      --before_end_;
    }
    before_ = what_ends(text_, before_end_);
    if (before_ == Before::nothing || !fits()) return {};
    end_ = number_.end;
    last_ = number_.counts;
    numbers_ = 1;
    find_begin();
    if (begin_ >= before_end_) return {};
    read_rest();
    return {begin_, end_, sure()};
  }

 private:
  enum class Division : std::uint8_t { none, doubtful, known };

  // Is the number one of what stands before it?
  [[nodiscard]] bool fits() const {
    const bool ends = !is_han(text_.at(number_.end)) && !is_ascii_letter(text_.at(number_.end));
    switch (number_.counts) {
      case Counts::house: return before_ != Before::building;
      case Counts::group: return before_ == Before::village;
      case Counts::plain: return ends && !is_one_of(text_.at(number_.end), U".%:,/+*=°℃");
      default: return before_ != Before::road || number_.counts == Counts::building;
    }
  }

  void find_begin() {
    begin_ = before_end_;
    for (std::size_t b = text_.begin(); b < before_end_; ++b) {
      if (!is_han(text_.at(b))) continue;
      const Place place = place_at(text_, b, before_end_);
      if (place.level == Level::none || place.level == Level::short_district) continue;
      if (!leads_here(place.end)) continue;
      begin_ = b;
      division_ = Division::known;
      return;
    }
    if (before_ == Before::road) {
      begin_ = road_begin();
    } else if (before_ == Before::estate || before_ == Before::village) {
      begin_ = estate_begin();
    }
  }

  // From the end of a division on: more of them, and then a name.
  [[nodiscard]] bool leads_here(std::size_t i) const {
    for (;;) {
      while (i < before_end_ && is_one_of(text_.at(i), U" ,，·")) ++i;
      const Place place = place_at(text_, i, before_end_);
      // 中山路: what is left must be a name
      if (place.level == Level::none || place.end + 2 > before_end_) break;
      i = place.end;
    }
    if (i + 2 > before_end_ || before_end_ - i > rest_max) return false;
    for (; i < before_end_; ++i) {
      const char32_t c = text_.at(i);
      if (is_function_word(c)) return false;
    }
    return true;
  }

  // A name of a road that no division precedes: up to a word of the sentence, or what names
  // mostly have.
  [[nodiscard]] std::size_t road_begin() const {
    if (is_no_road(text_, before_end_)) return before_end_;
    const char32_t last = text_.at(before_end_ - 1);
    if (is_one_of(last, U"里段弄")) return before_end_;
    if (last == U'道' && !text_.ends(before_end_, U"大道")) return before_end_;
    return name_begin(name_max, 3);
  }

  [[nodiscard]] std::size_t estate_begin() const { return name_begin(estate_max, 5); }

  [[nodiscard]] std::size_t name_begin(std::size_t most, std::size_t usual) const {
    const bool one = before_ == Before::road && !text_.ends(before_end_, U"胡同") &&
                     !text_.ends(before_end_, U"大道") && !text_.ends(before_end_, U"大街");
    const std::size_t least = one ? 3 : 4;  // of a name, with what says that it is one
    std::size_t b = before_end_;
    for (; text_.is_open(b) && before_end_ - b < most; --b) {
      const char32_t c = text_.at(b - 1);
      if (!is_han(c) && !is_decimal(c) && !is_ascii_letter(c)) break;
      if (is_function_word(c) || announces(text_, b)) break;
      if (may_be_function_word(c) && before_end_ - b >= least) break;
    }
    if (before_end_ - b >= most) b = before_end_ - usual;
    while (b < before_end_ && is_decimal(text_.at(b))) ++b;
    return before_end_ - b >= 2 && !is_one_of(text_.at(b), U"号楼层栋") ? b : before_end_;
  }

  // What follows the first number.
  void read_rest() {
    for (;;) {
      std::size_t i = end_;
      while (text_.at(i) == U' ' && i - end_ < 2) ++i;
      if (is_one_of(text_.at(i), U",，-·、")) i = text_.skip_blanks(i + 1);
      const std::size_t end = part_end(i);
      if (end == i || text_.byte_of(end) - text_.byte_of(begin_) > address_bytes_max) return;
      end_ = end;
    }
  }

  // A number with what it counts, or an estate or building with one behind it or nothing.
  [[nodiscard]] std::size_t part_end(std::size_t i) {
    if (const std::size_t end = number_end(i); end > i) return end;
    const bool apart = i > end_;
    for (std::size_t end = i; end - i < estate_max; ++end) {
      const char32_t c = text_.at(end);
      if (!is_han(c) && !is_ascii_letter(c) && !is_decimal(c)) return i;
      if (is_function_word(c)) return i;
      const Before ends_as = what_ends(text_, end + 1);
      if (end == i || (ends_as != Before::estate && ends_as != Before::village)) continue;
      const Number next = number_at(text_, text_.skip_blanks(end + 1));
      const bool goes_on = next.counts != Counts::nothing &&
                           (next.counts != Counts::plain || !is_han(text_.at(next.end)));
      const char32_t behind = text_.at(end + 1);
      const bool ends = ends_as == Before::estate && !is_han(behind) && !is_ascii_letter(behind);
      if (goes_on || (ends && !apart)) return end + 1;
    }
    return i;
  }

  [[nodiscard]] std::size_t number_end(std::size_t i) {
    const Number number = number_at(text_, i);
    switch (number.counts) {
      case Counts::nothing: return i;
      case Counts::plain: {
        // 3栋502, 3楼B12
        const bool within = last_ == Counts::building || last_ == Counts::unit ||
                            last_ == Counts::floor || (last_ == Counts::house && i == end_);
        const char32_t next = text_.at(number.end);
        if (!within || is_ascii_letter(next) || is_one_of(next, U".%:/") || is_measure(next)) {
          return i;
        }
        constexpr std::size_t room_digits_min = 3;
        if (is_han(next) && number.end - i < room_digits_min) return i;
        last_ = Counts::room;
        break;
      }
      case Counts::section:
        if (is_han(text_.at(number.end)) && !is_one_of(text_.at(number.end), han_digits)) return i;
        break;
      default:
        if (i > end_ && number.counts == Counts::house && last_ != Counts::house) return i;
        last_ = number.counts;
        ++numbers_;
    }
    return number.end;
  }

  [[nodiscard]] float sure() const {
    const bool announced = is_announced(text_, begin_);
    const bool deep = numbers_ > 1 || last_ == Counts::room;
    if (division_ == Division::known) {
      if (before_ == Before::road || deep) return number_.counts == Counts::plain ? 0.75F : 0.9F;
      return announced ? 0.85F : 0.65F;
    }
    if (number_.counts == Counts::plain) return announced && before_ == Before::road ? 0.6F : 0;
    if (before_ == Before::road) return announced || deep ? 0.85F : 0.7F;
    if (deep) return announced ? 0.8F : 0.65F;
    return announced ? 0.6F : 0;
  }

  static constexpr std::u32string_view han_digits = U"一二三四五六七八九十";

  const Text& text_;
  std::size_t at_;
  Number number_;
  Before before_ = Before::nothing;
  std::size_t before_end_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  Division division_ = Division::none;
  Counts last_ = Counts::nothing;
  int numbers_ = 0;
};

}  // namespace

Found read_chinese(const Text& text) {
  Found found = Reader(text).read();
  if (found.sure > 0) (void)text.at(found.end);
  return found;
}

}  // namespace menshen::detectors::address

#include "detectors/address/latin.h"

#include "detectors/address/locality.h"
#include "detectors/address/words.h"
#include "detectors/values/boundary.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace menshen::detectors::address {
namespace {

// How surely the words before a value say that it is an address.
enum class Cue : std::uint8_t { none, weak, strong };

struct Street {
  std::size_t end = 0;
  float sure = 0;           // of the form alone; below 0: it needs a state and a code
  bool any_case = false;    // it has no capitals
  bool small_type = false;  // its last word has none
};

Cue cue_before(const Text& text, std::size_t begin) {
  constexpr std::size_t reach = 28;
  constexpr std::string_view blanks = " :=\"'\n\t>|*?\r";
  constexpr std::array<std::string_view, 8> words{"addr",      "adresse", "anschrift", "direcci",
                                                  "indirizzo", "endere",  "domicil",   "adresa"};
  constexpr std::array<std::string_view, 14> verbs{
      " lives at", " live at", " living at",  " located at",   " resides at",
      " is at",    " ship to", " deliver to", " delivered to", " sent to",
      " moved to", " bill to", " send to",    " mail to"};
  constexpr std::size_t shown_max = 40;
  std::string_view shown = text.shown_before(begin);
  if (shown.size() > shown_max) shown.remove_prefix(shown.size() - shown_max);
  std::string before(1, ' ');
  before.reserve(shown_max + 1);
  for (const char c : shown) before += to_lower(c);
  while (!before.empty() && blanks.find(before.back()) != blanks.npos) before.pop_back();
  const auto ends = [&](std::string_view word) { return before.ends_with(word); };
  if (std::ranges::any_of(verbs, ends)) return Cue::strong;
  const std::string_view near =
      std::string_view(before).substr(before.size() - std::min(before.size(), reach));
  const auto stands = [&](std::string_view word) {
    const std::size_t at = near.rfind(word);
    return at != near.npos && near.find_first_of(".;!?,", at) == near.npos;
  };
  if (std::ranges::any_of(words, stands)) return Cue::strong;
  return ends(" at") || ends(" to") || ends(" from") ? Cue::weak : Cue::none;
}

// The street's name behind a house number.
class StreetReader {
 public:
  StreetReader(const Text& text, std::size_t from) : text_(text), i_(from) {}

  Street read() {
    constexpr int words_max = 8;
    if (text_.at(i_) == U',') ++i_;
    if (text_.at(i_) != U' ') return {};
    i_ = text_.skip_blanks(i_);
    for (int count = 0; count < words_max && read_word(); ++count) {
    }
    out_.any_case = any_case_;
    out_.small_type = small_type_;
    if (out_.end == 0 && names_ > 0 && !any_case_) out_ = {.end = names_end_, .sure = -1};
    return out_;
  }

 private:
  // False: the name has ended.
  bool read_word() {
    const Word word = word_at(text_, i_);
    if (!word) return first_type_ && read_number();
    if (word.ordinal) return take_name(word);
    const bool named = names_ > 0 || directions_ > 0;
    if (word.is(word_class::road_number) && spelled(word) && read_road_number(word)) return false;
    if (named && word.is(word_class::type | word_class::weak_type) && !is_saint(word) &&
        (spelled(word) || word.is(word_class::type))) {
      end_with(word);
      return false;
    }
    if (!named && leads(word)) {
      first_type_ = true;
      return go_on(word);
    }
    if (word.is(word_class::direction) && (word.capital || any_case_)) {
      ++directions_;
      names_end_ = word.after;
      return go_on(word);
    }
    if (const float ending = street_ending(word.folded); ending > 0 && word.capital) {
      out_ = {.end = word.folded.ends_with("str") ? word.after : word.end, .sure = ending};
      return false;
    }
    if (word.capital) return (named || !word.is(word_class::no_place)) && take_name(word);
    if (word.is(word_class::particle) && (named || first_type_)) return go_on(word);
    return !named || any_case_ ? read_small(word) : false;
  }

  // Written without capitals: few words are names then.
  bool read_small(const Word& word) {
    constexpr int small_names_max = 4;
    if (names_ >= small_names_max) return false;
    any_case_ = true;
    return take_name(word);
  }

  // Rue, Via; small where a name or a particle follows.
  [[nodiscard]] bool leads(const Word& word) const {
    if (!word.is(word_class::first_type) || text_.at(word.after) != U' ') return false;
    if (word.capital) return true;
    const Word next = word_at(text_, word.after + 1);
    return next.is(word_class::particle) || (word.folded == "rue" && next.capital);
  }

  // St Clair Avenue
  [[nodiscard]] bool is_saint(const Word& word) const {
    constexpr int words_max = 2;
    if (word.folded != "st") return false;
    std::size_t i = word.after;
    for (int count = 0; count < words_max && text_.at(i) == U' '; ++count) {
      const Word next = word_at(text_, i + 1);
      if (!next || next.capital != word.capital) return false;
      if (count > 0 && next.is(word_class::type | word_class::weak_type)) return true;
      if (next.is(word_class::type | word_class::direction)) return false;
      i = next.after;
    }
    return false;
  }

  [[nodiscard]] bool spelled(const Word& word) const { return word.capital || any_case_; }

  bool go_on(const Word& word) {
    i_ = word.after;
    if (text_.at(i_) != U' ') return false;
    ++i_;
    return true;
  }

  bool take_name(const Word& word) {
    ++names_;
    names_end_ = word.end;
    if (first_type_ && !any_case_) out_ = {.end = word.end, .sure = .6F};
    return go_on(word);
  }

  // Behind the word that says that it is a street: another one, a direction.
  void end_with(const Word& word) {
    out_ = {.end = end_of(word), .sure = .7F};
    if (!word.is(word_class::type) || !spelled(word)) out_.sure = .5F;
    if (word.is(word_class::doubtful)) out_.sure = .4F;
    small_type_ = !word.capital;
    std::size_t end = word.after;
    for (int more = 0; more < 2 && text_.at(end) == U' '; ++more) {
      const Word next = word_at(text_, end + 1);
      if (!next || !spelled(next) ||
          !next.is(word_class::direction | word_class::type | word_class::weak_type)) {
        break;
      }
      if (next.is(word_class::state) && is_decimal(text_.at(text_.skip_blanks(next.after)))) break;
      end = next.after;
      out_.end = end_of(next);
    }
  }

  // Without the full stop of a sentence.
  [[nodiscard]] static std::size_t end_of(const Word& word) {
    return word.is(word_class::short_form) ? word.after : word.end;
  }

  // Highway 179, County Road 5
  bool read_road_number(const Word& word) {
    if (text_.at(word.after) != U' ') return false;
    const std::size_t end = house_number_end(text_, word.after + 1);
    if (end == word.after + 1) return false;
    out_ = {.end = end, .sure = .45F};
    return true;
  }

  // Calle 5
  bool read_number() {
    const std::size_t end = house_number_end(text_, i_);
    if (end > i_) out_ = {.end = end, .sure = .45F};
    return false;
  }

  const Text& text_;
  std::size_t i_;
  Street out_;
  int names_ = 0;
  int directions_ = 0;
  std::size_t names_end_ = 0;
  bool first_type_ = false;
  bool any_case_ = false;
  bool small_type_ = false;
};

class Reader {
 public:
  explicit Reader(const Text& text)
      : text_(text), number_(text.number()), end_(house_number_end(text, number_)) {}

  Found read() {
    if (end_ == number_ || !may_begin()) return {};
    Found best;
    const auto take = [&best](const Found& found) {
      if (found.sure > best.sure) best = found;
    };
    take(read_box());
    if (best.sure > 0) return best;
    if (!is_counted()) {
      take(read_unit_first());
      if (best.sure <= 0) take(read_from(number_, end_));
    }
    take(read_street_first());
    return best;
  }

 private:
  [[nodiscard]] bool may_begin() const {
    const char32_t c = text_.at(number_ - 1);
    return !is_ascii_letter(c) && !is_decimal(c) && !is_one_of(c, U".-/_$€£¥:+%@&=\\–");
  }

  [[nodiscard]] Word before(std::size_t i) const {
    if (!text_.is_open(i) || text_.at(i - 1) != U' ') return {};
    return word_before(text_, i - 1);
  }

  // Figure 5, in 2024
  [[nodiscard]] bool is_counted() const {
    const Word word = before(number_);
    if (!word) return false;
    if (word.is(word_class::counted)) return true;
    return may_be_year() && (word.folded == "in" || word.folded == "since" || word.folded == "by" ||
                             word.folded == "of" || word.folded == "until" || word.folded == "the");
  }

  [[nodiscard]] bool may_be_year() const {
    constexpr std::size_t year_digits = 4;
    return end_ - number_ == year_digits &&
           (text_.starts(number_, U"19") || text_.starts(number_, U"20"));
  }

  Found read_box() const {
    constexpr int words_max = 3;
    std::size_t begin = number_;
    for (int count = 0; count < words_max; ++count) {
      const Word word = before(begin);
      if (!word) break;
      begin = word.begin;
      const std::size_t end = box_end(text_, begin);
      if (end <= number_) continue;
      const Locality rest = read_locality(text_, end, !word_at(text_, begin).capital);
      return {begin, rest.end, rest.postal_code ? .95F : .8F};
    }
    return {};
  }

  // Flat 3, 12 High Street; Unit 5, Rose Court, 12 High Street; # 12, 5 High Street
  Found read_unit_first() const {
    std::size_t begin = number_;
    if (text_.is_open(begin) && text_.at(begin - 1) == U'#') {
      --begin;
    } else {
      begin = before(number_).begin;
    }
    if (begin == number_ || begin == 0) return {};
    const std::size_t unit = unit_end(text_, begin);
    if (unit <= number_) return {};
    const Word word = word_at(text_, begin);
    if (word.folded == "no" || word.folded == "nr" || word.folded == "house" ||
        word.folded == "door" || word.folded == "plot") {
      const Found found = read_from(begin, end_);
      if (found.sure > 0) return found;
    }
    std::size_t i = unit;
    for (int pieces = 0; pieces < 2; ++pieces) {
      if (text_.at(i) == U',') ++i;
      while (is_one_of(text_.at(i), U" \n")) ++i;
      const std::size_t end = house_number_end(text_, i);
      if (end > i) {
        Found found = read_from(i, end);
        if (found.sure <= 0) return {};
        return {begin, found.end, std::min(.95F, found.sure + .2F)};
      }
      for (Word name = word_at(text_, i); name && name.capital; name = word_at(text_, i)) {
        i = name.after;
        if (text_.at(i) != U' ') break;
        ++i;
      }
      if (text_.at(i) != U',') return {};
    }
    return {};
  }

  // A number that ends at `end`, and a street behind it.
  [[nodiscard]] Found read_from(std::size_t begin, std::size_t end) const {
    const Street street = StreetReader(text_, end).read();
    if (street.end == 0) return {};
    return weigh(begin, street);
  }

  [[nodiscard]] Found weigh(std::size_t begin, const Street& street) const {
    std::size_t from = street.end;
    const Cue cue = cue_before(text_, begin);
    if (begin == number_ && !street.any_case && text_.at(from) == U' ') {
      // 43 Rua Graciliano Ramos 1950
      const std::size_t number = house_number_end(text_, from + 1);
      if (number > from + 1) from = number;
    }
    Locality rest = read_locality(text_, from, street.any_case || street.small_type);
    if (!street.any_case && street.small_type && !(rest.state && rest.postal_code)) {
      rest = read_locality(text_, from, false);
    }
    const bool coded = rest.postal_code && (rest.state || rest.city);
    if (street.any_case && !(rest.state && rest.postal_code)) return {};
    float sure = street.sure;
    if (sure > 0 && sure < .7F && may_be_year() && !rest.postal_code && !rest.state && !rest.unit) {
      return {};
    }
    if (sure < 0) {
      if (coded && (rest.state || rest.country)) {
        sure = .7F;
      } else if (cue == Cue::strong) {
        sure = .55F;
      } else if (cue == Cue::weak && (rest.unit || coded || rest.country)) {
        sure = .5F;
      } else if (rest.unit && (coded || rest.country)) {
        sure = .5F;
      } else {
        return {};
      }
    }
    if (rest.unit) sure += .15F;
    if (rest.city) sure += .1F;
    if (rest.state) sure += .15F;
    if (rest.postal_code) sure += .2F;
    if (rest.country) sure += .1F;
    if (cue == Cue::strong) sure += .2F;
    if (cue == Cue::weak) sure += .1F;
    return {begin, rest.end, std::min(sure, .95F)};
  }

  // A mark ends what stands before, or a name follows.
  [[nodiscard]] bool ends_part(std::size_t i) const {
    const char32_t c = text_.at(i);
    if (c != U' ') return true;
    const char32_t next = text_.at(i + 1);
    return !(next >= U'a' && next <= U'z');
  }

  // Hauptstraße 5, Via Roma 12, and behind a label whatever has a capital.
  [[nodiscard]] Found read_street_first() const {
    constexpr int words_max = 4;
    constexpr unsigned small_words =
        word_class::particle | word_class::number_behind | word_class::last_type;
    if (is_decimal(text_.at(number_)) && end_ - number_ > 5) return {};
    std::size_t begin = number_;
    Found best;
    for (int count = 0; count < words_max; ++count) {
      const Word word = before(begin);
      if (!word || !(word.capital || word.is(small_words))) {
        break;
      }
      begin = word.begin;
      float sure = -1;
      if (count == 0) sure = std::max(sure, street_ending(word.folded));
      const bool alone = count == 0 && word.is(word_class::last_type);
      if (word.is(word_class::number_behind) && count > 0) sure = std::max(sure, .4F);
      if (sure <= 0 && (alone || !word.capital)) continue;
      if (sure <= 0 && !ends_part(end_) && !before(number_).is(word_class::last_type)) continue;
      if (sure <= 0 && cue_before(text_, begin) != Cue::strong) {
        if (count == 0 || !before(number_).is(word_class::last_type)) continue;
        sure = .5F;
      }
      const Found found = weigh(begin, {.end = end_, .sure = sure});
      const bool longer = word.capital && !word.is(word_class::no_place);
      if (found.sure > best.sure || (longer && found.sure == best.sure)) best = found;
    }
    return best;
  }

  const Text& text_;
  std::size_t number_;
  std::size_t end_;
};

}  // namespace

Found read_latin(const Text& text) { return Reader(text).read(); }

}  // namespace menshen::detectors::address

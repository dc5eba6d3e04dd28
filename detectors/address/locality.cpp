#include "detectors/address/locality.h"

#include "detectors/address/words.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace menshen::detectors::address {
namespace {

bool is_capital(char32_t c) noexcept { return c >= U'A' && c <= U'Z'; }
bool is_alnum(char32_t c) noexcept { return is_decimal(c) || is_ascii_letter(c); }

// Forms of postal codes: 9 a digit, A a capital, X either; a blank may be missing.
struct CodeForm {
  std::u32string_view form;
  bool sure;  // little else looks like it
};
constexpr std::array<CodeForm, 19> code_forms{{
    {U"99999-9999", true}, {U"AA9A 9AA", true}, {U"A9A 9AA", true},    {U"AA99 9AA", true},
    {U"AA9 9AA", true},    {U"A99 9AA", true},  {U"A9 9AA", true},     {U"A9A 9A9", true},
    {U"A99 XXXX", true},   {U"9999 AA", true},  {U"99999-999", true},  {U"9999-999", true},
    {U"999 999", false},   {U"999999", false},  {U"99999", false},     {U"99-999", false},
    {U"999 99", false},    {U"9999", false},    {U"999999999", false},
}};

std::size_t match_form(const Text& text, std::size_t i, std::u32string_view form) {
  for (const char32_t f : form) {
    const char32_t c = text.at(i);
    if (f == U' ') {
      if (c == U' ') ++i;
      continue;
    }
    const bool fits = f == U'9'   ? is_decimal(c)
                      : f == U'A' ? is_capital(c)
                      : f == U'X' ? is_decimal(c) || is_capital(c)
                                  : c == f;
    if (!fits) return 0;
    ++i;
  }
  const char32_t next = text.at(i);
  if (is_alnum(next) || next == U'%' || next == U'/') return 0;
  if ((next == U'-' || next == U'.' || next == U':' || next == U',') &&
      is_decimal(text.at(i + 1))) {
    return 0;
  }
  return i;
}

struct Code {
  std::size_t end = 0;
  bool sure = false;
};

Code code_at(const Text& text, std::size_t i) {
  if (!is_alnum(text.at(i))) return {};
  for (const CodeForm& form : code_forms) {
    if (const std::size_t end = match_form(text, i, form.form); end > 0) return {end, form.sure};
  }
  return {};
}

// What parts two pieces of an address.
struct Gap {
  std::size_t end = 0;
  bool comma = false;
  bool line = false;
};

Gap gap_at(const Text& text, std::size_t i) {
  constexpr std::size_t blanks_max = 24;
  Gap gap{.end = i};
  std::size_t read = 0;
  for (; read < blanks_max; ++read, ++gap.end) {
    const char32_t c = text.at(gap.end);
    if (c == U',' && !gap.comma) {
      gap.comma = true;
    } else if (c == U'\n' && !gap.line) {
      gap.line = true;
    } else if (c == U'-' && text.at(gap.end + 1) == U' ' && gap.end > i) {
      gap.comma = true;
    } else if (c != U' ' && c != U'\r' && !(gap.line && is_one_of(c, U">?*|"))) {
      break;
    }
  }
  return gap;
}

class Reader {
 public:
  Reader(const Text& text, std::size_t from, bool any_case)
      : text_(text), at_(from), any_case_(any_case) {
    out_.end = from;
  }

  Locality read() {
    constexpr int pieces_max = 8;
    for (int pieces = 0; pieces < pieces_max; ++pieces) {
      const Gap gap = gap_at(text_, at_);
      if (gap.end == at_ || !read_piece(gap)) break;
    }
    return out_;
  }

 private:
  void commit(std::size_t end) {
    at_ = end;
    out_.end = end;
    pending_ = false;
  }

  bool read_piece(const Gap& gap) {
    if (gap.line) ++lines_;
    if (lines_ > lines_max) return false;
    const std::size_t i = gap.end;
    if (read_state(gap)) return true;
    if (const std::size_t end = unit_end(text_, i); end > i && !out_.postal_code) {
      out_.unit = true;
      commit(end);
      return true;
    }
    if (const std::size_t end = box_end(text_, i); end > i) {
      out_.unit = true;
      commit(end);
      return true;
    }
    if (read_code(gap)) return true;
    if (gap.comma && !out_.postal_code && read_bare_unit(i)) return true;
    return read_names(gap);
  }

  bool read_code(const Gap& gap) {
    const Code code = code_at(text_, gap.end);
    if (code.end == 0 || out_.postal_code) return false;
    const bool parted = gap.comma || gap.line || pending_ || out_.city || out_.state;
    if (!code.sure && !parted) return false;
    // Four digits are a code behind a place, or before one: 8001 Zürich
    constexpr std::size_t short_digits = 4;
    if (code.end - gap.end == short_digits && !pending_ && !out_.city && !out_.state &&
        (text_.at(code.end) != U' ' || names_end(code.end + 1, 1) == code.end + 1)) {
      return false;
    }
    out_.city = out_.city || pending_;
    out_.postal_code = true;
    commit(code.end);
    // 10115 Berlin
    if (!out_.city && !out_.state) {
      const std::size_t end = names_end(text_.skip_blanks(at_), 3);
      if (text_.at(at_) == U' ' && end > at_ + 1) {
        out_.city = true;
        commit(end);
      }
    }
    return true;
  }

  // 12C between commas. It counts when more follows.
  bool read_bare_unit(std::size_t i) {
    constexpr std::size_t most = 5;
    const std::size_t end = house_number_end(text_, i);
    if (end == i || end - i > most || !is_one_of(text_.at(end), U",\n")) return false;
    at_ = end;
    return true;
  }

  // NY, New York, N.Y.; one of two letters counts before a code, or where the line ends.
  bool read_state(const Gap& before) {
    const std::size_t i = before.end;
    Word word = word_at(text_, i);
    if (!word || out_.state || out_.postal_code) return false;
    if (word.capital && (word.folded == "new" || word.folded == "north" || word.folded == "south" ||
                         word.folded == "west" || word.folded == "rhode")) {
      const Word next = word_at(text_, text_.skip_blanks(word.end));
      if (!next.is(word_class::state_name)) return false;
      word = next;
    }
    const bool letters = word.is(word_class::state) && (word.capitals || any_case_);
    const bool name = word.is(word_class::state_name) && (word.capital || any_case_);
    // Provinces elsewhere: RM, TO
    constexpr std::size_t province_letters = 2;
    const bool province =
        before.comma && word.capitals && word.end - word.begin == province_letters;
    if (!letters && !name && !province) return false;
    const Gap gap = gap_at(text_, word.after);
    const bool code = code_at(text_, gap.end).end > 0 && gap.end > word.end;
    if (province && !letters && !code) return false;
    const bool ends = !is_ascii_letter(text_.at(text_.skip_blanks(word.after)));
    if (!code && !(ends && !any_case_ && at_ != i)) return false;
    out_.city = out_.city || pending_;
    out_.state = true;
    commit(word.end);
    return true;
  }

  // Names of places. They belong to the address behind a comma, or when a code or state follows.
  bool read_names(const Gap& gap) {
    constexpr std::size_t names_max = 4;
    if (out_.postal_code && !gap.comma && !gap.line) {
      const Word word = word_at(text_, gap.end);
      if (!word.capital || !word.is(word_class::country)) return false;
    }
    const Word first = word_at(text_, gap.end);
    if (!first || first.is(word_class::no_place)) return false;
    const std::size_t end = names_end(gap.end, names_max);
    if (end == gap.end) return false;
    if (first.capital && (first.is(word_class::country) || last_is_country_)) {
      out_.country = true;
      out_.city = out_.city || pending_;
      commit(end);
      return true;
    }
    if (out_.postal_code) return false;
    if (!gap.line && gap.comma && !any_case_ && !pending_) {
      out_.city = true;
      commit(end);
      return true;
    }
    // A line of its own.
    if (gap.line && !any_case_ && !pending_ &&
        (text_.at(end) == 0 || is_one_of(text_.at(end), U"\n\r.,;)"))) {
      out_.city = true;
      commit(end);
      return true;
    }
    if (pending_ && ++pending_pieces_ > 2) return false;
    pending_ = true;
    at_ = end;
    return true;
  }

  // Of at most so many words with capitals, up to a state that a code follows.
  [[nodiscard]] std::size_t names_end(std::size_t i, std::size_t most) {
    std::size_t end = i;
    last_is_country_ = false;
    for (std::size_t count = 0; count < most; ++count) {
      const Word word = word_at(text_, i);
      const bool within = count > 0 && word.is(word_class::particle);
      if (!word || !(word.capital || any_case_ || within) || word.ordinal) break;
      if (count > 0 && word.is(word_class::no_place) && !within) break;
      if (count > 0 && word.is(word_class::unit) && word.capital && unit_end(text_, i) > i) break;
      const bool state = (word.is(word_class::state) && (word.capitals || any_case_)) ||
                         word.is(word_class::state_name);
      if (count > 0 && state) {
        const Gap gap = gap_at(text_, word.after);
        if (code_at(text_, gap.end).end > 0) break;
      }
      if (word.capital || any_case_) end = word.end;
      last_is_country_ = word.capital && word.is(word_class::country);
      if (word.after > word.end && word.end - word.begin > 3) break;
      i = word.after;
      if (text_.at(i) != U' ') break;
      ++i;
    }
    return end;
  }

  static constexpr int lines_max = 4;

  const Text& text_;
  std::size_t at_;
  bool any_case_;
  Locality out_;
  bool pending_ = false;
  bool last_is_country_ = false;
  int pending_pieces_ = 0;
  int lines_ = 0;
};

}  // namespace

Locality read_locality(const Text& text, std::size_t from, bool any_case) {
  return Reader(text, from, any_case).read();
}

std::size_t house_number_end(const Text& text, std::size_t i) {
  std::size_t end = i;
  while (is_decimal(text.at(end)) && end - i < 6) ++end;
  if (end == i || end - i == 6) return i;
  if (text.starts(end, U" 1/2 ")) return end + 4;
  for (int groups = 0; groups < 2 && is_one_of(text.at(end), U"-/–"); ++groups) {
    std::size_t next = end + 1;
    while (is_decimal(text.at(next)) && next - end <= 5) ++next;
    if (is_ascii_letter(text.at(next)) && next == end + 1) ++next;
    if (next == end + 1 || is_alnum(text.at(next))) break;
    end = next;
  }
  if (is_ascii_letter(text.at(end)) && !is_alnum(text.at(end + 1))) ++end;
  return is_alnum(text.at(end)) ? i : end;
}

std::size_t unit_end(const Text& text, std::size_t i) {
  constexpr std::size_t ident_max = 7;
  const Word word = word_at(text, i);
  if (word.ordinal) {
    const Word next = word_at(text, text.skip_blanks(word.end));
    const bool floor = next.folded == "floor" || next.folded == "fl" || next.folded == "flr";
    return floor ? next.end : i;
  }
  std::size_t ident = i;
  if (text.at(i) == U'#') {
    ident = i + 1;
  } else if (word.is(word_class::unit)) {
    ident = word.after;
    if (text.at(ident) != U' ' && text.at(ident) != U'#') return i;
  } else {
    return i;
  }
  ident = text.skip_blanks(ident);
  if (text.at(ident) == U'#') ident = text.skip_blanks(ident + 1);
  std::size_t end = ident;
  bool digits = false;
  while (end - ident < ident_max && (is_alnum(text.at(end)) || text.at(end) == U'-')) {
    digits = digits || is_decimal(text.at(end));
    ++end;
  }
  if (end == ident || is_alnum(text.at(end))) return i;
  const bool letter = end == ident + 1 && is_capital(text.at(ident));
  return digits || letter ? end : i;
}

std::size_t box_end(const Text& text, std::size_t i) {
  Word word = word_at(text, i);
  if (!word) return i;
  const auto next = [&] { word = word_at(text, text.skip_blanks(word.after)); };
  if (word.folded == "p") {
    next();
    if (word.folded != "o") return i;
    next();
  } else if (word.folded == "post") {
    next();
    if (word.folded == "office") next();
  } else if (word.folded == "po" || word.folded == "gpo") {
    next();
  } else if (word.folded == "psc" || word.folded == "cmr" || word.folded == "unit" ||
             word.folded == "rr" || word.folded == "rt") {
    const std::size_t number = text.skip_blanks(word.after);
    const std::size_t end = house_number_end(text, number);
    if (end == number) return i;
    const Gap gap = gap_at(text, end);
    word = word_at(text, gap.end);
  } else if (word.folded != "postfach" && word.folded != "pob" && word.folded != "pobox") {
    return i;
  }
  const bool box = word.folded == "box" || word.folded == "postfach" || word.folded == "pob" ||
                   word.folded == "pobox";
  if (!box) return i;
  const std::size_t number = text.skip_blanks(word.after);
  const std::size_t end = house_number_end(text, number);
  return end == number ? i : end;
}

}  // namespace menshen::detectors::address

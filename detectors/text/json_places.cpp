#include "detectors/text/json_places.h"

#include "core/json_number.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace menshen::detectors {
namespace {

bool is_number_digit(char32_t c) noexcept { return c >= U'0' && c <= U'9'; }
bool is_blank(char32_t c) noexcept { return c == U' ' || c == U'\n' || c == U'\t' || c == U'\r'; }

// What follows a bracket in prose and Markdown, in the same line, and does not follow JSON.
bool continues_prose(char32_t c) noexcept {
  constexpr std::u32string_view punctuation = U"([:;.!?";
  const char32_t lower = c | 0x20U;
  return c >= 0x80 || is_number_digit(c) || (lower >= U'a' && lower <= U'z') ||
         punctuation.find(c) != std::u32string_view::npos;
}

// '[' and '{' differ in one bit. Blocks, so that the compiler can compare many bytes at once.
std::size_t find_bracket(std::string_view text) noexcept {
  constexpr std::size_t block = 64;
  const auto opens = [](char c) { return (c | 0x20) == '{'; };
  std::size_t at = 0;
  for (; at + block <= text.size(); at += block) {
    unsigned char any = 0;
    for (std::size_t i = 0; i < block; ++i) {
      any = static_cast<unsigned char>(any | (opens(text[at + i]) ? 1 : 0));
    }
    if (any != 0) break;
  }
  while (at < text.size() && !opens(text[at])) ++at;
  return at;
}

// What is not simply part of a string.
constexpr std::array<bool, 256> ends_stretch = [] {
  std::array<bool, 256> table{};
  for (std::size_t c = 0; c < 0x20; ++c) table[c] = true;
  table['"'] = table['\\'] = true;
  return table;
}();

}  // namespace

void JsonPlaces::reset() {
  state_ = State::outside;
  depth_ = 0;
  objects_.clear();
  regions_.clear();
  spelled_.clear();
}

std::size_t JsonPlaces::passes(std::string_view text) const noexcept {
  if (state_ == State::outside) return find_bracket(text);
  if (state_ != State::string) return 0;
  const auto end = std::ranges::find_if(
      text, [](char c) { return ends_stretch[static_cast<unsigned char>(c)]; });
  return static_cast<std::size_t>(end - text.begin());
}

// No JSON after all, from the character at `begin` on.
void JsonPlaces::leave(std::size_t begin) {
  if (state_ == State::number) regions_.pop();
  if (state_ == State::string || state_ == State::escape) regions_.back().end = begin;
  state_ = State::outside;
  depth_ = 0;
  objects_.clear();
}

void JsonPlaces::open_container(bool object, std::size_t begin) {
  if (depth_ == 0) json_begin_ = begin;
  lone_ = false;
  ++depth_;
  if (depth_ <= depth_known_max) objects_.push_back(object);
  state_ = object ? State::key_or_end : State::value_or_end;
}

void JsonPlaces::close_container() {
  --depth_;
  if (depth_ < objects_.size()) objects_.pop_back();
  blanks_ = 0;
  state_ = depth_ > 0 ? State::comma_or_end : lone_ ? State::bracketed : State::outside;
}

void JsonPlaces::open_string(bool key, std::size_t end) {
  string_is_key_ = key;
  const bool taken_for_key = key || depth_ > depth_known_max;
  regions_.push({.begin = end,
                 .place = taken_for_key ? core::Place::json_key : core::Place::json_string,
                 .json_begin = json_begin_});
  state_ = State::string;
}

void JsonPlaces::open_number(char32_t c, std::size_t begin) {
  number_ = c == U'-' ? Number::sign : c == U'0' ? Number::zero : Number::whole;
  regions_.push({.begin = begin, .place = core::Place::json_bare, .json_begin = json_begin_});
  lone_ = depth_ == 1 && state_ == State::value_or_end;
  number_text_.assign(1, static_cast<char>(c));
  state_ = State::number;
}

void JsonPlaces::close_number(std::size_t end) {
  Region& number = regions_.back();
  number.end = end;
  state_ = State::comma_or_end;
  if (number_text_.find_first_of(".eE") == std::string::npos) return;
  if (core::is_long_number(number_text_)) spelled_.push_back({number.begin, end, number_text_});
}

const std::vector<JsonPlaces::Spelled>& JsonPlaces::take_spelled() {
  taken_.clear();
  taken_.swap(spelled_);
  return taken_;
}

bool JsonPlaces::number_is_whole() const noexcept {
  return number_ == Number::zero || number_ == Number::whole || number_ == Number::fraction ||
         number_ == Number::exponent;
}

bool JsonPlaces::continue_number(char32_t c) noexcept {
  const auto to = [this](Number next) {
    number_ = next;
    return true;
  };
  if (is_number_digit(c)) {
    switch (number_) {
      case Number::sign: return to(c == U'0' ? Number::zero : Number::whole);
      case Number::zero: return false;
      case Number::point: return to(Number::fraction);
      case Number::e:
      case Number::e_sign: return to(Number::exponent);
      default: return true;
    }
  }
  if (c == U'.') {
    return (number_ == Number::zero || number_ == Number::whole) && to(Number::point);
  }
  if (c == U'e' || c == U'E') {
    return number_ != Number::exponent && number_is_whole() && to(Number::e);
  }
  return (c == U'+' || c == U'-') && number_ == Number::e && to(Number::e_sign);
}

bool JsonPlaces::read_value(char32_t c, std::size_t begin, std::size_t end) {
  if (c == U'"') {
    open_string(false, end);
  } else if (c == U'{' || c == U'[') {
    open_container(c == U'{', begin);
  } else if (is_number_digit(c) || c == U'-') {
    open_number(c, begin);
  } else if (c == U't' || c == U'f' || c == U'n') {
    word_ = c == U't' ? "rue" : c == U'f' ? "alse" : "ull";
    state_ = State::word;
  } else {
    return false;
  }
  return true;
}

void JsonPlaces::read_structure(char32_t c, std::size_t begin, std::size_t end) {
  if (is_blank(c)) return;
  bool right = false;
  switch (state_) {
    case State::value_or_end:
      if (c == U']') return close_container();
      [[fallthrough]];
    case State::value: right = read_value(c, begin, end); break;
    case State::key_or_end:
      if (c == U'}') return close_container();
      [[fallthrough]];
    case State::key:
      right = c == U'"';
      if (right) open_string(true, end);
      break;
    case State::colon:
      right = c == U':';
      if (right) state_ = State::value;
      break;
    case State::comma_or_end: {
      // Which bracket closes is not known deeper than what is kept track of.
      const bool known = depth_ <= depth_known_max;
      if (c == U'}' && (in_object() || !known)) return close_container();
      if (c == U']' && (!in_object() || !known)) return close_container();
      right = c == U',';
      lone_ = false;
      if (right) state_ = in_object() && known ? State::key : State::value;
      break;
    }
    default: break;
  }
  if (right) return;
  leave(begin);
  if (c == U'{' || c == U'[') open_container(c == U'{', begin);
}

// A number in brackets: JSON where the line or the string ends, or more JSON follows.
void JsonPlaces::read_behind_bracket(char32_t c, std::size_t begin) {
  if ((c == U' ' || c == U'\t') && ++blanks_ <= blanks_max) return;
  state_ = State::outside;
  if (continues_prose(c)) regions_.pop();
  if (c == U'{' || c == U'[') open_container(c == U'{', begin);
}

void JsonPlaces::read(char32_t c, bool own, std::size_t begin, std::size_t end) {
  if (c == U'"' && !own) {
    if (!outside()) leave(begin);  // the string around this JSON ends
    return;
  }
  switch (state_) {
    case State::outside:
      if (c == U'{' || c == U'[') open_container(c == U'{', begin);
      return;
    case State::string:
      if (c == U'"') {
        regions_.back().end = begin;
        state_ = string_is_key_ ? State::colon : State::comma_or_end;
      } else if (c == U'\\') {
        state_ = State::escape;
      } else if (c < 0x20) {
        leave(begin);
      }
      return;
    case State::escape: state_ = State::string; return;
    case State::number:
      if (continue_number(c) && end - regions_.back().begin <= number_bytes_max) {
        number_text_.push_back(static_cast<char>(c));
        return;
      }
      if (!number_is_whole() || is_number_digit(c) ||
          (!is_blank(c) && c != U',' && c != U']' && c != U'}')) {
        leave(begin);
      } else {
        close_number(begin);
      }
      break;
    case State::word:
      if (c == static_cast<char32_t>(word_.front())) {
        word_.remove_prefix(1);
        if (word_.empty()) state_ = State::comma_or_end;
        return;
      }
      leave(begin);
      break;
    case State::bracketed: return read_behind_bracket(c, begin);
    default: break;
  }
  if (outside()) {
    if (c == U'{' || c == U'[') open_container(c == U'{', begin);
    return;
  }
  read_structure(c, begin, end);
}

void JsonPlaces::finish(std::size_t end) {
  if (state_ == State::number) close_number(end);
  if (state_ == State::bracketed) state_ = State::outside;
}

}  // namespace menshen::detectors

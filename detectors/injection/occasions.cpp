// What a text must have for one of the signatures to stand in it; most texts have none of it, and
// seeing that costs a quarter of matching the signatures. Each is a part of every match of the
// signatures that it stands for, whatever its case or the word around it: a signature that is added
// needs its own here, and a text in occasions_test.cpp.
#include "detectors/injection/injection.h"
#include "detectors/injection/lexicon.h"
#include "detectors/scoring/bytes.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

namespace menshen::detectors::scoring {
namespace {

using std::string_view_literals::operator""sv;

enum Cue : std::uint8_t {
  cue_object,     // what is sent out, reversed, encoded or summed up
  cue_last_word,  // of "--- end of prompt"
  cue_order,      // to execute what is decoded
  cue_order_han,
  cue_coded_han,
};

constexpr TermRow cue_rows[] = {
    {cue_object, 0, "conversation|chat history|system prompt|api key|api keys|password|passwords"},
    {cue_object, 0, "secret|secrets|credential|credentials|对话|聊天记录|密码|密钥|凭据|系统提示"},
    {cue_object, 0, "metsys*|erongi|base64*|hex*|encoded*|encrypted*|rot13*|hidden*"},
    {cue_object, 0, "总结本|总结这|总结该|阅读本|阅读这|阅读该|处理本|处理这|处理该"},
    {cue_last_word, 0, "instruction*|prompt*|rules*|context*|document*|input*|conversation*"},
    {cue_order, 0, "execute|follow|run|obey|comply|carry out|instruction|instructions"},
    {cue_order_han, 0, "执行|遵循|照做|按照|指令"},
    {cue_coded_han, 0, "解码|解密|摩斯|凯撒"},
};

bool holds_part(std::string_view text, std::string_view part) noexcept {
  return memmem(text.data(), text.size(), part.data(), part.size()) != nullptr;
}

template <std::size_t n>
bool ends_with_any(std::string_view text, const std::array<std::string_view, n>& ends) noexcept {
  return std::ranges::any_of(ends, [&](std::string_view end) { return text.ends_with(end); });
}

bool is_cued(std::uint8_t cues_found, Cue cue) noexcept { return (cues_found >> cue & 1U) != 0; }

std::string_view without_blank(std::string_view text) noexcept {
  if (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

// "system:", "'role':", "decode this text:"
bool may_begin_turn(std::string_view before_colon) noexcept {
  static constexpr std::array ends{
      "system"sv,  "developer"sv, "admin"sv, "administrator"sv, "root"sv,    "系统"sv,   "管理员"sv,
      "开发者"sv,  "'"sv,         "\""sv,    "rot13"sv,         "reverse"sv, "base64"sv, "decode"sv,
      "decrypt"sv, "this"sv,      "the"sv,   "text"sv,          "string"sv,  "message"sv};
  return ends_with_any(without_blank(before_colon), ends);
}

// "reply with \""
bool may_dictate(std::string_view before_quote) noexcept {
  static constexpr std::array ends{"respond "sv, "reply "sv, "answer "sv, "say "sv,  "print "sv,
                                   "output "sv,  "state "sv, "only "sv,   "with "sv, "that "sv};
  return before_quote.ends_with(' ') && ends_with_any(before_quote, ends);
}

// 回答：“
bool may_dictate_han(std::string_view before_quote) noexcept {
  static constexpr std::array ends{"回答"sv, "回复"sv, "输出"sv, "说"sv};
  const bool parted = !before_quote.empty() && ": \n\t\f\r"sv.find(before_quote.back()) < 6;
  if (parted) before_quote.remove_suffix(1);
  return ends_with_any(before_quote, ends);
}

// "config.prompt"
bool may_name_setting(std::string_view after_point) noexcept {
  static constexpr std::array begins{"prompt"sv, "override"sv, "reveal"sv,
                                     "bypass"sv, "command"sv,  "set"sv};
  if (after_point.empty() || !is_word_byte(after_point[0])) return false;
  return std::ranges::any_of(begins,
                             [&](std::string_view b) { return after_point.starts_with(b); });
}

bool may_stand_at(std::string_view text, std::size_t sign, bool last_word_there) noexcept {
  const std::string_view before = text.substr(0, sign);
  switch (text[sign]) {
    case ':': return may_begin_turn(before);
    case '\'': return may_dictate(before);
    case '"': return may_dictate(before) || may_dictate_han(before);
    case '_': return last_word_there || may_name_setting(text.substr(sign + 1));
    case '-':
    case '=':
    case '*':
    case '%': return last_word_there;
    default: return true;  // tokens of templates, lines of headings, links
  }
}

bool may_stand_at_mark(std::string_view text, std::size_t mark) noexcept {
  const std::string_view rest = text.substr(mark);
  if (rest[0] == '.') return may_name_setting(rest.substr(1));
  return (rest.starts_with("“") || rest.starts_with("「")) && may_dictate_han(text.substr(0, mark));
}

}  // namespace

std::span<const TermRow> signature_cues() { return cue_rows; }

bool may_have_signature(const Reading& reading) {
  const std::string_view text = reading.view().text;
  const std::uint8_t found = reading.cues(injection::terms);
  if (is_cued(found, cue_object)) return true;
  const bool last_word_there = is_cued(found, cue_last_word);
  const auto at_sign = [&](std::uint32_t at) { return may_stand_at(text, at, last_word_there); };
  const auto at_mark = [&](std::uint32_t at) { return may_stand_at_mark(text, at); };
  if (std::ranges::any_of(reading.view().signs(), at_sign)) return true;
  if (std::ranges::any_of(reading.view().marks(), at_mark)) return true;
  const auto is_there = [&](std::string_view word) { return holds_part(text, word); };
  static constexpr std::array codes{"decode"sv, "decrypt"sv, "base64"sv, "rot13"sv,
                                    "hex"sv,    "morse"sv,   "caesar"sv};
  if (is_cued(found, cue_order) && std::ranges::any_of(codes, is_there)) return true;
  if (is_cued(found, cue_order_han) &&
      (is_cued(found, cue_coded_han) || holds_part(text, "base64")))
    return true;
  return holds_part(text, "override") || holds_part(text, "snoitcurtsni");
}

}  // namespace menshen::detectors::scoring

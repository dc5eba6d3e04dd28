#include "policies/source_marks.h"

#include <algorithm>
#include <span>
#include <utility>

namespace menshen::policies {
namespace {

constexpr std::size_t npos = std::string_view::npos;
constexpr std::size_t tag_bytes_max = 256;  // of an opening tag, attributes included

constexpr std::array<std::string_view, 19> usual_tags{"context",
                                                      "contexts",
                                                      "document",
                                                      "documents",
                                                      "docs",
                                                      "source",
                                                      "sources",
                                                      "reference",
                                                      "references",
                                                      "passages",
                                                      "search_results",
                                                      "search_result",
                                                      "retrieved_context",
                                                      "retrieved_documents",
                                                      "knowledge",
                                                      "knowledge_base",
                                                      "参考资料",
                                                      "资料",
                                                      "上下文"};
// Words that head instructions as often as sources: not where they are headings.
constexpr std::array<std::string_view, 3> usual_labels_in_line{"Context", "Contexts", "上下文"};
constexpr std::array<std::string_view, 26> usual_labels{"Context documents",
                                                        "Context information",
                                                        "Retrieved context",
                                                        "Retrieved documents",
                                                        "Retrieved passages",
                                                        "Reference",
                                                        "References",
                                                        "Reference material",
                                                        "Reference materials",
                                                        "Reference documents",
                                                        "Documents",
                                                        "Sources",
                                                        "Passages",
                                                        "Search results",
                                                        "Knowledge base",
                                                        "参考资料",
                                                        "参考文档",
                                                        "参考内容",
                                                        "参考信息",
                                                        "已知信息",
                                                        "已知内容",
                                                        "检索结果",
                                                        "检索内容",
                                                        "搜索结果",
                                                        "知识库",
                                                        "知识库内容"};
// Of prompts that well-known frameworks ship.
constexpr std::array<std::string_view, 3> usual_begins{
    "Context information is below.", "Use the following pieces of context",
    "Use the following pieces of retrieved context"};
constexpr std::array<std::string_view, 12> usual_questions{
    "Question", "Questions", "Query",    "User question", "User query", "User input",
    "问题",     "提问",      "用户问题", "用户提问",      "用户的问题", "问"};

constexpr char fold(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 'a' - 'A') : c;
}

std::size_t slot(char c) noexcept { return static_cast<unsigned char>(fold(c)); }

bool is_word_byte(char c) noexcept {
  return (fold(c) >= 'a' && fold(c) <= 'z') || (c >= '0' && c <= '9') || (c & '\x80') != 0;
}

bool starts_with_folded(std::string_view text, std::string_view name) noexcept {
  return text.size() >= name.size() &&
         std::ranges::equal(text.substr(0, name.size()), name, {}, fold, fold);
}

std::size_t find_folded(std::string_view text, std::string_view name, std::size_t from) {
  const auto found =
      std::search(text.begin() + static_cast<std::ptrdiff_t>(from), text.end(), name.begin(),
                  name.end(), [](char a, char b) { return fold(a) == fold(b); });
  return found == text.end() ? npos : static_cast<std::size_t>(found - text.begin());
}

// Bytes at `at` that decorate a line or a label and say nothing: blanks, Markdown, brackets.
std::size_t decoration(std::string_view text, std::size_t at) noexcept {
  if (std::string_view(" \t\r#*_>`-[\"").find(text[at]) != npos) return 1;
  return text.substr(at).starts_with("【") ? 3 : 0;
}

constexpr std::string_view ascii_ends = ".!?;:>";
constexpr std::array<std::string_view, 5> wide_ends{"。", "！", "？", "；", "："};

// Bytes at `at` that end a sentence, with the blank that must follow the ASCII ones.
std::size_t sentence_end(std::string_view text, std::size_t at) noexcept {
  if (text[at] == '\n') return 1;
  if (ascii_ends.find(text[at]) != npos) {
    return at + 1 < text.size() && (text[at + 1] == ' ' || text[at + 1] == '\t') ? 2 : 0;
  }
  for (const std::string_view mark : wide_ends) {
    if (text.substr(at).starts_with(mark)) return mark.size();
  }
  return 0;
}

// "**Context:** ...": the emphasis ends behind the colon.
std::size_t behind_colon(std::string_view text, std::size_t at) noexcept {
  while (at < text.size() && (text[at] == '*' || text[at] == '_')) ++at;
  return at;
}

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == npos; }

void add_all(std::vector<SourceMark>& out, SourceMark::Kind kind,
             std::span<const std::string_view> names, bool heading) {
  for (const std::string_view name : names) {
    SourceMark& mark = out.emplace_back();
    mark.kind = kind;
    mark.name = name;
    mark.heading = heading;
  }
}

}  // namespace

// One pass over one text.
struct SourceMarks::Reader {
  void read();
  // Reads the mark at `at`; where to go on, or npos: it is none.
  [[nodiscard]] std::size_t read_mark(const SourceMark& mark, bool question);
  [[nodiscard]] std::size_t read_tag(const SourceMark& mark);
  [[nodiscard]] std::size_t read_passage(const SourceMark& mark);
  [[nodiscard]] std::size_t label_end(const SourceMark& mark) const;
  [[nodiscard]] std::size_t take_to(const std::string& end, std::size_t from, std::size_t& next);
  void open_at(std::size_t begin, std::size_t label_begin);
  void close_at(std::size_t end);
  void take(std::size_t begin, std::size_t end) {
    const std::string_view passage = text.substr(begin, end - begin);
    if (!is_blank(passage)) out.push_back(passage);
  }
  [[nodiscard]] bool applies(const SourceMark& mark) const {
    return system ? mark.of_system : mark.of_user;
  }

  const SourceMarks& marks;
  std::string_view text;
  bool system;
  std::vector<std::string_view>& out;
  std::size_t at = 0;
  bool at_start = true;   // of the text, a line or a sentence
  std::size_t start = 0;  // where that began, decoration included
  bool in_heading = false;
  std::size_t open_begin = npos;  // of the passage behind the last label
  std::size_t last_question = npos;
  std::vector<std::string_view> without_end = {};  // ends that the rest of the text does not have
};

std::size_t SourceMarks::Reader::take_to(const std::string& end, std::size_t from,
                                         std::size_t& next) {
  if (std::ranges::find(without_end, end) != without_end.end()) return npos;
  const std::size_t found = find_folded(text, end, from);
  if (found == npos) {
    without_end.push_back(end);
    return npos;
  }
  next = found + end.size();
  return found;
}

std::size_t SourceMarks::Reader::read_tag(const SourceMark& mark) {
  if (text[at] != '<' || !starts_with_folded(text.substr(at + 1), mark.name)) return npos;
  const std::size_t behind = at + 1 + mark.name.size();
  const std::size_t close = text.substr(0, at + tag_bytes_max).find('>', behind);
  if (close == npos || text[close - 1] == '/') return npos;
  if (close != behind && text[behind] != ' ' && text[behind] != '\n') return npos;
  std::size_t next = npos;
  const std::size_t end = take_to(mark.end, close + 1, next);
  if (end == npos) return npos;
  take(close + 1, end);
  return next;
}

// Where the text of a label begins; npos: this is no label.
std::size_t SourceMarks::Reader::label_end(const SourceMark& mark) const {
  std::size_t end = at + mark.name.size();
  bool bracket = false;
  while (end < text.size()) {
    if (text[end] == ':') return behind_colon(text, end + 1);
    if (text.substr(end).starts_with("：")) return end + 3;
    if (text[end] == '\n') break;
    const bool closes = text[end] == ']' || text.substr(end).starts_with("】");
    const std::size_t skipped = closes ? (text[end] == ']' ? 1 : 3) : decoration(text, end);
    if (skipped == 0) break;
    bracket = bracket || closes;
    end += skipped;
  }
  const bool line_ends = end == text.size() || text[end] == '\n';
  return bracket || (mark.heading && in_heading && line_ends) ? end : npos;
}

std::size_t SourceMarks::Reader::read_passage(const SourceMark& mark) {
  const std::size_t begin = at + mark.name.size();
  if (mark.end.empty()) {
    open_at(begin, at_start ? start : at);
    return begin;
  }
  std::size_t next = npos;
  const std::size_t end = take_to(mark.end, begin, next);
  if (end != npos) take(begin, end);
  return next;
}

std::size_t SourceMarks::Reader::read_mark(const SourceMark& mark, bool question) {
  if (mark.kind == SourceMark::Kind::tag) return read_tag(mark);
  if (!at_start && is_word_byte(mark.name.front())) return npos;
  if (!starts_with_folded(text.substr(at), mark.name)) return npos;
  if (mark.kind == SourceMark::Kind::passage) return read_passage(mark);
  if (!at_start) return npos;
  const std::size_t begin = label_end(mark);
  if (begin == npos) return npos;
  if (question)
    last_question = start;
  else
    open_at(begin, start);
  return begin;
}

void SourceMarks::Reader::open_at(std::size_t begin, std::size_t label_begin) {
  close_at(label_begin);
  open_begin = begin;
  last_question = npos;
}

void SourceMarks::Reader::close_at(std::size_t end) {
  if (open_begin == npos) return;
  take(open_begin, last_question != npos && last_question >= open_begin ? last_question : end);
  open_begin = npos;
}

void SourceMarks::Reader::read() {
  bool line_begins = true;  // only while at_start
  while (at < text.size()) {
    if (!at_start && !marks.ends_prose_[slot(text[at])]) {
      ++at;
      continue;
    }
    std::size_t next = npos;
    for (const std::uint16_t index : marks.by_byte_[slot(text[at])]) {
      const SourceMark& mark = marks.marks_[index];
      if (applies(mark)) next = read_mark(mark, index >= marks.questions_begin_);
      if (next != npos) break;
    }
    if (next != npos) {
      at = start = next;
      at_start = true;
      continue;
    }
    if (line_begins && text[at] == '#') in_heading = true;
    if (text[at] == '\n') in_heading = false;
    line_begins = text[at] == '\n' || (line_begins && (text[at] == ' ' || text[at] == '\t'));
    if (const std::size_t ends = sentence_end(text, at); ends > 0) {
      at_start = true;
      at += ends;
      start = at;
    } else if (const std::size_t skipped = at_start ? decoration(text, at) : 0; skipped > 0) {
      at += skipped;
    } else {
      at_start = false;
      ++at;
    }
  }
  close_at(text.size());
}

std::vector<SourceMark> SourceMarks::usual() {
  std::vector<SourceMark> out;
  add_all(out, SourceMark::Kind::tag, usual_tags, true);
  add_all(out, SourceMark::Kind::label, usual_labels_in_line, false);
  add_all(out, SourceMark::Kind::label, usual_labels, true);
  add_all(out, SourceMark::Kind::passage, usual_begins, true);
  return out;
}

SourceMarks::SourceMarks(std::vector<SourceMark> marks, std::vector<std::string> questions)
    : marks_(std::move(marks)), questions_begin_(marks_.size()) {
  add_all(marks_, SourceMark::Kind::label, usual_questions, true);
  for (std::string& name : questions) {
    SourceMark& mark = marks_.emplace_back();
    mark.kind = SourceMark::Kind::label;
    mark.name = std::move(name);
  }
  for (std::size_t i = 0; i < marks_.size(); ++i) {
    SourceMark& mark = marks_[i];
    if (mark.kind == SourceMark::Kind::message) continue;
    const bool tag = mark.kind == SourceMark::Kind::tag;
    if (tag) mark.end = "</" + mark.name + ">";
    const char first = tag ? '<' : mark.name.front();
    by_byte_[slot(first)].push_back(static_cast<std::uint16_t>(i));
    if (!is_word_byte(first)) ends_prose_[slot(first)] = true;
  }
  ends_prose_[slot('\n')] = true;
  for (const char end : ascii_ends) ends_prose_[slot(end)] = true;
  for (const std::string_view end : wide_ends) ends_prose_[slot(end.front())] = true;
}

void SourceMarks::passages(std::string_view text, core::Role role,
                           std::vector<std::string_view>& out) const {
  const bool system = role == core::Role::system;
  if (!system && role != core::Role::user) return;
  const bool whole = std::ranges::any_of(marks_, [&](const SourceMark& mark) {
    return mark.kind == SourceMark::Kind::message && (system ? mark.of_system : mark.of_user);
  });
  if (whole) {
    if (!is_blank(text)) out.push_back(text);
    return;
  }
  Reader reader{*this, text, system, out};
  reader.read();
}

}  // namespace menshen::policies

#include "proxy/gateway/log_line.h"

#include "core/clock.h"
#include "core/utf8.h"
#include "proxy/gateway/log.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace menshen::gateway {
namespace {

constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::size_t seconds_bytes = 19;  // 2026-11-22T02:33:18

std::string& line_of_thread() {
  thread_local std::string line;
  line.clear();
  return line;
}

void append_digits(std::string& out, std::int64_t value) {
  std::array<char, 20> digits;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
}

// RFC 3339 with milliseconds. The text of a second is made once.
void append_time(std::string& out, std::int64_t wall_ns) {
  thread_local std::int64_t known_second = -1;
  thread_local std::string known_text;
  const std::int64_t second = wall_ns / second_ns;
  if (second != known_second) {
    known_text = core::format_rfc3339(wall_ns).substr(0, seconds_bytes);
    known_second = second;
  }
  const auto ms = static_cast<int>(wall_ns % second_ns / 1'000'000);
  const std::array<char, 5> rest{'.', static_cast<char>('0' + ms / 100),
                                 static_cast<char>('0' + ms / 10 % 10),
                                 static_cast<char>('0' + ms % 10), 'Z'};
  out.append(known_text).append(rest.data(), rest.size());
}

// Where a blank would end a value, it is '_'.
void append_character(std::string& out, std::string_view bytes, char blank) {
  const char c = bytes.front();
  if ((c >= 0 && c <= 0x20) || c == 0x7f) {
    out.push_back(blank);
    return;
  }
  if (c == '"' || c == '\\') out.push_back('\\');
  out.append(bytes);
}

// What has to be looked at character by character.
void append_irregular(std::string& out, std::string_view text, char blank) {
  for (std::size_t i = 0; i < text.size();) {
    const core::Utf8Character c = core::utf8_at(text, i);
    if (i + c.bytes > logged_text_bytes_max) break;
    append_character(out, c.valid ? text.substr(i, c.bytes) : "?", blank);
    i += c.bytes;
  }
}

void append_text(std::string& out, std::string_view text, char blank) {
  const auto is_plain = [blank](char c) {
    return (c > ' ' || c == blank) && c < 0x7f && c != '"' && c != '\\';
  };
  if (text.size() <= logged_text_bytes_max && std::ranges::all_of(text, is_plain)) {
    out.append(text);
  } else {
    append_irregular(out, text, blank);
  }
}

}  // namespace

LogLine::LogLine(bool json, std::string_view level, std::string_view event)
    : out_(line_of_thread()), json_(json) {
  if (json_) out_.append(R"({"time":")");
  append_time(out_, core::system_clock().wall_ns());
  out_.append(json_ ? R"(","level":")" : " ").append(level);
  out_.append(json_ ? R"(","event":")" : " ").append(event);
  if (json_) out_.push_back('"');
}

void LogLine::detail(std::string_view sentence) {
  if (json_) {
    text("detail", sentence);
  } else if (!sentence.empty()) {
    out_.append(": ");
    append_text(out_, sentence, ' ');
  }
}

void LogLine::text(const LogKey& key, std::string_view value) {
  out_.append(json_ ? key.json_text() : key.text());
  append_text(out_, value, json_ ? ' ' : '_');
  if (json_) out_.push_back('"');
}

void LogLine::name(const LogKey& key, std::string_view value) {
  out_.append(json_ ? key.json_text() : key.text()).append(value);
  if (json_) out_.push_back('"');
}

void LogLine::number(const LogKey& key, std::int64_t value) {
  out_.append(json_ ? key.json() : key.text());
  append_digits(out_, value);
}

void LogLine::member(std::string_view value) {
  if (members_ > logged_members_max) return;
  if (members_ == 0) {
    out_.append(json_ ? list_.json() : list_.text());
    if (json_) out_.push_back('[');
  } else {
    out_.push_back(',');
  }
  if (json_) out_.push_back('"');
  append_text(out_, members_ == logged_members_max ? "(more)" : value, json_ ? ' ' : '_');
  if (json_) out_.push_back('"');
  ++members_;
}

void LogLine::end_list() {
  if (members_ > 0 && json_) out_.push_back(']');
}

std::string_view LogLine::end() {
  out_.append(json_ ? "}\n" : "\n");
  return out_;
}

}  // namespace menshen::gateway

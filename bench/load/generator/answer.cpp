#include "bench/load/generator/answer.h"

#include <strings.h>

#include <charconv>

namespace menshen::load {
namespace {

constexpr std::size_t head_bytes_max = 64 * 1024;

bool same(std::string_view text, std::string_view wanted) {
  return text.size() == wanted.size() &&
         ::strncasecmp(text.data(), wanted.data(), wanted.size()) == 0;
}

template <typename Number>
bool read_number(std::string_view text, Number& out, int base) {
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, out, base);
  return error == std::errc() && at == end;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

void AnswerReader::feed(std::string_view bytes) {
  if (!broken_.empty()) return;
  raw_.append(bytes);
  if (step_ == Step::head && !read_head()) return;
  if (step_ == Step::sized && raw_.size() - at_ >= length_) {
    at_ += length_;
    step_ = Step::complete;
  }
  while (step_ == Step::chunk && read_chunk()) {
  }
  if (step_ == Step::complete && raw_.size() > at_) fail("more than an answer");
}

std::string_view AnswerReader::body() const {
  return chunked_ ? std::string_view(unchunked_)
                  : std::string_view(raw_).substr(at_ - length_, length_);
}

void AnswerReader::clear() {
  raw_.clear();
  unchunked_.clear();
  broken_ = {};
  step_ = Step::head;
  at_ = length_ = 0;
  status_ = 0;
  sized_ = chunked_ = false;
  keep_alive_ = true;
}

bool AnswerReader::read_head() {
  const std::size_t end = raw_.find("\r\n\r\n");
  if (end == std::string::npos) return raw_.size() > head_bytes_max && fail("its head is too long");
  const std::string_view head = std::string_view(raw_).substr(0, end);
  std::size_t line_end = head.find("\r\n");
  const std::string_view first = head.substr(0, line_end);
  if (!first.starts_with("HTTP/1.1 ") || !read_number(first.substr(9, 3), status_, 10) ||
      (first.size() > 12 && first[12] != ' ') || status_ < 200 || status_ > 599)
    return fail("its first line is none");
  while (line_end != std::string_view::npos) {
    const std::size_t begin = line_end + 2;
    line_end = head.find("\r\n", begin);
    if (!read_field(head.substr(begin, line_end == head.npos ? head.npos : line_end - begin)))
      return false;
  }
  if (sized_ == chunked_) return fail(sized_ ? "it says two lengths" : "it says no length");
  at_ = end + 4;
  step_ = chunked_ ? Step::chunk : Step::sized;
  return true;
}

bool AnswerReader::read_field(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return fail("a field has no colon");
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = trimmed(line.substr(colon + 1));
  if (same(name, "content-length")) {
    if (sized_ || !read_number(value, length_, 10)) return fail("its length is none");
    sized_ = true;
  } else if (same(name, "transfer-encoding")) {
    if (chunked_ || !same(value, "chunked")) return fail("its encoding is unknown");
    chunked_ = true;
  } else if (same(name, "connection") && same(value, "close")) {
    keep_alive_ = false;
  }
  return true;
}

// True when another chunk may follow in what has come.
bool AnswerReader::read_chunk() {
  const std::size_t line_end = raw_.find("\r\n", at_);
  if (line_end == std::string::npos) return false;
  std::string_view line = std::string_view(raw_).substr(at_, line_end - at_);
  line = trimmed(line.substr(0, line.find(';')));
  std::size_t size = 0;
  if (!read_number(line, size, 16) || size > raw_.max_size() / 2)
    return fail("a chunk has no size");
  const std::size_t begin = line_end + 2;
  if (size == 0) {
    // Trailer fields, if any, end with an empty line as a head does.
    const std::size_t end = raw_.find("\r\n\r\n", line_end);
    if (end == std::string::npos) return false;
    at_ = end + 4;
    step_ = Step::complete;
    return false;
  }
  if (raw_.size() < begin + size + 2) return false;
  if (raw_.compare(begin + size, 2, "\r\n") != 0) return fail("a chunk has another size");
  unchunked_.append(raw_, begin, size);
  at_ = begin + size + 2;
  return true;
}

bool AnswerReader::fail(std::string_view why) {
  broken_ = why;
  step_ = Step::head;
  return false;
}

}  // namespace menshen::load

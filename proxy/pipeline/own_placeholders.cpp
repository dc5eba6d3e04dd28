#include "proxy/pipeline/own_placeholders.h"

#include "core/unicode.h"
#include "core/utf8.h"
#include "detectors/literal.h"

#include <algorithm>

namespace menshen::pipeline {
namespace {

bool says_something(std::string_view text) noexcept {
  for (std::size_t i = 0; i < text.size();) {
    const core::Utf8Character c = core::utf8_at(text, i);
    i += c.bytes;
    if (core::has_any(c.point, core::fact::letter) || core::decimal_digit(c.point) >= 0)
      return true;
  }
  return false;
}

// How many bytes of the blanks that a text begins with, or ends with.
std::size_t blank_before(std::string_view text) noexcept {
  std::size_t bytes = 0;
  while (bytes < text.size()) {
    const core::Utf8Character c = core::utf8_at(text, bytes);
    if (!core::has_any(c.point, core::fact::blank)) break;
    bytes += c.bytes;
  }
  return bytes;
}
std::size_t blank_behind(std::string_view text) noexcept {
  std::size_t end = 0;
  for (std::size_t i = 0; i < text.size();) {
    const core::Utf8Character c = core::utf8_at(text, i);
    i += c.bytes;
    if (!core::has_any(c.point, core::fact::blank)) end = i;
  }
  return text.size() - end;
}

}  // namespace

void OwnPlaceholders::feed(std::string_view bytes) {
  reader_.feed(bytes, found_);
  keep_known();
}

void OwnPlaceholders::finish() {
  is_over_ = true;
  reader_.finish(found_);
  keep_known();
}

void OwnPlaceholders::keep_known() {
  for (const Placeholder& placeholder : found_) {
    if (restorer_.find(placeholder) != nullptr)
      own_.push_back({placeholder.begin, placeholder.end});
  }
  found_.clear();
}

void OwnPlaceholders::add(std::span<const core::Finding> findings) {
  waiting_.insert(waiting_.end(), findings.begin(), findings.end());
}

std::vector<core::Finding> OwnPlaceholders::take(const TextAt& text, std::size_t settled) {
  const std::size_t known = is_over_ ? all_of_it : reader_.settled();
  std::size_t ready = 0;
  std::size_t end = 0;
  for (std::size_t i = 0; i < waiting_.size() && waiting_[i].end <= known; ++i) {
    end = std::max(end, waiting_[i].end);
    if (i + 1 == waiting_.size() || waiting_[i + 1].begin >= end) ready = i + 1;
  }
  std::vector<core::Finding> out;
  for (; ready > 0; --ready) {
    append_outside(waiting_.front(), text, out);
    waiting_.pop_front();
  }
  std::ranges::stable_sort(out, {}, &core::Finding::begin);
  settled = std::min(settled, this->settled());
  while (!own_.empty() && own_.front().end <= settled) own_.pop_front();
  return out;
}

void OwnPlaceholders::append_outside(const core::Finding& finding, const TextAt& text,
                                     std::vector<core::Finding>& out) {
  if (finding.type == &detectors::provider_credential) {
    out.push_back(finding);
    return;
  }
  if (!finding.continued) begun_.erase(finding.type);
  auto next = std::ranges::partition_point(
      own_, [&](const Span& span) { return span.end <= finding.begin; });
  const auto cut = [&] { return next != own_.end() && next->begin < finding.end; };
  if (!cut() && (!finding.continued || begun_.contains(finding.type))) {
    begun_.insert(finding.type);
    out.push_back(finding);
    return;
  }
  std::size_t from = finding.begin;
  const auto keep = [&](std::size_t to) {
    if (from >= to) return;
    const std::string_view stays = text(from, to);
    if (!says_something(stays)) return;
    core::Finding piece = finding;
    piece.begin = from + blank_before(stays);
    piece.end = to - blank_behind(stays);
    piece.continued = !begun_.insert(finding.type).second;
    piece.part = true;
    out.push_back(piece);
  };
  for (; cut(); ++next) {
    keep(next->begin);
    from = std::max(from, next->end);
  }
  keep(finding.end);
}

std::vector<core::Finding> outside_of_own(std::span<const core::Finding> findings,
                                          std::string_view text, const Restorer& restorer,
                                          bool is_json) {
  OwnPlaceholders own(restorer, is_json);
  own.feed(text);
  own.finish();
  own.add(findings);
  return own.take(
      [text](std::size_t begin, std::size_t end) { return text.substr(begin, end - begin); },
      text.size());
}

}  // namespace menshen::pipeline

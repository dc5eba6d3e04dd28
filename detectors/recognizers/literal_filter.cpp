#include "detectors/recognizers/literal_filter.h"

#include "core/utf8.h"
#include "detectors/values/boundary.h"

#include <algorithm>
#include <cstring>

namespace menshen::detectors {
namespace {

constexpr std::size_t stride_max = 4;

// Has letters beyond ASCII that may have a case: of Han, kana, hangul none has.
bool may_be_cased(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const core::Utf8Character c = core::utf8_at(text, i);
    const bool caseless = c.point < 0x80 || (c.point >= 0x2E80 && c.point < 0xA4D0) ||
                          (c.point >= 0xAC00 && c.point < 0xD7B0) ||
                          (c.point >= 0x20000 && c.point < 0x40000);
    if (!c.valid || !caseless) return true;
    i += c.bytes;
  }
  return false;
}

// Bytes that differ in this bit alone are alike to the filter: letters of two cases are.
constexpr std::uint32_t case_bits = 0x20202020;

std::uint32_t key_at(std::string_view text, std::size_t at) noexcept {
  std::uint32_t key = 0;
  std::memcpy(&key, text.data() + at, literal_bytes_min);
  return (key | case_bits) & 0xFFFFFFU;
}

bool stands_at(std::string_view text, std::size_t at, std::string_view literal) noexcept {
  return at + literal.size() <= text.size() &&
         equal_ignoring_case(text.substr(at, literal.size()), literal);
}

}  // namespace

void LiteralFilter::build(std::span<const std::string> literals) {
  std::size_t shortest = literal_bytes_min + stride_max;
  std::vector<int> filtered;
  for (std::size_t i = 0; i < literals.size(); ++i) {
    const bool always = literals[i].size() < literal_bytes_min || may_be_cased(literals[i]);
    (always ? always_ : filtered).push_back(static_cast<int>(i));
    if (!always) shortest = std::min(shortest, literals[i].size());
  }
  // Of a literal of n bytes one of n - 2 places in a row is looked at.
  stride_ = std::min(stride_max, shortest - literal_bytes_min + 1);
  filter_.assign((std::size_t{1} << filter_bits) / 64, 0);
  for (const int index : filtered) {
    const std::string& text = literals[static_cast<std::size_t>(index)];
    for (std::size_t offset = 0; offset < stride_; ++offset) {
      const std::uint32_t key = key_at(text, offset);
      literals_.push_back({key, static_cast<std::uint8_t>(offset), index, text});
      filter_[slot(key) / 64] |= std::uint64_t{1} << (slot(key) % 64);
    }
  }
  std::ranges::sort(literals_, {}, &Literal::key);
}

void LiteralFilter::find(std::string_view text, std::vector<int>& hits) const {
  hits.clear();
  if (literals_.empty() || text.size() < literal_bytes_min) return;
  const std::size_t end = text.size() - literal_bytes_min;
  std::size_t at = 0;
  // Four bytes are read where three are meant: up to the last place but one.
  for (; at < end; at += stride_) {
    std::uint32_t key = 0;
    std::memcpy(&key, text.data() + at, sizeof key);
    key = (key | case_bits) & 0xFFFFFFU;
    if ((filter_[slot(key) / 64] >> (slot(key) % 64) & 1U) != 0) look_up(text, at, key, hits);
  }
  if (at == end) look_up(text, at, key_at(text, at), hits);
}

void LiteralFilter::look_up(std::string_view text, std::size_t at, std::uint32_t key,
                            std::vector<int>& hits) const {
  auto literal = std::ranges::lower_bound(literals_, key, {}, &Literal::key);
  for (; literal != literals_.end() && literal->key == key; ++literal) {
    if (literal->offset > at) continue;
    if (!stands_at(text, at - literal->offset, literal->text)) continue;
    if (std::ranges::find(hits, literal->index) == hits.end()) hits.push_back(literal->index);
  }
}

}  // namespace menshen::detectors

#include "proxy/pipeline/pseudonyms.h"

#include "core/hex.h"
#include "core/unicode.h"
#include "core/utf8.h"
#include "proxy/pipeline/json_nesting.h"

#include <algorithm>
#include <utility>

namespace menshen::pipeline {
namespace {

// What stands between the digits of a long number and says nothing: 138-0013-8000, (010) 6552 9988.
// In dates and addresses of networks it does.
constexpr std::ptrdiff_t long_number_digits = 9;
bool parts_digits(char32_t c) noexcept { return c == U' ' || c == U'-' || c == U'(' || c == U')'; }
bool is_digit(char32_t c) noexcept { return c >= U'0' && c <= U'9'; }

std::u32string folded(std::string_view value) {
  std::u32string out;
  bool blank = true;  // so that none stands in front
  for (std::size_t i = 0; i < value.size();) {
    const core::Utf8Character c = core::utf8_at(value, i);
    i += c.bytes;
    char32_t point = c.point;
    const auto compatible = core::compatible(point);
    if (compatible && compatible->size() == 1) point = compatible->front();
    if (core::has_any(point, core::fact::ignorable)) continue;
    const bool is_blank = core::has_any(point, core::fact::blank);
    if (is_blank && blank) continue;
    blank = is_blank;
    out.push_back(is_blank ? U' ' : core::simple_fold(point));
  }
  if (!out.empty() && out.back() == U' ') out.pop_back();
  return out;
}

bool is_text(std::string_view text) noexcept {
  return !text.empty() && core::valid_utf8(text) &&
         std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

}  // namespace

std::string plain_value(const core::FindingType& type, std::string_view raw, unsigned depth) {
  std::string value = decoded_at(depth, raw);
  if (type.category == core::Category::secret || value.find('%') == std::string::npos) return value;
  core::PercentDecoded decoded = core::percent_decoded(value);
  return decoded.all && is_text(decoded.text) ? std::move(decoded.text) : value;
}

std::string normal_form(const core::FindingType& type, std::string_view value) {
  if (type.category == core::Category::secret) return std::string(value);
  std::u32string text = folded(value);
  const bool is_long_number =
      std::ranges::all_of(text, [](char32_t c) { return is_digit(c) || parts_digits(c); }) &&
      std::ranges::count_if(text, is_digit) >= long_number_digits;
  if (is_long_number) std::erase_if(text, parts_digits);
  std::string out;
  for (const char32_t c : text) core::append_utf8(out, c);
  return out;
}

void Pseudonyms::reserve(std::string_view tag, std::uint32_t number) {
  tags_[std::string(tag)].reserved.insert(number);
}

std::string Pseudonyms::of(const core::FindingType& type, std::string_view value) {
  auto tag = tags_.find(type.tag);
  if (tag == tags_.end()) tag = tags_.emplace(type.tag, OfTag()).first;
  OfTag& known = tag->second;
  std::pair key(&type, normal_form(type, value));
  auto same = known.by_value.find(key);
  if (same == known.by_value.end()) {
    std::uint32_t next = known.last + 1;
    while (known.reserved.contains(next)) ++next;
    if (given_.size() >= most_ || next > number_max) return "[" + std::string(type.tag) + "]";
    known.last = next;
    const Pseudonym& given = given_.emplace_back(Pseudonym{&type, next, std::string(value)});
    known.by_number.emplace(next, &given);
    same = known.by_value.emplace(std::move(key), &given).first;
  }
  return "<" + std::string(type.tag) + "_" + std::to_string(same->second->number) + ">";
}

const Pseudonym* Pseudonyms::find(std::string_view tag, std::uint32_t number) const {
  const auto of_tag = tags_.find(tag);
  if (of_tag == tags_.end()) return nullptr;
  const auto found = of_tag->second.by_number.find(number);
  return found == of_tag->second.by_number.end() ? nullptr : found->second;
}

std::vector<std::string_view> Pseudonyms::tags() const {
  std::vector<std::string_view> out;
  for (const auto& [tag, known] : tags_) {
    if (!known.by_number.empty()) out.push_back(tag);
  }
  return out;
}

}  // namespace menshen::pipeline

#include "detectors/address/text.h"

#include "core/unicode.h"
#include "core/utf8.h"

namespace menshen::detectors::address {
namespace {

char32_t seen(char32_t c) noexcept {
  if (c == U'\t' || c == U'\u3000') return U' ';
  return is_han(c) ? core::simplified(c) : c;
}

}  // namespace

// The arrays stay as they are: only what was read is looked at.
// NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init)
Text::Text(const AroundWindow& window)
    : text_(window.text), begin_byte_(window.begin), last_(window.last) {
  bytes_[number_position] = static_cast<std::uint16_t>(window.at);
}

char32_t Text::read_on(std::size_t i) const noexcept {
  while (behind_ <= i && behind_ < most && bytes_[behind_] < text_.size()) {
    const std::size_t byte = bytes_[behind_];
    const core::ValidUtf8 c = core::valid_utf8_at(text_.data() + byte);
    characters_[behind_++] = seen(c.point);
    bytes_[behind_] = static_cast<std::uint16_t>(byte + c.bytes);
  }
  if (i < behind_) return characters_[i];
  if (!last_) ran_out_ = true;
  return 0;
}

char32_t Text::read_back(std::size_t i) const noexcept {
  while (first_ > i && bytes_[first_] > 0) {
    std::size_t byte = bytes_[first_] - 1U;
    while (byte > 0 && (text_[byte] & '\xC0') == '\x80') --byte;
    --first_;
    bytes_[first_] = static_cast<std::uint16_t>(byte);
    characters_[first_] = seen(core::valid_utf8_at(text_.data() + byte).point);
  }
  return i < first_ ? 0 : characters_[i];
}

std::size_t Text::begin() const noexcept {
  while (first_ > 0 && bytes_[first_] > begin_byte_) (void)read_back(first_ - 1);
  std::size_t i = first_;
  while (bytes_[i] < begin_byte_) ++i;
  return i;
}

}  // namespace menshen::detectors::address

#include "detectors/literal.h"

#include <cstring>

namespace menshen::detectors {

const core::FindingType provider_credential{
    "provider_credential", core::Category::secret, "PROVIDER_CREDENTIAL",
    "A secret of the gateway's own at the provider that answers, byte for byte."};

Literal::Literal(std::string_view text) : text_(text), borders_(text.size() + 1, 0) {
  for (std::uint32_t end = 1, border = 0; end < text_.size(); ++end) {
    while (border > 0 && text_[end] != text_[border]) border = borders_[border];
    if (text_[end] == text_[border]) ++border;
    borders_[end + 1] = border;
  }
}

std::size_t Literal::advance(std::string_view text, std::size_t& matched) const noexcept {
  std::size_t at = 0;
  if (matched == text_.size()) matched = borders_[matched];
  while (at < text.size()) {
    if (matched == 0) {
      const void* first = std::memchr(text.data() + at, text_[0], text.size() - at);
      if (first == nullptr) return text.size();
      at = static_cast<std::size_t>(static_cast<const char*>(first) - text.data());
    }
    while (matched > 0 && text[at] != text_[matched]) matched = borders_[matched];
    if (text[at] == text_[matched]) ++matched;
    ++at;
    if (matched == text_.size()) return at;
  }
  return at;
}

}  // namespace menshen::detectors

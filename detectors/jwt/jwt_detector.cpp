#include "detectors/detector.h"
#include "detectors/values/boundary.h"
#include "detectors/values/token.h"

#include <algorithm>
#include <array>
#include <string>

namespace menshen::detectors {
namespace {

constexpr core::FindingType type{"jwt", core::Category::secret, "JWT",
                                 "JSON web token: a header that decodes to JSON with \"alg\" and a "
                                 "payload (0.95), of any length. Known "
                                 "false positives: tokens of documentation."};

constexpr std::string_view opening = "eyJ";  // base64url of {"
constexpr std::size_t header_bytes_min = 16;
constexpr std::size_t payload_bytes_min = 4;
constexpr std::size_t header_bytes_shown = 240;

// RFC 4648 section 5, as far as whole characters go.
std::string decode_base64url(std::string_view text) {
  std::string out;
  unsigned bits = 0;
  unsigned value = 0;
  for (const char c : text) {
    const auto digit = is_upper(c)   ? static_cast<unsigned>(c - 'A')
                       : is_lower(c) ? static_cast<unsigned>(c - 'a' + 26)
                       : is_digit(c) ? static_cast<unsigned>(c - '0' + 52)
                       : c == '-'    ? 62U
                                     : 63U;
    value = (value << 6U) | digit;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out += static_cast<char>((value >> bits) & 0xFFU);
    }
  }
  return out;
}

// RFC 7515 section 4.1: a JOSE header says how it is signed or encrypted.
bool is_jose_header(std::string_view base64) {
  const std::string json = decode_base64url(base64);
  return std::ranges::any_of(std::array{"\"alg\"", "\"enc\"", "\"typ\"", "\"kid\""},
                             [&](std::string_view name) { return json.find(name) != json.npos; });
}

class Jwt final : public Detector {
 public:
  std::string_view name() const noexcept override { return "jwt"; }
  unsigned version() const noexcept override { return 1; }
  std::span<const core::FindingType* const> types() const noexcept override { return types_; }
  std::span<const Trigger> triggers() const noexcept override { return triggers_; }

  core::Result<void> scan(const Window& window, Matches& matches) const override {
    const std::string_view text = window.text;
    for (std::size_t at = text.find(opening, window.begin); at < window.owned_end;
         at = text.find(opening, at + 1)) {
      if (begins_token(text, at) || (at > 0 && text[at - 1] == '_')) try_token(window, at, matches);
    }
    return {};
  }

 private:
  static void try_token(const Window& window, std::size_t at, Matches& matches) {
    const std::string_view text = window.text;
    const std::size_t header = token_bytes(text, at, token_set::url_safe);
    if (header < header_bytes_min ||
        !is_jose_header(text.substr(at, std::min(header, header_bytes_shown))))
      return;
    std::size_t end = at + header;
    if (window.at(end) == '.') {
      const std::size_t payload = token_bytes(text, end + 1, token_set::url_safe);
      const bool encrypted_directly = payload == 0 && window.at(end + 1) == '.';
      if (payload < payload_bytes_min && !encrypted_directly) return;
      end += 1 + payload;
    } else if (window.last || end < text.size()) {
      return;  // a header alone; one that the window does not show to its end is taken for a token
    }
    matches.add_open(type, at, end, 0.95F, extend_token, {token_set::url_safe | token_set::dot});
  }

  static constexpr std::array<const core::FindingType*, 1> types_{&type};
  static constexpr std::array<std::string_view, 1> literals_{opening};
  static constexpr std::array<Trigger, 1> triggers_{
      Trigger{.bytes_min = header_bytes_min + 1 + payload_bytes_min, .literals = literals_}};
};

}  // namespace

const Detector& jwt_detector() {
  static const Jwt detector;
  return detector;
}

}  // namespace menshen::detectors

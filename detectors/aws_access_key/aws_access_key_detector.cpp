#include "detectors/detector.h"
#include "detectors/values/boundary.h"
#include "detectors/values/context.h"
#include "detectors/values/token.h"

#include <algorithm>
#include <array>

namespace menshen::detectors {
namespace {

constexpr core::FindingType id_type{"aws_access_key", core::Category::secret, "AWS_ACCESS_KEY",
                                    "AWS access key id: AKIA, ASIA, ABIA or ACCA and 16 characters "
                                    "of base32 (0.95; 0.8 with digits that "
                                    "base32 lacks)."};
constexpr core::FindingType secret_type{"aws_secret_key", core::Category::secret, "AWS_SECRET_KEY",
                                        "AWS secret access key: 40 characters of base64 behind a "
                                        "label (0.9). Known false positives: other "
                                        "secrets of that length that are labelled as AWS's."};

constexpr std::array<std::string_view, 4> prefixes{"AKIA", "ASIA", "ABIA", "ACCA"};
constexpr std::size_t id_bytes = 20;
constexpr std::size_t secret_bytes = 40;

constexpr std::array<std::string_view, 10> secret_labels{
    "aws", "amazon", "secret", "secretkey", "secret_key", "secretaccesskey",
    "sk",  "密钥",   "私钥",   "秘钥"};

bool is_base32(char c) { return is_upper(c) || (c >= '2' && c <= '7'); }
bool is_secret_byte(char c) { return is_alnum(c) || c == '/' || c == '+'; }

// Random base64 of this length has letters of both cases and a digit, and turns from one to the
// other at every second character or so; paths and hashes do not.
bool looks_like_base64(std::string_view secret) {
  constexpr std::size_t turns_min = 15;
  const auto kind = [](char c) { return is_upper(c) ? 0 : is_lower(c) ? 1 : is_digit(c) ? 2 : 3; };
  std::size_t turns = 0;
  for (std::size_t i = 1; i < secret.size(); ++i) {
    turns += kind(secret[i]) != kind(secret[i - 1]) ? 1 : 0;
  }
  return turns >= turns_min && std::ranges::any_of(secret, is_upper) &&
         std::ranges::any_of(secret, is_lower) && std::ranges::any_of(secret, is_digit) &&
         !std::ranges::all_of(secret, is_hex);
}

class AwsAccessKey final : public Detector {
 public:
  std::string_view name() const noexcept override { return "aws_access_key"; }
  unsigned version() const noexcept override { return 2; }
  std::span<const core::FindingType* const> types() const noexcept override { return types_; }
  std::span<const Trigger> triggers() const noexcept override { return triggers_; }

  core::Result<void> scan(const Window& window, Matches& matches) const override {
    for (std::size_t at = window.begin; at < window.owned_end; ++at) {
      if (window.text[at] == 'A' && begins_token(window.text, at)) try_id(window, at, matches);
      if (is_secret_byte(window.text[at]) && (at == 0 || !is_secret_byte(window.text[at - 1]))) {
        at = try_secret(window, at, matches);
      }
    }
    return {};
  }

 private:
  static void try_id(const Window& window, std::size_t at, Matches& matches) {
    const std::string_view id = window.text.substr(at, id_bytes);
    if (id.size() < id_bytes || std::ranges::find(prefixes, id.substr(0, 4)) == prefixes.end())
      return;
    const std::string_view key = id.substr(4);
    if (!std::ranges::all_of(key, [](char c) { return is_upper(c) || is_digit(c); })) return;
    if (is_alnum(window.at(at + id_bytes)) || !looks_random(key)) return;
    matches.add(id_type, at, at + id_bytes, std::ranges::all_of(key, is_base32) ? 0.95F : 0.8F);
  }

  // Returns the last position of the token.
  static std::size_t try_secret(const Window& window, std::size_t at, Matches& matches) {
    std::size_t end = at;
    while (end < window.text.size() && is_secret_byte(window.text[end])) ++end;
    const std::string_view token = window.text.substr(at, end - at);
    if (token.size() == secret_bytes && looks_like_base64(token) && window.at(end) != '=' &&
        has_word(window.context(at), secret_labels)) {
      matches.add(secret_type, at, end, 0.9F);
    }
    return at;
  }

  static constexpr std::array<const core::FindingType*, 2> types_{&id_type, &secret_type};
  static constexpr std::array<Trigger, 2> triggers_{
      Trigger{.bytes_min = id_bytes, .literals = prefixes},
      Trigger{.bytes_min = secret_bytes, .digits_min = 1}};
};

}  // namespace

const Detector& aws_access_key_detector() {
  static const AwsAccessKey detector;
  return detector;
}

}  // namespace menshen::detectors

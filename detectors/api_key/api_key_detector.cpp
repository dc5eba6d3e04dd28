#include "detectors/api_key/formats.h"
#include "detectors/detector.h"
#include "detectors/values/boundary.h"
#include "detectors/values/token.h"

#include <algorithm>
#include <array>

namespace menshen::detectors {
namespace {

using api_key::Format;

constexpr std::string_view openai_mark =
    "T3BlbkFJ";  // base64 of "OpenAI", in the middle of older keys

class ApiKey final : public Detector {
 public:
  std::string_view name() const noexcept override { return "api_key"; }
  unsigned version() const noexcept override { return 2; }
  std::span<const core::FindingType* const> types() const noexcept override {
    return api_key::types();
  }
  std::span<const Trigger> triggers() const noexcept override { return triggers_; }

  core::Result<void> scan(const Window& window, Matches& matches) const override {
    for (std::size_t at = window.begin; at < window.owned_end; ++at) {
      if (!begins_token(window.text, at)) continue;
      for (const Format& format : api_key::formats()) {
        if (window.text[at] != format.prefix[0] ||
            !window.text.substr(at).starts_with(format.prefix))
          continue;
        if (try_format(window, at, format, matches)) break;
      }
    }
    return {};
  }

 private:
  static bool try_format(const Window& window, std::size_t at, const Format& format,
                         Matches& matches) {
    const std::string_view text = window.text;
    const std::size_t body = at + format.prefix.size();
    std::size_t bytes = token_bytes(text, body, format.set);
    // Characters that join words end no key.
    while (bytes > 0 && !is_alnum(text[body + bytes - 1])) --bytes;
    const std::string_view key = text.substr(body, bytes);
    if (bytes < format.bytes_min || !is_key(key)) return false;
    const std::size_t end = body + bytes;
    const core::FindingType& type = type_of(format, key);
    if (format.bytes_max == 0) {
      matches.add_open(type, at, end, format.confidence, extend_token, {format.set});
      return true;
    }
    if (bytes > format.bytes_max || is_alnum(window.at(end))) return false;
    matches.add(type, at, end, format.confidence);
    return true;
  }

  static bool is_key(std::string_view key) {
    return looks_random(key) &&
           std::ranges::any_of(key, [](char c) { return is_digit(c) || is_upper(c); });
  }

  static const core::FindingType& type_of(const Format& format, std::string_view key) {
    if (format.prefix == "sk-" && key.find(openai_mark) != key.npos) return api_key::openai_type();
    return *format.type;
  }

  std::array<Trigger, 1> triggers_{Trigger{.bytes_min = 16, .literals = api_key::prefixes()}};
};

}  // namespace

const Detector& api_key_detector() {
  static const ApiKey detector;
  return detector;
}

}  // namespace menshen::detectors

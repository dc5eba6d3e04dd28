#include "detectors/detector.h"
#include "detectors/values/boundary.h"

#include <algorithm>
#include <array>

namespace menshen::detectors {
namespace {

constexpr core::FindingType type{"url_password", core::Category::secret, "URL_PASSWORD",
                                 "Password in the user part of a URL or connection string, "
                                 "scheme://user:password@host (0.85). Known "
                                 "false positives: examples in documentation."};

constexpr std::size_t password_bytes_min = 3;
constexpr std::size_t user_info_bytes_max = 200;

// Words that stand where a password would.
bool is_placeholder(std::string_view password) {
  static constexpr std::array<std::string_view, 8> words{"password", "pass", "passwd", "pwd",
                                                         "xxx",      "xxxx", "secret", "token"};
  const auto same = [password](std::string_view w) {
    return std::ranges::equal(password, w, {}, to_lower);
  };
  return std::ranges::any_of(words, same);
}

class UrlPassword final : public Detector {
 public:
  std::string_view name() const noexcept override { return "url_password"; }
  unsigned version() const noexcept override { return 1; }
  std::span<const core::FindingType* const> types() const noexcept override { return types_; }
  std::span<const Trigger> triggers() const noexcept override { return triggers_; }

  core::Result<void> scan(const Window& window, Matches& matches) const override {
    const std::string_view text = window.text;
    for (std::size_t at = text.find("://", window.run_begin); at != text.npos;
         at = text.find("://", at + 3)) {
      const std::size_t user = at + 3;
      const std::size_t end =
          text.substr(0, std::min(text.size(), user + user_info_bytes_max)).find('@', user);
      if (end == text.npos || text.substr(user, end - user).find('/') != text.npos) continue;
      const std::size_t colon = text.find(':', user);
      if (colon >= end || end - colon - 1 < password_bytes_min || !is_alnum(window.at(end + 1)))
        continue;
      const std::string_view password = text.substr(colon + 1, end - colon - 1);
      if (window.owns(colon + 1) && !is_placeholder(password))
        matches.add(type, colon + 1, end, 0.85F);
    }
    return {};
  }

 private:
  static constexpr std::array<const core::FindingType*, 1> types_{&type};
  static constexpr std::array<Trigger, 1> triggers_{
      Trigger{.bytes_min = 12, .content = run_class::at | run_class::colon | run_class::joiner}};
};

}  // namespace

const Detector& url_password_detector() {
  static const UrlPassword detector;
  return detector;
}

}  // namespace menshen::detectors

#include "detectors/detector.h"
#include "detectors/values/boundary.h"
#include "detectors/values/placeholder.h"

#include <algorithm>
#include <array>
#include <optional>

namespace menshen::detectors {
namespace {

constexpr core::FindingType type{"url_password", core::Category::secret, "URL_PASSWORD",
                                 "Password in the user part of a URL or connection string, "
                                 "scheme://user:password@host (0.85). Known "
                                 "false positives: examples in documentation."};

constexpr std::size_t password_bytes_min = 3;
constexpr std::size_t user_info_bytes_max = 200;

bool ends_url(char c) {
  return static_cast<unsigned char>(c) <= ' ' || static_cast<unsigned char>(c) >= 0x80 ||
         std::string_view("\"'`<>\\|").find(c) != std::string_view::npos;
}

// A host, and what may follow one: its port, a path, further hosts, the end of the URL.
bool begins_host(std::string_view text) {
  if (text.empty()) return false;
  if (text.front() == '[') return text.find(']') != text.npos;
  const std::size_t end = std::min(
      text.size(),
      static_cast<std::size_t>(
          std::ranges::find_if_not(
              text, [](char c) { return is_alnum(c) || c == '.' || c == '-' || c == '_'; }) -
          text.begin()));
  if (end == 0 || !is_alnum(text.front())) return false;
  return end == text.size() || ends_url(text[end]) ||
         std::string_view(":/?#,;)]}!").find(text[end]) != std::string_view::npos;
}

// The last '@' in text[from, to) before a host.
std::optional<std::size_t> last_at(std::string_view text, std::size_t from, std::size_t to) {
  for (std::size_t at = to; at > from; --at) {
    if (text[at - 1] == '@' && begins_host(text.substr(at))) return at - 1;
  }
  return std::nullopt;
}

bool is_port(std::string_view text) { return std::ranges::all_of(text, is_digit); }

struct Span {
  std::size_t begin;
  std::size_t end;
};

// RFC 3986, and what people write instead: '@', '/', '?' and '#' as they are and, where the scheme
// is not one of the web, blanks.
std::optional<Span> find_password(std::string_view text, std::size_t begin, bool web) {
  const std::string_view shown = text.substr(0, begin + user_info_bytes_max);
  std::size_t end = begin;
  while (end < shown.size() && !ends_url(shown[end])) ++end;
  const std::size_t authority_end = std::min(shown.find_first_of("/?#", begin), end);
  const std::size_t colon = shown.find(':', begin);
  if (colon >= authority_end) return std::nullopt;
  if (const auto at = last_at(shown, colon + 1, authority_end)) return Span{colon + 1, *at};
  if (is_port(shown.substr(colon + 1, authority_end - colon - 1))) return std::nullopt;
  // The first '@' behind the slash: a later one may be of the path.
  for (std::size_t at = shown.find('@', authority_end); at < end; at = shown.find('@', at + 1)) {
    if (begins_host(shown.substr(at + 1))) return Span{colon + 1, at};
  }
  if (web || end == shown.size() || shown[end] != ' ') return std::nullopt;
  const std::size_t line = std::min(shown.find_first_of("\n\"'`<>\\", end), shown.size());
  const std::size_t at = shown.find('@', end);
  const bool near = at < line && std::ranges::count(shown.substr(end, at - end), ' ') <= 3 &&
                    shown.substr(end, at - end).find("://") == shown.npos;
  return near && begins_host(shown.substr(at + 1)) ? std::optional(Span{colon + 1, at})
                                                   : std::nullopt;
}

class UrlPassword final : public Detector {
 public:
  std::string_view name() const noexcept override { return "url_password"; }
  unsigned version() const noexcept override { return 2; }
  std::span<const core::FindingType* const> types() const noexcept override { return types_; }
  std::span<const Trigger> triggers() const noexcept override { return {}; }
  std::span<const Anchor> anchors() const noexcept override { return anchors_; }

  core::Result<void> scan(const Window&, Matches&) const override { return {}; }
  core::Result<void> look(const AnchorWindow& window, Matches& matches) const override {
    const std::string_view before = window.text.substr(0, window.begin);
    if (before.empty() || !is_alnum(before.back())) return {};
    const bool web = before.ends_with("http") || before.ends_with("https");
    const auto found = find_password(window.text, window.end, web);
    if (!found || found->end - found->begin < password_bytes_min) return {};
    const std::string_view password = window.text.substr(found->begin, found->end - found->begin);
    if (is_placeholder(password) || is_made_of_labels(password)) return {};
    matches.add(type, found->begin, found->end, 0.85F);
    return {};
  }

 private:
  static constexpr std::array<const core::FindingType*, 1> types_{&type};
  static constexpr std::array<Anchor, 1> anchors_{Anchor{"://", false}};
};

}  // namespace

const Detector& url_password_detector() {
  static const UrlPassword detector;
  return detector;
}

}  // namespace menshen::detectors

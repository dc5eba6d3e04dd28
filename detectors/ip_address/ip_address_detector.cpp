#include "detectors/detector.h"
#include "detectors/values/boundary.h"
#include "detectors/values/context.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <system_error>

namespace menshen::detectors {
namespace {

constexpr core::FindingType type{
    "ip_address",
    core::Category::pii,
    "IP_ADDRESS",
    "IPv4 and IPv6 addresses, public (0.8, 0.95 behind a label) and private (0.45, below what "
    "rules "
    "act on unless they ask for it; 0.75 where somebody's); loopback, masks, ranges and multicast "
    "are none. Known false positives: versions of four parts without a label.",
    {core::FindingClass::hipaa_o}};

constexpr std::array<std::string_view, 20> labels{
    "ip",     "ips",  "ipv4",   "ipv6",   "address", "addr", "host", "server", "dns",  "gateway",
    "subnet", "ping", "remote", "client", "peer",    "地址", "主机", "网关",   "登录", "服务器"};
// Those that say whose it is: private ones behind others belong to clusters and manuals.
constexpr std::array<std::string_view, 16> personal_labels{
    "ip",    "ips",    "ipv4", "ipv6", "client", "remote", "peer",   "user",
    "login", "logged", "my",   "登录", "用户",   "客户端", "访问者", "来源"};
constexpr std::size_t personal_distance_max = 20;
constexpr std::array<std::string_view, 14> version_labels{
    "version", "versions", "ver",  "v",    "release", "build", "firmware",
    "driver",  "版本",     "固件", "驱动", "section", "章节",  "第"};

using Quad = std::array<unsigned, 4>;

// Strict dotted decimal (RFC 6943 section 3.1.1): no leading zeros, no missing parts.
std::optional<Quad> read_quad(std::string_view text, std::size_t at, std::size_t& end) {
  Quad quad{};
  for (std::size_t part = 0; part < quad.size(); ++part) {
    if (part > 0 && (at >= text.size() || text[at++] != '.')) return std::nullopt;
    const std::size_t from = at;
    while (at < text.size() && is_digit(text[at]) && at - from < 4) ++at;
    const std::string_view digits = text.substr(from, at - from);
    if (digits.empty() || digits.size() > 3 || (digits.size() > 1 && digits[0] == '0'))
      return std::nullopt;
    std::from_chars(digits.data(), digits.data() + digits.size(), quad[part]);
    if (quad[part] > 255) return std::nullopt;
  }
  end = at;
  return quad;
}

bool is_private(const Quad& q) {
  return q[0] == 10 || (q[0] == 172 && q[1] >= 16 && q[1] < 32) || (q[0] == 192 && q[1] == 168) ||
         (q[0] == 100 && q[1] >= 64 && q[1] < 128) || (q[0] == 169 && q[1] == 254);
}

// Names no host: this network, loopback, multicast, masks and broadcast.
bool names_no_host(const Quad& q) { return q[0] == 0 || q[0] == 127 || q[0] >= 224; }

// Resolvers that everybody uses, and what manuals write: nobody's, but behind a label.
bool is_specimen(const Quad& q) {
  constexpr std::array<Quad, 7> specimens{{{1, 1, 1, 1},
                                           {1, 0, 0, 1},
                                           {1, 2, 3, 4},
                                           {8, 8, 8, 8},
                                           {8, 8, 4, 4},
                                           {9, 9, 9, 9},
                                           {114, 114, 114, 114}}};
  return std::ranges::find(specimens, q) != specimens.end();
}

// "10.244.0.0/16", a network: nothing but zeros behind its prefix.
bool is_range(const Quad& q, std::string_view behind) {
  unsigned prefix = 0;
  const auto read = std::from_chars(behind.data() + 1, behind.data() + behind.size(), prefix);
  if (read.ec != std::errc() || prefix > 32) return false;
  const std::uint64_t address = q[0] << 24U | q[1] << 16U | q[2] << 8U | q[3];
  return (address & ((std::uint64_t{1} << (32 - prefix)) - 1)) == 0;
}

bool is_group(std::string_view group) {
  return !group.empty() && group.size() <= 4 && std::ranges::all_of(group, is_hex);
}

// RFC 4291 section 2.2: eight groups, or fewer around one "::"; the last two may be dotted decimal.
bool is_ipv6(std::string_view text) {
  const std::size_t gap = text.find("::");
  if (gap != text.npos && text.find("::", gap + 1) != text.npos) return false;
  std::size_t groups = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (text.substr(at).starts_with("::")) {
      at += 2;
      continue;
    }
    const std::size_t end = std::min(text.find(':', at), text.size());
    const std::string_view group = text.substr(at, end - at);
    std::size_t quad_end = 0;
    if (end == text.size() && read_quad(group, 0, quad_end) && quad_end == group.size()) {
      groups += 2;
    } else if (is_group(group)) {
      ++groups;
    } else {
      return false;
    }
    at = end;
    if (at < text.size() && !text.substr(at).starts_with("::") && ++at == text.size()) return false;
  }
  return gap == text.npos ? groups == 8 : groups >= 1 && groups <= 7;
}

// Abbreviated addresses must lie in a range that is in use, so that `a::b` in source code is none.
bool is_plausible_ipv6(std::string_view text) {
  const std::string_view first = text.substr(0, text.find(':'));
  if (text.find("::") == text.npos) return true;
  if (text.starts_with("::")) return text.starts_with("::ffff:");
  const auto lower = [&](std::size_t i) { return to_lower(first[i]); };
  if (first.size() == 4 && (first[0] == '2' || first[0] == '3')) return true;
  return (first.size() == 4 && lower(0) == 'f' && (lower(1) >= 'c')) || first == "64";
}

bool in_address(char c) { return is_hex(c) || c == ':' || c == '.'; }

// Eight pairs of digits are the identifier of an interface, not an address.
bool is_eui64(std::string_view text) {
  if (text.size() != 23) return false;
  for (std::size_t i = 2; i < text.size(); i += 3) {
    if (text[i] != ':') return false;
  }
  return true;
}

bool is_address(std::string_view text) {
  constexpr std::size_t bytes_max = 45;
  return std::ranges::count(text, ':') >= 2 && text.size() <= bytes_max &&
         std::ranges::any_of(text, is_digit) && is_ipv6(text) && is_plausible_ipv6(text) &&
         !is_eui64(text);
}

class IpAddress final : public Detector {
 public:
  std::string_view name() const noexcept override { return "ip_address"; }
  unsigned version() const noexcept override { return 2; }
  std::span<const core::FindingType* const> types() const noexcept override { return types_; }
  std::span<const Trigger> triggers() const noexcept override { return triggers_; }

  core::Result<void> scan(const Window& window, Matches& matches) const override {
    for (std::size_t i = 0; i < window.groups.size(); ++i) {
      if (window.owns(window.groups[i].begin)) try_v4(window, i, matches);
    }
    std::size_t at = window.begin;
    while (at < window.owned_end) at = try_v6(window, at, matches);
    return {};
  }

 private:
  static void try_v4(const Window& window, std::size_t group, Matches& matches) {
    const std::string_view text = window.text;
    const std::size_t begin = window.groups[group].begin;
    std::size_t end = 0;
    const auto quad = read_quad(text, begin, end);
    if (!quad || names_no_host(*quad) || touches_v4(window, begin, end)) return;
    const std::string_view context = window.context(begin);
    const bool label = has_word(context, labels);
    if (!label && labelled(context, version_labels)) return;
    const bool port_or_mask = window.at(end) == ':' || window.at(end) == '/';
    const bool in_url = begin >= 3 && text.substr(begin - 3, 3) == "://";
    if (window.at(end) == '/' && is_range(*quad, text.substr(end))) return;
    if ((*quad)[3] == 0 && !label) return;  // a network's name
    // Versions count up from 0: that two parts of four are large is rare among them.
    const bool small = std::ranges::count_if(*quad, [](unsigned part) { return part >= 20; }) < 2;
    if (small && !label && !port_or_mask && !in_url && !is_private(*quad)) return;
    if (is_specimen(*quad) && !label) return;
    matches.add(type, begin, end, confidence_of(*quad, context, label));
  }

  static float confidence_of(const Quad& quad, std::string_view context, bool label) {
    if (is_specimen(quad)) return 0.7F;
    if (!is_private(quad)) return label ? 0.95F : 0.8F;
    const std::size_t word = last_word(context, personal_labels);
    return word != no_word && context.size() - word <= personal_distance_max ? 0.75F : 0.45F;
  }

  static bool touches_v4(const Window& window, std::size_t begin, std::size_t end) {
    const std::string_view text = window.text;
    const char before = begin > 0 ? text[begin - 1] : ' ';
    if (before == '.' && begin >= 2 && is_alnum(text[begin - 2])) return true;
    if (is_letter(before) && !begins_token(text, begin)) {
      return !equal_ignoring_case(letters_before(text, begin), "ip");
    }
    // openssl-1.1.1.1, Chrome/120.0.0.0
    if ((before == '-' || before == '_' || before == '/') && begin >= 2 &&
        is_letter(text[begin - 2])) {
      return !has_word(window.context(begin), labels);
    }
    const char after = window.at(end);
    if (is_alnum(after)) return true;
    if (after == '.' || after == '-' || after == '_') return is_alnum(window.at(end + 1));
    return false;
  }

  // Returns where to go on.
  static std::size_t try_v6(const Window& window, std::size_t at, Matches& matches) {
    const std::string_view text = window.text;
    if (!in_address(text[at])) return at + 1;
    std::size_t begin = at;
    std::size_t end = at;
    while (end < text.size() && in_address(text[end])) ++end;
    std::string_view address = text.substr(begin, end - begin);
    // A single colon before it is that of "addr:", one behind it that of a sentence.
    if (address.starts_with(':') && !address.starts_with("::")) address.remove_prefix(1), ++begin;
    while (address.ends_with('.') || (address.ends_with(':') && !address.ends_with("::"))) {
      address.remove_suffix(1);
    }
    const bool cut_off = at > 0 && in_address(text[at - 1]);
    const bool touched =
        cut_off || (begin == at && at > 0 && is_alnum(text[at - 1]) && !begins_token(text, at)) ||
        is_alnum(window.at(end)) || window.at(end) == '_';
    if (!touched && is_address(address)) {
      matches.add(type, begin, begin + address.size(),
                  has_word(window.context(begin), labels) ? 0.95F : 0.85F);
    }
    return end;
  }

  static constexpr std::array<const core::FindingType*, 1> types_{&type};
  static constexpr std::array<Trigger, 3> triggers_{
      Trigger{.bytes_min = 7, .digits_min = 7, .numerals = true},
      Trigger{.bytes_min = 7, .digits_min = 4, .content = run_class::dot},
      Trigger{.bytes_min = 6, .digits_min = 1, .content = run_class::colon}};
};

}  // namespace

const Detector& ip_address_detector() {
  static const IpAddress detector;
  return detector;
}

}  // namespace menshen::detectors

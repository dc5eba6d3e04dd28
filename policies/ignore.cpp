#include "policies/ignore.h"

#include "core/utf8.h"
#include "detectors/text/normal_form.h"
#include "detectors/values/boundary.h"

#include <arpa/inet.h>
#include <re2/re2.h>

#include <algorithm>
#include <charconv>

namespace menshen::policies {
namespace {

constexpr std::array<std::uint8_t, 12> ipv4_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
constexpr std::size_t number_digits_min = 7;

using detectors::is_digit;
using detectors::normal_form;

// Signs that texts show in both widths, such as ，, in half of it; all in small letters.
std::string narrow(std::string_view value) {
  std::string out;
  for (std::size_t at = 0; at < value.size();) {
    const core::Utf8Character c = core::utf8_at(value, at);
    const char32_t half = c.valid ? detectors::half_width(c.point) : 0;
    if (half != 0) {
      out += detectors::to_lower(static_cast<char>(half));
    } else {
      for (const char byte : value.substr(at, c.bytes)) out += detectors::to_lower(byte);
    }
    at += c.bytes;
  }
  return out;
}

// An address stays as it is: its dots are no grouping.
std::string form_of(std::string_view value) {
  std::string out = narrow(value);
  const bool number =
      out.find_first_not_of("0123456789 -()+") == std::string::npos &&
      static_cast<std::size_t>(std::ranges::count_if(out, is_digit)) >= number_digits_min;
  // A number with its country is another than one without.
  const bool plus = number && out.starts_with('+');
  if (number) std::erase_if(out, [](char c) { return !is_digit(c); });
  if (plus) out.insert(out.begin(), '+');
  return out;
}

}  // namespace

std::optional<Network> Network::from(std::string_view text) {
  Network out;
  const std::size_t slash = text.find('/');
  const std::string address(text.substr(0, slash));
  const bool ipv4 = address.find(':') == std::string::npos;
  const unsigned width = ipv4 ? 32 : 128;
  if (ipv4) std::ranges::copy(ipv4_prefix, out.address.begin());
  std::uint8_t* const to = out.address.data() + (ipv4 ? ipv4_prefix.size() : 0);
  if (inet_pton(ipv4 ? AF_INET : AF_INET6, address.c_str(), to) != 1) return std::nullopt;
  unsigned bits = width;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (read.ec != std::errc{} || read.ptr != digits.data() + digits.size() || bits > width)
      return std::nullopt;
  }
  out.bits = 128 - width + bits;
  for (unsigned bit = out.bits; bit < 128; ++bit)
    if ((out.address[bit / 8] >> (7 - bit % 8) & 1) != 0) return std::nullopt;
  return out;
}

bool Network::has(const Network& other) const noexcept {
  if (other.bits < bits) return false;
  for (unsigned bit = 0; bit < bits; ++bit) {
    const unsigned differing = static_cast<unsigned>(address[bit / 8] ^ other.address[bit / 8]);
    if ((differing >> (7 - bit % 8) & 1U) != 0) return false;
  }
  return true;
}

bool Network::is_wide() const noexcept {
  constexpr unsigned ipv4_bits_min = 96 + 8;
  constexpr unsigned ipv6_bits_min = 7;
  const bool ipv4 =
      bits >= 96 && std::equal(ipv4_prefix.begin(), ipv4_prefix.end(), address.begin());
  return bits < (ipv4 ? ipv4_bits_min : ipv6_bits_min);
}

IgnoreList::IgnoreList(const std::vector<IgnoreEntry>& entries) {
  for (const IgnoreEntry& entry : entries) {
    Entry& out = entries_.emplace_back();
    for (const std::string& value : entry.values) out.values.insert(form_of(normal_form(value)));
    for (const std::string& domain : entry.domains)
      out.domains.insert(form_of(normal_form(domain)));
    out.networks = entry.networks;
    out.patterns = entry.patterns;
    out.types = entry.types;
  }
}

std::uint32_t IgnoreList::entries_of(const core::FindingType& type, std::string_view value) const {
  const std::string form = form_of(value);
  std::uint32_t out = 0;
  for (std::size_t i = 0; i < entries_.size(); ++i)
    if (entries_[i].names(type, value, form)) out |= std::uint32_t{1} << i;
  return out;
}

bool IgnoreList::Entry::names(const core::FindingType& type, std::string_view value,
                              std::string_view form) const {
  if (!types.empty() && std::ranges::find(types, &type) == types.end()) return false;
  if (values.contains(form)) return true;
  // A password may have an @ too; whoever means it names its type.
  const bool mailbox = type.category == core::Category::pii || !types.empty();
  if (const std::size_t at = form.rfind('@'); !domains.empty() && mailbox && at != form.npos) {
    for (std::string_view rest = form.substr(at + 1);;) {
      if (domains.contains(rest)) return true;
      const std::size_t dot = rest.find('.');
      if (dot == rest.npos) break;
      rest.remove_prefix(dot + 1);
    }
  }
  if (!networks.empty()) {
    const auto address = value.find('/') == value.npos ? Network::from(value) : std::nullopt;
    const auto has = [&](const Network& network) { return address && network.has(*address); };
    if (std::ranges::any_of(networks, has)) return true;
  }
  return std::ranges::any_of(patterns, [&](const auto& pattern) {
    return re2::RE2::FullMatch({value.data(), value.size()}, *pattern);
  });
}

}  // namespace menshen::policies

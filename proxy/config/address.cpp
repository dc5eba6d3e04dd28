// Addresses to listen on, and URLs of upstreams (RFC 3986, read by Boost.URL).
#include "proxy/config/address.h"

#include "proxy/config/reading.h"

#include <arpa/inet.h>
#include <boost/url/parse.hpp>
#include <boost/url/src.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <charconv>

namespace menshen::config {
namespace {

constexpr std::size_t url_bytes_max = 2048;
constexpr std::size_t host_bytes_max = 253;
constexpr std::size_t origin_bytes_max = 300;

bool is_ip(const std::string& host) {
  in6_addr out{};
  return inet_pton(AF_INET, host.c_str(), &out) == 1 ||
         inet_pton(AF_INET6, host.c_str(), &out) == 1;
}

std::optional<std::uint16_t> port_from(std::string_view text) {
  std::uint16_t port = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), port);
  const bool whole = parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size();
  return whole ? std::optional(port) : std::nullopt;
}

// What is wrong with a URL as the base of a provider; empty: nothing.
std::string fault_of(const boost::urls::url_view& url) {
  const std::string scheme(url.scheme());
  if (scheme != "http" && scheme != "https") return "The URL must begin with http:// or https://.";
  if (url.has_userinfo()) {
    return "The URL must not hold a user name or password; use `credential`.";
  }
  if (url.has_query() || url.has_fragment()) return "The URL must end with its path.";
  const std::string host = url.host_address();
  const bool plain = std::ranges::all_of(host, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == ':';
  });
  if (host.empty() || host.size() > host_bytes_max || !plain) return "The URL has no valid host.";
  if (url.has_port() && port_from(std::string(url.port())).value_or(0) == 0) {
    return "The URL's port must be from 1 to 65535.";
  }
  const std::string path(url.encoded_path());
  if (path.find("//") != std::string::npos || path.find("/.") != std::string::npos) {
    return "The URL's path must not have empty or dotted parts.";
  }
  if (path.ends_with("/v1") || path.ends_with("/v1/")) {
    return "Leave out /v1: the provider's paths, such as /v1/chat/completions, are appended.";
  }
  return {};
}

// What is wrong with an origin; empty: nothing. It is compared with what a browser sends, byte by
// byte, so it has to be written as one writes it.
std::string fault_of_origin(const std::string& text) {
  if (text.find('*') != std::string::npos) return "Name each origin; there is no wildcard.";
  const auto parsed = boost::urls::parse_uri(text);
  const bool is_origin = parsed && parsed->has_authority() && !parsed->has_userinfo() &&
                         parsed->encoded_path().empty() && !parsed->has_query() &&
                         !parsed->has_fragment() && !parsed->host_address().empty();
  const bool is_plain = std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view("-._+:/[]").find(c) != std::string_view::npos;
  });
  if (!is_origin || !is_plain || text.size() > origin_bytes_max) {
    return "Expected an origin as browsers write it, such as https://app.example.com: in lower "
           "case, without a path and a slash at its end.";
  }
  const std::string scheme(parsed->scheme());
  const std::string port(parsed->port());
  if (parsed->has_port() && port_from(port).value_or(0) == 0)
    return "The origin's port must be from 1 to 65535.";
  if ((scheme == "https" && port == "443") || (scheme == "http" && port == "80"))
    return "Browsers leave out the port " + port + " of " + scheme + "; leave it out here.";
  return {};
}

Url url_from(const boost::urls::url_view& url) {
  Url out;
  out.tls = url.scheme() == "https";
  out.host = url.host_address();
  std::ranges::transform(out.host, out.host.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  const std::uint16_t usual = out.tls ? 443 : 80;
  out.port = url.has_port() ? port_from(std::string(url.port())).value_or(usual) : usual;
  out.prefix = std::string(url.encoded_path());
  if (out.prefix.ends_with('/')) out.prefix.pop_back();
  return out;
}

}  // namespace

std::optional<Address> parse_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = port_from(text.substr(colon + 1));
  std::string host(text.substr(0, colon));
  const bool has_colon = host.find(':') != std::string::npos;
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (has_colon != bracketed) return std::nullopt;
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (!port || !is_ip(host)) return std::nullopt;
  return Address{std::move(host), *port};
}

std::optional<Address> read_address(const core::YamlValue& value) {
  const auto text = value.text();
  if (!text) return std::nullopt;
  auto address = parse_address(*text);
  if (!address) {
    value.error(
        "Expected an IP address and a port, such as 127.0.0.1:8080 or [::1]:8080 "
        "(0.0.0.0 and [::] stand for every interface).");
  }
  return address;
}

std::optional<std::string> read_origin(const core::YamlValue& value) {
  auto text = value.text();
  if (!text) return std::nullopt;
  if (const std::string fault = fault_of_origin(*text); !fault.empty()) {
    value.error(fault);
    return std::nullopt;
  }
  return text;
}

std::optional<Url> read_url(const core::YamlValue& value) {
  const auto text = value.text();
  if (!text) return std::nullopt;
  const auto parsed = boost::urls::parse_uri(*text);
  if (text->size() > url_bytes_max || !parsed) {
    value.error("This is not a URL; expected one such as https://api.example.com.");
    return std::nullopt;
  }
  if (std::string fault = fault_of(*parsed); !fault.empty()) {
    value.error(std::move(fault));
    return std::nullopt;
  }
  return url_from(*parsed);
}

bool is_loopback(std::string_view host) noexcept {
  return host == "::1" || host.starts_with("127.");
}

}  // namespace menshen::config

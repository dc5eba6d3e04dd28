#include "proxy/protocol/adapter.h"

#include "core/hex.h"
#include "core/unicode.h"
#include "core/utf8.h"
#include "proxy/protocol/registered.h"

#include <algorithm>
#include <set>

namespace menshen::protocol {

namespace {

constexpr std::size_t model_id_bytes_max = 256;
constexpr std::string_view model_hole = "{model}";

constexpr bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

constexpr bool is_model_id_byte(char c) {
  return is_alphanumeric(c) || std::string_view("-._~:@+=").find(c) != std::string_view::npos;
}

// Letters of any script may stand in the name of a model.
bool is_model_id_segment(std::string_view segment) {
  if (segment.empty() || segment == "." || segment == "..") return false;
  for (std::size_t at = 0; at < segment.size();) {
    const core::Utf8Character c = core::utf8_at(segment, at);
    const bool fits = c.bytes == 1 ? is_model_id_byte(segment[at])
                                   : c.valid && core::has_any(c.point, core::fact::letter) &&
                                         !core::has_any(c.point, core::fact::ignorable);
    if (!fits) return false;
    at += c.bytes;
  }
  return true;
}

// Segments between slashes, none empty, ".", or "..": what a proxy behind us could rewrite is not
// let through.
bool is_model_id(std::string_view id) {
  if (id.empty() || id.size() > model_id_bytes_max) return false;
  while (true) {
    const std::string_view segment = id.substr(0, id.find('/'));
    if (!is_model_id_segment(segment)) return false;
    if (segment.size() == id.size()) return true;
    id.remove_prefix(segment.size() + 1);
  }
}

// Whether `path` is the endpoint's; `model`: what it has in the place of a model's name.
bool matches(const Endpoint& endpoint, std::string_view path, std::string& model) {
  if (!endpoint.has_model()) return path == endpoint.path;
  const std::size_t hole = std::min(endpoint.path.find(model_hole), endpoint.path.size());
  const std::string_view before = endpoint.path.substr(0, hole);
  const std::string_view after =
      endpoint.path.substr(std::min(hole + model_hole.size(), endpoint.path.size()));
  if (path.size() < before.size() + after.size()) return false;
  if (!path.starts_with(before) || !path.ends_with(after)) return false;
  path = path.substr(before.size(), path.size() - before.size() - after.size());
  const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  if (!std::ranges::all_of(path, is_ascii)) return false;  // it is escaped, as URLs are
  // SDKs write the slash of an id as %2F. A percent sign that begins no escape makes no id.
  model = core::percent_decoded(path).text;
  // Only at the end of a path may a name have slashes, written as they are or not.
  return is_model_id(model) && (after.empty() || model.find('/') == std::string::npos);
}

}  // namespace

bool has_header(const Head& head, std::string_view name) noexcept {
  return std::any_of(head.headers.begin(), head.headers.end(),
                     [name](const auto& header) { return header.first == name; });
}

std::string Adapter::target(const Endpoint& endpoint, std::string_view model,
                            std::string_view query) const {
  std::string out(endpoint.path);
  if (const std::size_t hole = out.find(model_hole); hole != std::string::npos)
    out.replace(hole, model_hole.size(), path_segment(model));
  if (!query.empty()) out.append("?").append(query);
  return out;
}

std::span<const Adapter* const> adapters() {
  static const std::vector<const Adapter*> all = [] {
    auto registered = registered_adapters();
    std::ranges::sort(registered, {}, [](const Adapter* a) { return a->facts().name; });
    return registered;
  }();
  return all;
}

const Adapter* find_adapter(std::string_view name) {
  for (const Adapter* adapter : adapters()) {
    if (adapter->facts().name == name) return adapter;
  }
  return nullptr;
}

std::vector<std::string_view> account_headers() {
  std::vector<std::string_view> names;
  for (const Adapter* adapter : adapters()) {
    const auto of_account = adapter->facts().of_account;
    names.insert(names.end(), of_account.begin(), of_account.end());
  }
  return names;
}

const Endpoint* find_endpoint(std::string_view name) {
  for (const Adapter* adapter : adapters()) {
    for (const Endpoint& endpoint : adapter->facts().endpoints) {
      if (endpoint.name == name) return &endpoint;
    }
  }
  return nullptr;
}

namespace {

std::string_view path_that_answers(std::string_view path) {
  std::string model;
  for (const Adapter* adapter : adapters()) {
    for (const Endpoint& endpoint : adapter->facts().endpoints) {
      if (matches(endpoint, path, model)) return endpoint.path;
    }
  }
  return {};
}

// SDKs put their paths behind a base URL, and differ in whether /v1 is of the one or of the other.
std::string base_url_hint(std::string_view path) {
  constexpr std::string_view version = "/v1";
  const std::string_view with = path_that_answers(std::string(version).append(path));
  if (!with.empty()) return " Did you mean " + std::string(with) + "? Let the base URL end in /v1.";
  if (!path.starts_with("/v1/v1/") && !path.starts_with("/v1/api/")) return {};
  const std::string_view without = path_that_answers(path.substr(version.size()));
  if (without.empty()) return {};
  return " Did you mean " + std::string(without) + "? Leave /v1 out of the base URL.";
}

}  // namespace

core::Result<Call> find_call(const Head& head) {
  const std::string_view method = head.method == "HEAD" ? "GET" : head.method;
  Call call;
  Claim claimed = Claim::none;
  std::string model;
  for (const Adapter* adapter : adapters()) {
    for (const Endpoint& endpoint : adapter->facts().endpoints) {
      if (endpoint.method != method || !matches(endpoint, head.path, model)) continue;
      // Two APIs may have the same path; then the caller's headers tell them apart.
      const Claim claim = adapter->claim(head);
      if (call.endpoint != nullptr && claim <= claimed) continue;
      claimed = claim;
      call = {&endpoint, endpoint.has_model() ? model : std::string()};
    }
  }
  if (call.endpoint != nullptr) return call;
  if (const std::string others = allowed_methods(head.path); !others.empty()) {
    return core::client_error(core::ErrorKind::method_not_allowed, "method_not_allowed",
                              "This path answers these methods: " + others + ".");
  }
  return core::client_error(core::ErrorKind::not_found, "unknown_path",
                            "The gateway has no such endpoint." + base_url_hint(head.path));
}

std::string allowed_methods(std::string_view path) {
  std::set<std::string_view> methods;
  std::string model;
  for (const Adapter* adapter : adapters()) {
    for (const Endpoint& endpoint : adapter->facts().endpoints) {
      if (!matches(endpoint, path, model)) continue;
      methods.insert(endpoint.method);
      if (endpoint.method == "GET") methods.insert("HEAD");
    }
  }
  std::string out;
  for (const std::string_view method : methods) {
    if (!out.empty()) out.append(", ");
    out.append(method);
  }
  return out;
}

const Adapter& likely_adapter(const Head& head) {
  return **std::ranges::max_element(adapters(), {},
                                    [&](const Adapter* adapter) { return adapter->claim(head); });
}

std::string path_segment(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (is_alphanumeric(c) || std::string_view("-._~:@").find(c) != std::string_view::npos) {
      out.push_back(c);
    } else {
      core::append_percent_encoded(out, c);
    }
  }
  return out;
}

bool is_paging_query(std::string_view query) noexcept {
  constexpr std::size_t query_bytes_max = 64;
  return query.size() <= query_bytes_max && std::all_of(query.begin(), query.end(), [](char c) {
           return is_alphanumeric(c) || c == '=' || c == '&' || c == '_' || c == '-';
         });
}

}  // namespace menshen::protocol

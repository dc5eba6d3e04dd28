#include "proxy/http/cors.h"

#include "proxy/http/characters.h"

#include <algorithm>
#include <utility>

namespace menshen::http {
namespace {

constexpr std::string_view max_age_s = "600";

// Names of headers, as a browser asks for them; each goes back into a header.
bool is_list_of_names(std::string_view text) noexcept {
  return std::ranges::all_of(text, [](char c) { return is_token(c) || c == ',' || is_blank(c); });
}

std::string names_of(const Headers& headers) {
  std::string names;
  for (const auto& [name, value] : headers) {
    if (!names.empty()) names.append(", ");
    names.append(name);
  }
  return names;
}

}  // namespace

std::string_view Cors::named_origin(const RequestHead& head) const noexcept {
  const std::string* origin = nullptr;
  for (const auto& [name, value] : head.headers) {
    if (name == "origin" && origin != nullptr) return {};
    if (name == "origin") origin = &value;
  }
  const bool named = origin != nullptr && std::ranges::find(origins_, *origin) != origins_.end();
  return named ? std::string_view(*origin) : std::string_view();
}

std::optional<Reply> Cors::preflight(const RequestHead& head) const {
  if (head.method != "OPTIONS") return std::nullopt;
  const std::string_view origin = named_origin(head);
  const auto method = find_header(head.headers, "access-control-request-method");
  if (origin.empty() || !method) return std::nullopt;
  const std::string_view target = head.target;
  std::string methods = methods_(target.substr(0, target.find('?')));
  if (methods.empty()) return std::nullopt;
  Reply reply{{204, {}}, {}};
  Headers& headers = reply.head.headers;
  headers.emplace_back("access-control-allow-origin", origin);
  headers.emplace_back("access-control-allow-methods", std::move(methods));
  const auto asked = find_header(head.headers, "access-control-request-headers");
  if (asked && is_list_of_names(*asked))
    headers.emplace_back("access-control-allow-headers", *asked);
  headers.emplace_back("access-control-max-age", max_age_s);
  headers.emplace_back("vary",
                       "Origin, Access-Control-Request-Method, Access-Control-Request-Headers");
  return reply;
}

void Cors::mark(const RequestHead& head, Headers& answer) const {
  const std::string_view origin = named_origin(head);
  if (find_header(answer, "access-control-allow-origin")) return;  // of a preflight
  if (!origin.empty()) {
    std::string names = names_of(answer);
    answer.emplace_back("access-control-allow-origin", origin);
    if (!names.empty()) answer.emplace_back("access-control-expose-headers", std::move(names));
  }
  answer.emplace_back("vary", "Origin");
}

}  // namespace menshen::http

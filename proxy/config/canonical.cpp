#include "proxy/config/canonical.h"

#include "proxy/config/keys.h"
#include "proxy/config/limits_table.h"

#include <nlohmann/json.hpp>

#include <charconv>
#include <cmath>

namespace menshen::config {
namespace {

using Json = nlohmann::json;  // its objects are ordered by name
namespace fs = std::filesystem;

std::string text_of(std::string_view host, std::uint16_t port) {
  const bool bracketed = host.find(':') != std::string_view::npos;
  std::string out = bracketed ? "[" + std::string(host) + "]" : std::string(host);
  return out + ":" + std::to_string(port);
}

std::string text_of(const Url& url) {
  return (url.tls ? "https://" : "http://") + text_of(url.host, url.port) + url.prefix;
}

// Where it is read from.
Json named(const Secret& secret) {
  const SecretSource& source = secret.source();
  return source.file.empty() ? Json{{"env", source.variable}}
                             : Json{{"file", source.file.string()}};
}

void put(Json& out, const char* key, const std::optional<Secret>& secret) {
  if (secret) out[key] = named(*secret);
}
void put(Json& out, const char* key, const fs::path& path) {
  if (!path.empty()) out[key] = path.string();
}
void put(Json& out, const char* key, const std::vector<std::string>& list) {
  if (!list.empty()) out[key] = list;
}

Json listen(const Listen& from) {
  Json out{{"address", text_of(from.address.host, from.address.port)}};
  if (from.tls) {
    out["tls"] = {
        {"certificate", from.tls->certificate.string()},
        {"key", from.tls->key.string()},
        {"min_version", keys::tls_versions[static_cast<std::size_t>(from.tls->min_version)]}};
  }
  if (!from.cors_origins.empty()) out["cors"] = {{"origins", from.cors_origins}};
  return out;
}

Json admin(const Admin& from) {
  Json out{{"address", text_of(from.address.host, from.address.port)}};
  put(out, "token", from.token);
  return out;
}

Json header(const FixedHeader& from) {
  Json out{{"name", from.name}};
  if (from.is_secret)
    out["credential"] = named(from.value);
  else
    out["value"] = from.value.reveal();
  return out;
}

Json proxy(const ProxyServer& from) {
  Json out{{"url", "http://" + text_of(from.host, from.port)}};
  put(out, "credential", from.credential);
  return out;
}

Json upstream(const Upstream& from) {
  Json out{{"name", from.name},
           {"url", text_of(from.url)},
           {"zone", from.zone},
           {"retries", from.retries},
           {"breaker", {{"failures", from.breaker.failures}, {"open_ms", from.breaker.open_ms}}},
           {"timeouts",
            {{"connect_ms", from.timeouts.connect_ms},
             {"first_byte_ms", from.timeouts.first_byte_ms},
             {"idle_ms", from.timeouts.idle_ms},
             {"keep_alive_ms", from.timeouts.keep_alive_ms}}}};
  for (const protocol::Adapter* api : from.apis) out["apis"].push_back(api->facts().name);
  put(out, "credential", from.credential);
  for (const FixedHeader& each : from.headers) out["headers"].push_back(header(each));
  if (from.proxy) out["proxy"] = proxy(*from.proxy);
  put(out, "ca", from.ca);
  if (from.client_certificate) {
    out["client_certificate"] = {{"certificate", from.client_certificate->certificate.string()},
                                 {"key", from.client_certificate->key.string()}};
  }
  if (from.health) {
    out["health"] = {{"path", from.health->path},
                     {"interval_ms", from.health->interval_ms},
                     {"timeout_ms", from.health->timeout_ms}};
  }
  return out;
}

Json route(const Route& from, const std::vector<Upstream>& upstreams) {
  Json out{{"models", from.models},
           {"retry", keys::retries[static_cast<std::size_t>(from.retry)]},
           {"answer_model", keys::answer_models[from.answers_as_asked ? 1 : 0]}};
  put(out, "account_headers", from.account_headers);
  for (const RouteTarget& target : from.targets) {
    Json each{{"name", upstreams.at(target.upstream).name}, {"weight", target.weight}};
    if (!target.model.empty()) each["model"] = target.model;
    out["upstreams"].push_back(std::move(each));
  }
  return out;
}

Json receiver(const Receiver& from) {
  Json out{{"url", text_of(from.url)}};
  put(out, "ca", from.ca);
  return out;
}

Json audit(const Audit& from) {
  Json out{{"origin", from.origin}};
  put(out, "publish", from.publish);
  if (from.publish_url) {
    Json& to = out["publish_url"] = receiver(from.publish_url->to);
    to["method"] = from.publish_url->method;
    put(to, "credential", from.publish_url->credential);
  }
  for (const LogWitness& witness : from.witnesses) {
    Json each = receiver(witness.at);
    each["key"] = witness.key;
    each["operator"] = witness.operator_name;
    out["witnesses"].push_back(std::move(each));
  }
  if (from.quorum > 0) out["quorum"] = from.quorum;
  if (from.token) {
    const LogToken& token = *from.token;
    Json& to = out["token"] = {
        {"module", token.module.string()}, {"token", token.token}, {"key", token.key}};
    put(to, "pin", token.pin);
  }
  return out;
}

Json limits(const core::Limits& from) {
  Json out = Json::object();
  for (const LimitField& field : limit_fields())
    out[std::string(field.name)] = limit_value(from, field);
  return out;
}

Json privacy(const core::PrivacySettings& from) {
  Json out = Json::object();
#define MENSHEN_PRIVACY(type, name, usual, least, most) out[#name] = from.name;
#include "core/privacy.inc"
#undef MENSHEN_PRIVACY
  return out;
}

Json identity(const Identity& from) {
  Json out = Json::object();
  for (const IdentityLink link : from.chain)
    out["chain"].push_back(keys::identity_links[static_cast<std::size_t>(link)]);
  return out;
}

Json log(const Log& from) {
  Json out{{"level", keys::log_levels[static_cast<std::size_t>(from.level)]},
           {"format", keys::log_formats[static_cast<std::size_t>(from.format)]}};
  put(out, "file", from.file);
  return out;
}

Json all(const Config& config) {
  Json out{{"listen", listen(config.listen)},
           {"admin", admin(config.admin)},
           {"store", {{"path", config.store.string()}}},
           {"policy", {{"path", config.policy.string()}}},
           {"limits", limits(config.limits)},
           {"threads", config.threads},
           {"audit", audit(config.audit)},
           {"privacy", privacy(config.privacy)},
           {"identity", identity(config.identity)},
           {"log", log(config.log)}};
  for (const Upstream& each : config.upstreams) out["upstreams"].push_back(upstream(each));
  for (const Route& each : config.routes) out["routes"].push_back(route(each, config.upstreams));
  return out;
}

// As ECMAScript has numbers from 1e-6 to 1e21, within which all settings lie.
void append_number(std::string& out, double number) {
  char digits[64];
  const auto written =
      std::to_chars(digits, digits + sizeof digits, number, std::chars_format::fixed);
  out.append(digits, written.ptr);
}

void append(std::string& out, const Json& value) {
  char before = value.is_object() ? '{' : '[';
  const auto next = [&] { out.push_back(std::exchange(before, ',')); };
  if (value.is_object()) {
    for (const auto& [name, member] : value.items()) {
      next();
      append(out, name);
      out.push_back(':');
      append(out, member);
    }
    if (value.empty()) next();
    out.push_back('}');
  } else if (value.is_array()) {
    for (const Json& item : value) {
      next();
      append(out, item);
    }
    out.push_back(']');
  } else if (value.is_number_float()) {
    append_number(out, value.get<double>());
  } else {
    out += value.dump(-1, ' ', false, Json::error_handler_t::replace);
  }
}

}  // namespace

std::string canonical(const Config& config) {
  std::string out;
  append(out, all(config));
  return out;
}

}  // namespace menshen::config

#include "proxy/config/reload.h"

#include "proxy/config/limits_table.h"

#include <tuple>

namespace menshen::config {
namespace {

std::string_view text_of(const std::optional<Secret>& secret) {
  return secret ? std::string_view(secret->reveal()) : std::string_view();
}

class Differences {
 public:
  template <class T>
  void compare(const char* key, const T& running, const T& wanted) {
    if (running != wanted) keys.emplace_back(key);
  }
  void compare(const char* key, const Address& running, const Address& wanted) {
    compare(key, std::tie(running.host, running.port), std::tie(wanted.host, wanted.port));
  }
  // One that is there and one that is not differ as wholes.
  void compare_tls(const std::optional<Tls>& running, const std::optional<Tls>& wanted) {
    compare("listen.tls", running.has_value(), wanted.has_value());
    if (!running || !wanted) return;
    compare("listen.tls.certificate", running->certificate, wanted->certificate);
    compare("listen.tls.key", running->key, wanted->key);
    compare("listen.tls.min_version", running->min_version, wanted->min_version);
  }

  void compare_publish_url(const std::optional<PublishUrl>& running,
                           const std::optional<PublishUrl>& wanted) {
    constexpr const char* key = "audit.publish_url";
    compare(key, running.has_value(), wanted.has_value());
    if (!running || !wanted) return;
    compare(key, std::tuple(running->to, running->method, text_of(running->credential)),
            std::tuple(wanted->to, wanted->method, text_of(wanted->credential)));
  }

  void compare_token(const std::optional<LogToken>& running,
                     const std::optional<LogToken>& wanted) {
    constexpr const char* key = "audit.token";
    const auto parts = [](const LogToken& token) {
      return std::tuple(token.module, token.token, token.key, text_of(token.pin));
    };
    compare(key, running.has_value(), wanted.has_value());
    if (running && wanted) compare(key, parts(*running), parts(*wanted));
  }

  std::vector<std::string> keys;
};

}  // namespace

std::vector<std::string> needs_restart(const Config& running, const Config& wanted) {
  Differences out;
  out.compare("listen.address", running.listen.address, wanted.listen.address);
  out.compare("listen.cors.origins", running.listen.cors_origins, wanted.listen.cors_origins);
  out.compare_tls(running.listen.tls, wanted.listen.tls);
  out.compare("admin.address", running.admin.address, wanted.admin.address);
  out.compare("admin.token", text_of(running.admin.token), text_of(wanted.admin.token));
  out.compare("store.path", running.store, wanted.store);
  out.compare("threads", running.threads, wanted.threads);
  out.compare("audit.origin", running.audit.origin, wanted.audit.origin);
  out.compare("audit.publish", running.audit.publish, wanted.audit.publish);
  out.compare_publish_url(running.audit.publish_url, wanted.audit.publish_url);
  out.compare("audit.witnesses", running.audit.witnesses, wanted.audit.witnesses);
  out.compare("audit.quorum", running.audit.quorum, wanted.audit.quorum);
  out.compare_token(running.audit.token, wanted.audit.token);
  out.compare("identity.chain", running.identity.chain, wanted.identity.chain);
  out.compare("log.format", running.log.format, wanted.log.format);
  out.compare("log.file", running.log.file, wanted.log.file);
  for (const LimitField& field : limit_fields()) {
    if (limit_value(running.limits, field) != limit_value(wanted.limits, field)) {
      out.keys.push_back("limits." + std::string(field.name));
    }
  }
  return out.keys;
}

Config reloaded(const Config& running, const Config& wanted) {
  Config out = running;
  out.version = wanted.version;
  out.policy = wanted.policy;
  out.upstreams = wanted.upstreams;
  out.routes = wanted.routes;
  out.privacy = wanted.privacy;
  out.log.level = wanted.log.level;
  return out;
}

}  // namespace menshen::config

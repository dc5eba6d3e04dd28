#include "proxy/config/reload.h"

#include "proxy/config/limits_table.h"

#include <tuple>

namespace menshen::config {
namespace {

auto parts(const Address& a) { return std::tie(a.host, a.port); }

bool same(const Listen& a, const Listen& b) {
  if (parts(a.address) != parts(b.address) || a.tls.has_value() != b.tls.has_value()) return false;
  return !a.tls || std::tie(a.tls->certificate, a.tls->key, a.tls->min_version) ==
                       std::tie(b.tls->certificate, b.tls->key, b.tls->min_version);
}

auto parts(const Audit& a) { return std::tie(a.origin, a.publish); }

auto parts(const Privacy& p) {
  return std::tie(p.rho_per_day, p.rho_total, p.requests_per_user_day_max);
}

auto parts(const Log& l) { return std::tie(l.level, l.format); }

}  // namespace

std::vector<std::string> needs_restart(const Config& running, const Config& wanted) {
  std::vector<std::string> keys;
  const auto compare = [&keys](const char* key, bool equal) {
    if (!equal) keys.emplace_back(key);
  };
  compare("listen", same(running.listen, wanted.listen));
  compare("admin", parts(running.admin) == parts(wanted.admin));
  compare("store", running.store == wanted.store);
  compare("threads", running.threads == wanted.threads);
  compare("audit", parts(running.audit) == parts(wanted.audit));
  compare("privacy", parts(running.privacy) == parts(wanted.privacy));
  compare("identity", running.identity.chain == wanted.identity.chain);
  compare("log", parts(running.log) == parts(wanted.log));
  for (const LimitField& field : limit_fields()) {
    if (limit_value(running.limits, field) != limit_value(wanted.limits, field)) {
      keys.push_back("limits." + std::string(field.name));
    }
  }
  return keys;
}

Config reloaded(const Config& running, const Config& wanted) {
  Config out = running;
  out.policy = wanted.policy;
  out.upstreams = wanted.upstreams;
  out.routes = wanted.routes;
  return out;
}

}  // namespace menshen::config

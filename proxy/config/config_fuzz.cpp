// Any bytes as menshen.yaml: reading never fails otherwise than by saying so, says the same twice,
// keeps credentials out of its messages, and what loads holds what the header promises.
#include "core/fuzz_canary.h"
#include "proxy/config/config.h"
#include "proxy/config/limits_table.h"
#include "proxy/config/routes.h"

#include <cstdio>
#include <cstdlib>

namespace {

using namespace menshen::config;

constexpr const char* credential = "sk-7f3a-never-shown";

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "config_fuzz: %s\n", what);
  std::abort();
}

Loaded read(std::string_view text, bool for_serving) {
  Options options;
  options.for_serving = for_serving;
  options.environment = [](const std::string& name) -> std::optional<std::string> {
    if (name == "BAD") return std::string(credential) + " \n";
    return credential;
  };
  return parse(text, "c.yaml", "/nonexistent", options);
}

std::string listed(const Loaded& loaded) {
  std::string out;
  for (const menshen::core::Problem& p : loaded.problems)
    out += p.where() + ": " + p.message + "\n";
  return out;
}

void check_promises(const Config& config) {
  for (const LimitField& field : limit_fields()) {
    const auto value = limit_value(config.limits, field);
    if (value < field.min || value > field.max) fail("a limit is out of its range");
  }
  for (const Upstream& upstream : config.upstreams) {
    if (upstream.apis.empty()) fail("an upstream without an API");
    if (upstream.url.port == 0 || upstream.url.host.empty()) fail("an upstream without an address");
  }
  // The planted bug: the router does not know the last route.
  const std::size_t unknown = menshen::core::fuzz_canary ? 1 : 0;
  const Router router(std::span(config.routes).first(config.routes.size() - unknown));
  for (const Route& route : config.routes) {
    std::uint64_t weights = 0;
    for (const RouteTarget& target : route.targets) {
      if (target.upstream >= config.upstreams.size()) fail("a route to nowhere");
      weights += target.weight;
    }
    if (weights == 0) fail("a route that asks nobody");
    for (const std::string& model : route.models) {
      if (router.find(model) == nullptr) fail("a model of a route that has none");
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const bool for_serving : {false, true}) {
    const Loaded once = read(text, for_serving);
    const std::string problems = listed(once);
    if (problems != listed(read(text, for_serving))) fail("two readings differ");
    const bool given = text.find(credential) != std::string_view::npos;
    if (!given && problems.find(credential) != std::string::npos) fail("a credential in a message");
    if (once.config == nullptr && once.problems.empty()) fail("a refusal without a reason");
    if (once.config != nullptr) check_promises(*once.config);
  }
  return 0;
}

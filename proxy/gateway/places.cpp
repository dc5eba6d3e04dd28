#include "proxy/gateway/places.h"

#include "audit/recovery.h"
#include "proxy/gateway/head_sender.h"
#include "proxy/gateway/kept_text.h"
#include "proxy/gateway/log_writer.h"
#include "proxy/identity/key_store.h"

#include <string>

namespace menshen::gateway {

std::vector<core::Problem> check_places(const config::Config& config,
                                        const std::filesystem::path& file) {
  std::vector<core::Problem> out;
  const auto add = [&](const char* key, const core::Error& error) {
    core::Problem problem = core::problem_of(file.string(), core::to_string(error));
    problem.pointer = key;
    out.push_back(std::move(problem));
  };
  if (!config.log.file.empty()) {
    if (const auto log = check_appendable(config.log.file, "log_unwritable"); !log)
      add("/log/file", log.error());
  }
  if (const auto store = audit::check_directory(config.store); !store) {
    add("/store/path", store.error());
  }
  if (const auto texts = check_kept_texts(config); !texts) {
    add("/store/path", texts.error());
  }
  if (const auto keys = identity::KeyStore::keys_in(config.store); !keys) {
    add("/store/path", keys.error());
  }
  if (const auto heads = HeadSender::make(config.audit, config.store); !heads)
    add("/audit", heads.error());
  if (!config.audit.publish.empty()) {
    const auto heads = check_appendable(config.audit.publish, "evidence_unavailable");
    if (!heads) add("/audit/publish", heads.error());
  }
  return out;
}

}  // namespace menshen::gateway

// menshen keys create | list | revoke | rotate: before or while the gateway runs.
#include "core/clock.h"
#include "core/yaml_reader.h"
#include "policies/names.h"
#include "proxy/cli/commands.h"
#include "proxy/cli/files.h"
#include "proxy/identity/key_store.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <iostream>

namespace menshen::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t ns_per_hour = 3'600'000'000'000;

struct KeysOptions {
  std::string config = "menshen.yaml";
  bool json = false;
  std::string subject;
  std::vector<std::string> groups;
  std::string kind = "user";
  std::int64_t expires_in_hours = 0;
  bool may_set_user = false;
  std::string application;
  std::int64_t overlap_hours = 24;
  std::string id;
};

std::optional<identity::KeyStore> open_store(const KeysOptions& options, int& exit_code) {
  const auto config = load_config(options.config);
  if (!config) {
    exit_code = exit_misuse;
    return std::nullopt;
  }
  auto store = identity::KeyStore::open(config->store);
  if (!store) {
    exit_code = fail(store.error());
    return std::nullopt;
  }
  return std::move(*store);
}

std::string_view state_of(const identity::KeyInfo& key, std::int64_t now_ns) {
  if (key.revoked_ns && *key.revoked_ns <= now_ns) return "revoked";
  if (key.expires_ns && *key.expires_ns <= now_ns) return "expired";
  return "active";
}

Json as_json(const identity::KeyInfo& key, std::int64_t now_ns) {
  Json out{{"id", key.id},
           {"subject", key.subject},
           {"kind", core::to_string(key.kind)},
           {"groups", key.groups},
           {"may_set_user", key.may_set_user},
           {"state", state_of(key, now_ns)},
           {"created", core::format_rfc3339(key.created_ns)}};
  if (!key.application.empty()) out["application"] = key.application;
  if (key.expires_ns) out["expires"] = core::format_rfc3339(*key.expires_ns);
  if (key.revoked_ns) out["revoked"] = core::format_rfc3339(*key.revoked_ns);
  if (!key.replaces.empty()) out["replaces"] = key.replaces;
  return out;
}

// What an end to come is called, and when.
std::string end_of(const identity::KeyInfo& key) {
  if (key.revoked_ns) return "revoked " + core::format_rfc3339(*key.revoked_ns);
  if (key.retires_ns && (!key.expires_ns || *key.retires_ns < *key.expires_ns)) {
    return "retires " + core::format_rfc3339(*key.retires_ns);
  }
  return key.expires_ns ? "expires " + core::format_rfc3339(*key.expires_ns) : "never expires";
}

std::string as_line(const identity::KeyInfo& key, std::int64_t now_ns) {
  std::string groups;
  for (const std::string& group : key.groups)
    groups.append(groups.empty() ? "" : ",").append(group);
  if (groups.empty()) groups = "(no groups)";
  std::string line = key.id;
  const std::string created = "created " + core::format_rfc3339(key.created_ns);
  for (const std::string_view part :
       {state_of(key, now_ns), core::to_string(key.kind), std::string_view(key.subject),
        std::string_view(groups), std::string_view(created)}) {
    line.append("  ").append(part);
  }
  line.append("  ").append(end_of(key)).append(key.may_set_user ? "  may-set-user" : "");
  return key.application.empty() ? line : line + "  application " + key.application;
}

int show_issued(const core::Result<identity::IssuedKey>& issued, bool json) {
  if (!issued) return fail(issued.error());
  if (json) {
    Json out = as_json(issued->info, issued->info.created_ns);
    out["key"] = issued->key;
    std::cout << out.dump() << "\n";
  } else {
    std::cout << "id:  " << issued->info.id << "\nkey: " << issued->key
              << "\nThe key is shown this once. 密钥只显示这一次。\n";
  }
  return exit_ok;
}

// The empty ones too, which are no groups.
std::vector<std::string> names_in(const std::vector<std::string>& lists) {
  std::vector<std::string> names;
  for (std::string_view rest : lists) {
    for (std::size_t comma = rest.find(','); comma != rest.npos; comma = rest.find(',')) {
      names.emplace_back(rest.substr(0, comma));
      rest.remove_prefix(comma + 1);
    }
    names.emplace_back(rest);
  }
  return names;
}

// A policy could not name a group that is written otherwise.
bool are_groups(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    const auto wrong = policies::wrong_group(name);
    if (!wrong) continue;
    std::cerr << "menshen: --groups: " << wrong->why << core::suggestion_of(wrong->meant) << "\n";
    return false;
  }
  return true;
}

int create(const KeysOptions& options) {
  const auto kind = core::subject_kind_from(options.kind);
  if (!kind) {
    std::cerr << "menshen: --kind is user or service\n";
    return exit_misuse;
  }
  const std::vector<std::string> groups = names_in(options.groups);
  if (!are_groups(groups)) return exit_misuse;
  int exit_code = exit_ok;
  auto store = open_store(options, exit_code);
  if (!store) return exit_code;
  const std::int64_t now = core::system_clock().wall_ns();
  identity::KeyRequest request{
      options.subject, *kind, groups, std::nullopt, options.may_set_user, options.application};
  if (options.expires_in_hours != 0) {
    request.expires_ns = now + options.expires_in_hours * ns_per_hour;
  }
  return show_issued(store->create(request, now), options.json);
}

int list(const KeysOptions& options) {
  int exit_code = exit_ok;
  auto store = open_store(options, exit_code);
  if (!store) return exit_code;
  const auto keys = store->list();
  if (!keys) return fail(keys.error());
  const std::int64_t now = core::system_clock().wall_ns();
  Json all = Json::array();
  for (const identity::KeyInfo& key : *keys) {
    if (options.json) {
      all.push_back(as_json(key, now));
      continue;
    }
    std::cout << as_line(key, now) << "\n";
  }
  if (options.json) std::cout << all.dump(2) << "\n";
  return exit_ok;
}

int revoke(const KeysOptions& options) {
  int exit_code = exit_ok;
  auto store = open_store(options, exit_code);
  if (!store) return exit_code;
  const auto revoked = store->revoke(options.id, core::system_clock().wall_ns());
  if (!revoked) return fail(revoked.error());
  if (options.json) {
    std::cout << Json{{"id", options.id}, {"state", "revoked"}}.dump() << "\n";
  } else {
    std::cout << "revoked: " << options.id << "\n";
  }
  return exit_ok;
}

int rotate(const KeysOptions& options) {
  int exit_code = exit_ok;
  auto store = open_store(options, exit_code);
  if (!store) return exit_code;
  const std::int64_t now = core::system_clock().wall_ns();
  return show_issued(store->rotate(options.id, options.overlap_hours * ns_per_hour, now),
                     options.json);
}

CLI::App* add_keys_command(CLI::App& parent, const std::string& name, const std::string& help,
                           const std::shared_ptr<KeysOptions>& options) {
  auto* command = parent.add_subcommand(name, help);
  command->add_option("--config", options->config, "The gateway's configuration.");
  command->add_flag("--json", options->json, "Print JSON.");
  return command;
}

}  // namespace

void add_keys(CLI::App& app, int& exit_code) {
  auto* keys =
      app.add_subcommand("keys", "API keys; changes reach a running gateway by themselves.");
  keys->require_subcommand(1);
  auto options = std::make_shared<KeysOptions>();
  auto* created = add_keys_command(*keys, "create", "Issues a key and shows it once.", options);
  created->add_option("--subject", options->subject, "Who the key is for.")->required();
  created->add_option("--groups", options->groups, "Groups, separated by commas.")
      ->allow_extra_args(false);
  created->add_option("--kind", options->kind, "user or service.");
  created->add_flag("--may-set-user", options->may_set_user,
                    "A service's key alone: it may say for which user it calls (x-menshen-user).");
  created->add_option("--application", options->application,
                      "The application that it is for; records of its calls name it.");
  created->add_option("--expires-in-hours", options->expires_in_hours, "0: never.")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{1'000'000}));
  created->callback([options, &exit_code] { exit_code = create(*options); });
  add_keys_command(*keys, "list", "Lists all keys, without their secrets.", options)
      ->callback([options, &exit_code] { exit_code = list(*options); });
  auto* revoked = add_keys_command(*keys, "revoke", "Ends a key.", options);
  revoked->add_option("id", options->id, "The key's id.")->required();
  revoked->callback([options, &exit_code] { exit_code = revoke(*options); });
  auto* rotated = add_keys_command(*keys, "rotate",
                                   "Issues a successor; the old key works for a while.", options);
  rotated->add_option("id", options->id, "The key's id.")->required();
  rotated
      ->add_option("--overlap-hours", options->overlap_hours, "How long the old key still works.")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{100'000}));
  rotated->callback([options, &exit_code] { exit_code = rotate(*options); });
}

}  // namespace menshen::cli

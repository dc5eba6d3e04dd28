#include "proxy/cli/commands.h"

#include "core/version.h"
#include "core/yaml_reader.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <iostream>

namespace menshen::cli {
namespace {

using Apps = std::vector<const CLI::App*>;

Apps commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

// The command that the line had come to.
const CLI::App& innermost(const CLI::App& app) {
  const CLI::App* at = &app;
  for (auto parsed = at->get_subcommands(); !parsed.empty(); parsed = at->get_subcommands()) {
    at = parsed.back();
  }
  return *at;
}

std::string path_of(const CLI::App& app) {
  const CLI::App* parent = app.get_parent();
  return parent == nullptr ? "menshen" : path_of(*parent) + " " + app.get_name();
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> out;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) out.push_back("--" + name);
  }
  return out;
}

void tell_unknown(const CLI::App& app, const std::string& word) {
  const bool option = word.starts_with('-');
  std::vector<std::string> names = option ? option_names(app) : std::vector<std::string>{};
  if (!option) {
    for (const CLI::App* command : commands_of(app)) names.push_back(command->get_name());
  }
  std::string known;
  for (const std::string& name : names) known.append(known.empty() ? "" : ", ").append(name);
  const std::vector<std::string_view> views(names.begin(), names.end());
  std::cerr << path_of(app) << " has no " << (option ? "option " : "command ")
            << core::quoted_name(word) << "."
            << core::suggestion_of(core::nearest_name(word, views)) << " It has: " << known
            << ".\n";
}

OptionText text_of(const CLI::Option& option) {
  OptionText out;
  out.positional = option.get_positional();
  out.name = out.positional                 ? option.get_name(true)
             : !option.get_lnames().empty() ? "--" + option.get_lnames().front()
                                            : "-" + option.get_snames().front();
  out.description = option.get_description();
  out.takes_value = option.get_items_expected_max() > 0;
  out.required = option.get_required();
  return out;
}

CommandText texts_of(const CLI::App& app, const std::string& name) {
  CommandText out;
  out.name = name;
  out.description = app.get_description();
  for (const CLI::Option* option : app.get_options()) {
    if (option != app.get_help_ptr()) out.options.push_back(text_of(*option));
  }
  for (const CLI::App* command : commands_of(app)) {
    const std::string inner = (name.empty() ? "" : name + " ") + command->get_name();
    out.commands.push_back(texts_of(*command, inner));
  }
  return out;
}

}  // namespace

CommandText texts_of(const CLI::App& app) { return texts_of(app, {}); }

bool explain_misuse(const CLI::App& app) {
  const CLI::App& inner = innermost(app);
  const bool group = !commands_of(inner).empty();
  for (const std::string& word : app.remaining(true)) {
    if (word == "--" || (!group && !word.starts_with('-'))) continue;
    tell_unknown(inner, word);
    return true;
  }
  const bool asked =
      app.count("--help") > 0 || app.count("--version") > 0 || inner.count("--help") > 0;
  if (!group || asked) return false;
  std::cerr << inner.help();
  return true;
}

void add_commands(CLI::App& app, int& exit_code) {
  app.require_subcommand(1);
  app.set_version_flag("--version", "menshen " + std::string(core::version()),
                       "Print the version of the gateway.");
  app.footer("Exit codes: 0 done, or yes; 1 no: not valid, not verified, failed; 2 misused.");
  add_serve(app, exit_code);
  add_healthcheck(app, exit_code);
  add_config(app, exit_code);
  add_keys(app, exit_code);
  add_policy(app, exit_code);
  add_scan(app, exit_code);
  add_audit(app, exit_code);
  add_dp(app, exit_code);
  add_witness(app, exit_code);
  add_version(app, exit_code);
  add_manual(app, exit_code);
  add_completion(app, exit_code);
}

}  // namespace menshen::cli

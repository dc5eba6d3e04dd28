// menshen dp report | ledger | recover: released numbers only.
#include "audit/dp/report.h"
#include "core/clock.h"
#include "proxy/cli/commands.h"
#include "proxy/cli/files.h"
#include "proxy/gateway/statistics.h"

#include <CLI/CLI.hpp>

#include <iostream>

namespace menshen::cli {
namespace {

struct DpOptions {
  std::string config = "menshen.yaml";
  std::uint32_t days = 2;
  bool json = false;
};

int report(const DpOptions& options) {
  const auto config = load_config(options.config);
  if (!config) return exit_misuse;
  const auto privacy = gateway::privacy_options(*config);
  if (!privacy) return fail(privacy.error());
  const auto report =
      audit::dp::report(config->store, *privacy, core::system_clock(), options.days);
  if (!report) return fail(report.error());
  std::cout << (options.json ? audit::dp::to_json(*report) : audit::dp::to_text(*report)) << "\n";
  return report->refusal ? exit_no : exit_ok;
}

int ledger(const DpOptions& options) {
  const auto config = load_config(options.config);
  if (!config) return exit_misuse;
  const auto privacy = gateway::privacy_options(*config);
  if (!privacy) return fail(privacy.error());
  const auto ledger = audit::dp::ledger(config->store, *privacy);
  if (!ledger) return fail(ledger.error());
  std::cout << (options.json ? audit::dp::to_json(*ledger) : audit::dp::to_text(*ledger)) << "\n";
  return exit_ok;
}

int recover(const DpOptions& options) {
  const auto config = load_config(options.config);
  if (!config) return exit_misuse;
  const auto privacy = gateway::privacy_options(*config);
  if (!privacy) return fail(privacy.error());
  const auto recovery = audit::dp::recover(config->store, *privacy, core::system_clock());
  if (!recovery) return fail(recovery.error());
  std::cout << (options.json ? audit::dp::to_json(*recovery) + "\n"
                             : audit::dp::to_text(*recovery));
  return exit_ok;
}

CLI::App* add_dp_command(CLI::App& parent, const std::string& name, const std::string& help,
                         const std::shared_ptr<DpOptions>& options) {
  auto* command = parent.add_subcommand(name, help);
  command->add_option("--config", options->config, "The gateway's configuration.");
  command->add_flag("--json", options->json, "Print JSON.");
  return command;
}

}  // namespace

void add_dp(CLI::App& app, int& exit_code) {
  auto* dp = app.add_subcommand("dp", "Usage under differential privacy.");
  dp->require_subcommand(1);
  auto options = std::make_shared<DpOptions>();
  auto* reporting = add_dp_command(
      *dp, "report", "The last days' usage: noisy counts, their error, the budget.", options);
  reporting->add_option("--days", options->days, "How many days, today included: 2 unless given.")
      ->check(CLI::Range(std::uint32_t{1}, audit::dp::report_days_max));
  reporting->callback([options, &exit_code] { exit_code = report(*options); });
  add_dp_command(*dp, "ledger", "Every charge to the privacy budget.", options)
      ->callback([options, &exit_code] { exit_code = ledger(*options); });
  add_dp_command(*dp, "recover",
                 "Makes a lost or older dp.db anew from the audit log; nothing is drawn again.",
                 options)
      ->callback([options, &exit_code] { exit_code = recover(*options); });
}

}  // namespace menshen::cli

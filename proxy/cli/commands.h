// The commands of the one binary. Each exits 0 (ok), 1 (says no) or 2 (misuse), prints JSON with
// --json where it has results, and names file, line and field in errors.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace menshen::cli {

inline constexpr int exit_ok = 0;
inline constexpr int exit_no = 1;
inline constexpr int exit_misuse = 2;

// Each adds its subcommand; running it sets `exit_code`, which outlives the app.
void add_serve(CLI::App& app, int& exit_code);
void add_healthcheck(CLI::App& app, int& exit_code);
void add_keys(CLI::App& app, int& exit_code);
void add_policy(CLI::App& app, int& exit_code);
void add_scan(CLI::App& app, int& exit_code);
void add_audit(CLI::App& app, int& exit_code);
void add_dp(CLI::App& app, int& exit_code);
void add_version(CLI::App& app, int& exit_code);

}  // namespace menshen::cli

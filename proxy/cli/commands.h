// The commands of the one binary. Each exits 0 (ok), 1 (says no) or 2 (misuse), prints JSON with
// --json where it has results, and names file, line and field in errors.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace menshen::cli {

inline constexpr int exit_ok = 0;
inline constexpr int exit_no = 1;
inline constexpr int exit_misuse = 2;

// Every command, and what the program itself understands. Running one sets `exit_code`, which
// outlives the app.
void add_commands(CLI::App& app, int& exit_code);

// Of a command line that does not parse: a command or option that nobody knows is named, with the
// nearest one; where a command is missing the help is shown. Both on standard error. False: the
// parser's own message says it.
[[nodiscard]] bool explain_misuse(const CLI::App& app);

// What help, man page and completions are made from.
struct OptionText {
  std::string name;  // "--config"; of a positional argument its bare name
  std::string description;
  bool takes_value = false;
  bool positional = false;
  bool required = false;
};
struct CommandText {
  std::string name;  // "keys create"; of the program itself empty
  std::string description;
  std::vector<OptionText> options;  // without --help
  std::vector<CommandText> commands;
};
[[nodiscard]] CommandText texts_of(const CLI::App& app);

// Each adds its command.
void add_serve(CLI::App& app, int& exit_code);
void add_healthcheck(CLI::App& app, int& exit_code);
void add_config(CLI::App& app, int& exit_code);
void add_keys(CLI::App& app, int& exit_code);
void add_policy(CLI::App& app, int& exit_code);
void add_scan(CLI::App& app, int& exit_code);
void add_audit(CLI::App& app, int& exit_code);
void add_audit_find(CLI::App& audit, int& exit_code);  // below it
void add_audit_key(CLI::App& audit, int& exit_code);   // below it
void add_dp(CLI::App& app, int& exit_code);
void add_witness(CLI::App& app, int& exit_code);
void add_version(CLI::App& app, int& exit_code);
void add_manual(CLI::App& app, int& exit_code);
void add_completion(CLI::App& app, int& exit_code);

}  // namespace menshen::cli

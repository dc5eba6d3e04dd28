#include "proxy/cli/commands.h"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <exception>

int main(int argc, char** argv) {
  using namespace menshen::cli;
  CLI::App app{
      "Menshen (门神): the governance and safety gateway in front of your inference core."};
  app.require_subcommand(1);
  int exit_code = exit_ok;
  add_serve(app, exit_code);
  add_healthcheck(app, exit_code);
  add_keys(app, exit_code);
  add_policy(app, exit_code);
  add_scan(app, exit_code);
  add_audit(app, exit_code);
  add_dp(app, exit_code);
  add_version(app, exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? exit_ok : exit_misuse;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "menshen: %s\n", error.what());
    return exit_no;
  }
  return exit_code;
}

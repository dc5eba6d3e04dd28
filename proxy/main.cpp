#include "proxy/cli/commands.h"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <exception>

int main(int argc, char** argv) {
  using namespace menshen::cli;
  CLI::App app{
      "Menshen (门神): the governance and safety gateway in front of your inference core."};
  app.name("menshen");
  int exit_code = exit_ok;
  add_commands(app, exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (explain_misuse(app)) return exit_misuse;
    return app.exit(error) == 0 ? exit_ok : exit_misuse;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "menshen: %s\n", error.what());
    return exit_no;
  }
  return exit_code;
}

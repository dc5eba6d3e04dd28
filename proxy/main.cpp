#include "proxy/cli/commands.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <span>
#include <string_view>

namespace {

// "--name=": the next argument would be taken for the value.
bool lacks_value(std::string_view argument) {
  return argument.starts_with("--") && argument.find('=') == argument.size() - 1;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace menshen::cli;
  CLI::App app{
      "Menshen (门神): the governance and safety gateway in front of your inference core."};
  app.name("menshen");
  const std::span arguments(argv, static_cast<std::size_t>(argc));
  if (const auto found = std::ranges::find_if(arguments, lacks_value); found != arguments.end()) {
    std::fprintf(stderr, "menshen: %s has no value\n", *found);
    return exit_misuse;
  }
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

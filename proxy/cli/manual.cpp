// menshen manual: the man page, from the commands' own texts.
#include "core/version.h"
#include "proxy/cli/commands.h"

#include <CLI/CLI.hpp>

#include <iostream>

namespace menshen::cli {
namespace {

// A text that troff shows as it is.
std::string troff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out.append("\\e");
    } else if (c == '-') {
      out.append("\\-");
    } else {
      if ((c == '.' || c == '\'') && (out.empty() || out.back() == '\n')) out.append("\\&");
      out.push_back(c);
    }
  }
  return out;
}

std::string synopsis(const CommandText& command) {
  std::string out = "\\fBmenshen " + troff(command.name) + "\\fR";
  for (const OptionText& option : command.options) {
    const std::string shown = option.positional ? "\\fI" + troff(option.name) + "\\fR"
                                                : "\\fB" + troff(option.name) + "\\fR" +
                                                      (option.takes_value ? " \\fIvalue\\fR" : "");
    out.append(option.required ? " " + shown : " [" + shown + "]");
  }
  return out;
}

void print_command(std::ostream& out, const CommandText& command) {
  for (const CommandText& inner : command.commands) print_command(out, inner);
  if (!command.commands.empty() || command.name.empty()) return;
  out << ".SS " << troff(command.name) << "\n"
      << synopsis(command) << "\n.PP\n"
      << troff(command.description) << "\n";
  for (const OptionText& option : command.options) {
    out << ".TP\n\\fB" << troff(option.name) << "\\fR\n" << troff(option.description) << "\n";
  }
}

void print_manual(std::ostream& out, const CommandText& program) {
  out << ".TH MENSHEN 1 \"\" \"menshen " << core::version() << "\" \"User Commands\"\n"
      << ".SH NAME\nmenshen \\- governance and safety gateway in front of an inference core\n"
      << ".SH SYNOPSIS\n.B menshen\n.I command\n[\\fIoptions\\fR]\n"
      << ".SH DESCRIPTION\n"
      << troff(program.description)
      << "\nEvery command has \\fB\\-\\-help\\fR. Results go to standard output, problems to "
         "standard error.\n.SH COMMANDS\n";
  print_command(out, program);
  out << ".SH EXIT STATUS\n"
      << ".TP\n.B 0\nDone, or yes.\n"
      << ".TP\n.B 1\nNo: not valid, not verified, denied, failed.\n"
      << ".TP\n.B 2\nMisused, or a configuration that does not load.\n"
      << ".SH SIGNALS\nOf \\fBmenshen serve\\fR:\n"
      << ".TP\n.BR SIGTERM \", \" SIGINT\nUnready for limits.lame_duck_ms, then drains and ends.\n"
      << ".TP\n.B SIGHUP\nReads configuration, policy and certificates again.\n"
      << ".TP\n.B SIGUSR1\nOpens log.file anew.\n";
}

}  // namespace

void add_manual(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("manual", "Prints the man page: menshen manual | man -l -");
  command->callback([&app, &exit_code] {
    print_manual(std::cout, texts_of(app));
    exit_code = exit_ok;
  });
}

}  // namespace menshen::cli

// menshen completion: what a shell completes, from the commands' own texts.
#include "proxy/cli/commands.h"

#include <CLI/CLI.hpp>

#include <iostream>

namespace menshen::cli {
namespace {

// One word of a shell, whatever stands in it.
std::string shell_word(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out.append("'\\''");
    } else {
      out.push_back(c);
    }
  }
  return out + "'";
}

std::vector<const CommandText*> all_of(const CommandText& command) {
  std::vector<const CommandText*> out{&command};
  for (const CommandText& inner : command.commands) {
    const auto deeper = all_of(inner);
    out.insert(out.end(), deeper.begin(), deeper.end());
  }
  return out;
}

std::string last_word(const std::string& name) { return name.substr(name.rfind(' ') + 1); }

// Finds in `at` how far the line's words name a command.
void print_walk(std::ostream& out, const std::vector<const CommandText*>& commands,
                std::string_view words) {
  out << "    case \"$at ${" << words << "[i]}\" in\n      ";
  for (std::size_t i = 1; i < commands.size(); ++i) {
    out << (i == 1 ? "" : " | ") << shell_word(" " + commands[i]->name);
  }
  out << ")\n        at=\"$at ${" << words << "[i]}\" ;;\n    esac\n";
}

void print_bash(std::ostream& out, const CommandText& program) {
  const auto commands = all_of(program);
  out << "# bash completion of menshen, made by: menshen completion bash\n"
      << "_menshen() {\n  local word=${COMP_WORDS[COMP_CWORD]} at='' words='' i\n"
      << "  for ((i = 1; i < COMP_CWORD; i++)); do\n";
  print_walk(out, commands, "COMP_WORDS");
  out << "  done\n  case $at in\n";
  for (const CommandText* command : commands) {
    std::string words = "--help";
    for (const OptionText& option : command->options) {
      if (!option.positional) words.append(" ").append(option.name);
    }
    for (const CommandText& inner : command->commands) words.append(" " + last_word(inner.name));
    const std::string path = command->name.empty() ? "" : " " + command->name;
    // Where no command can follow, a word that begins no option is a file.
    const bool leaf = command->commands.empty();
    out << "    " << shell_word(path) << ") " << (leaf ? "[[ $word == -* ]] && " : "")
        << "words=" << shell_word(words) << " ;;\n";
  }
  out << "  esac\n  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n}\n"
      << "complete -o default -F _menshen menshen\n";
}

void print_zsh(std::ostream& out, const CommandText& program) {
  const auto commands = all_of(program);
  out << "#compdef menshen\n# zsh completion of menshen, made by: menshen completion zsh\n"
      << "_menshen() {\n  local at='' i\n  local -a flags subcommands\n"
      << "  for ((i = 2; i < CURRENT; i++)); do\n";
  print_walk(out, commands, "words");
  out << "  done\n  case $at in\n";
  for (const CommandText* command : commands) {
    out << "    " << shell_word(command->name.empty() ? "" : " " + command->name) << ")\n"
        << "      flags=('--help:Print help.'";
    for (const OptionText& option : command->options) {
      if (!option.positional) out << " " << shell_word(option.name + ":" + option.description);
    }
    out << ")\n";
    if (!command->commands.empty()) {
      out << "      subcommands=(";
      for (const CommandText& inner : command->commands) {
        out << shell_word(last_word(inner.name) + ":" + inner.description) << " ";
      }
      out << ")\n";
    }
    out << "      ;;\n";
  }
  out << "  esac\n  if (( $#subcommands )); then\n    _describe -t commands command subcommands\n  "
         "else\n"
      << "    _files\n  fi\n  _describe -o option flags\n}\n"
      << "if [ \"$funcstack[1]\" = _menshen ]; then _menshen \"$@\"; else compdef _menshen "
         "menshen; fi"
      << "\n";
}

}  // namespace

void add_completion(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("completion", "Prints what a shell completes.");
  auto shell = std::make_shared<std::string>();
  command->add_option("shell", *shell, "bash or zsh.")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh"}));
  command->callback([shell, &app, &exit_code] {
    const CommandText program = texts_of(app);
    if (*shell == "bash") {
      print_bash(std::cout, program);
    } else {
      print_zsh(std::cout, program);
    }
    exit_code = exit_ok;
  });
}

}  // namespace menshen::cli

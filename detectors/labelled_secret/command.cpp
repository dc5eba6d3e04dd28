#include "detectors/labelled_secret/command.h"

#include "detectors/values/boundary.h"

#include <algorithm>
#include <array>

namespace menshen::detectors::labelled_secret {
namespace {

struct Command {
  std::string_view name;
  std::string_view option;
  bool glued = false;      // the password touches the option
  bool with_user = false;  // user:password
};

constexpr auto commands = std::to_array<Command>({
    {"curl", " -u", false, true},
    {"curl", " --user", false, true},
    {"curl", " --proxy-user", false, true},
    {"curl", " -U", false, true},
    {"mysql", " -p", true},
    {"mysqldump", " -p", true},
    {"mysqladmin", " -p", true},
    {"mariadb", " -p", true},
    {"sshpass", " -p"},
    {"redis-cli", " -a"},
    {"docker login", " -p"},
    {"sqlcmd", " -P"},
    {"mongosh", " -p"},
    {"ldapsearch", " -w"},
});

constexpr std::string_view pgpass = ":5432:";

// Up to a line end that no backslash carries on.
std::string_view line_of(std::string_view text, std::size_t at) {
  std::size_t end = text.find('\n', at);
  while (end != text.npos && end > at && text[end - 1] == '\\') end = text.find('\n', end + 1);
  return end == text.npos ? text : text.substr(0, end);
}

// host:5432:database:user:password
std::optional<Place> find_pgpass(const AnchorWindow& window) {
  const std::string_view line = line_of(window.text, window.end);
  const char host = window.begin > 0 ? line[window.begin - 1] : '\0';
  if (!is_alnum(host) && host != '*') return std::nullopt;
  std::size_t at = window.end;
  for (int field = 0; field < 2; ++field) {
    const std::size_t colon = line.find_first_of(": /\"'@", at);
    if (colon == line.npos || line[colon] != ':' || colon == at) return std::nullopt;
    at = colon + 1;
  }
  const std::size_t end = std::min(line.find_first_of(" \t\r", at), line.size());
  if (end == at) return std::nullopt;
  return Place{.begin = at, .end = end, .quoted = true};
}

std::optional<Place> find_option(const AnchorWindow& window, const Command& command) {
  const std::string_view line = line_of(window.text, window.end);
  constexpr int tries_max = 3;
  std::size_t at = line.find(command.option, window.end);
  for (int tries = 0; at != line.npos && tries < tries_max;
       ++tries, at = line.find(command.option, at + 1)) {
    std::size_t value = at + command.option.size();
    const bool apart = value < line.size() && (line[value] == ' ' || line[value] == '=');
    const bool is_long = command.option.starts_with(" --");
    if (value == line.size() || (command.glued ? apart : is_long && !apart)) continue;
    while (!command.glued && value < line.size() && (line[value] == ' ' || line[value] == '=')) {
      ++value;
    }
    auto place = read_value(line, value, window.last || line.size() < window.text.size());
    if (!place) continue;
    if (command.with_user) {
      const std::size_t colon = line.find(':', place->begin);
      if (colon >= place->end) continue;
      place->begin = colon + 1;
    }
    // Another tool's -pname=value.
    const std::string_view value_text = line.substr(place->begin, place->end - place->begin);
    const std::size_t sign = value_text.find('=');
    const bool pair = command.glued && sign != value_text.npos && sign > 0 &&
                      std::ranges::all_of(value_text.substr(0, sign), is_letter);
    if (place->begin == place->end || pair) continue;
    place->quoted = true;  // a word of a shell is no code
    return place;
  }
  return std::nullopt;
}

}  // namespace

bool is_command(std::string_view anchor) noexcept {
  return anchor == pgpass || std::ranges::any_of(commands, [anchor](const Command& c) {
           return equal_ignoring_case(anchor, c.name);
         });
}

std::optional<Place> find_argument(const AnchorWindow& window) {
  const std::string_view anchor = window.text.substr(window.begin, window.end - window.begin);
  if (anchor == pgpass) return find_pgpass(window);
  for (const Command& command : commands) {
    if (!equal_ignoring_case(anchor, command.name)) continue;
    if (auto place = find_option(window, command)) return place;
  }
  return std::nullopt;
}

}  // namespace menshen::detectors::labelled_secret

#include "detectors/address/places.h"

#include "core/utf8.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>

namespace menshen::detectors {

std::string_view address_places();  // places.txt

namespace address {
namespace {

constexpr std::size_t place_characters_min = 2;
constexpr std::size_t place_characters_max = 15;
constexpr std::size_t han_bytes = 3;

using Places = std::unordered_map<std::string_view, Level>;

Level level_of(char letter) noexcept {
  switch (letter) {
    case 'p': return Level::province;
    case 'c': return Level::city;
    case 'd': return Level::district;
    default: return Level::short_district;
  }
}

const Places& places() {
  static const Places all = [] {
    Places made;
    std::string_view rest = address_places();
    while (!rest.empty()) {
      std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(rest.size(), line.size() + 1));
      if (line.empty()) continue;
      const Level level = level_of(line.front());
      line.remove_prefix(2);
      while (!line.empty()) {
        const std::string_view name = line.substr(0, line.find(' '));
        made.emplace(name, level);
        line.remove_prefix(std::min(line.size(), name.size() + 1));
      }
    }
    return made;
  }();
  return all;
}

}  // namespace

Place place_at(const Text& text, std::size_t i, std::size_t until) {
  std::string name;
  name.reserve(place_characters_max * han_bytes);
  Place longest;
  const std::size_t most = std::min(until - i, place_characters_max);
  for (std::size_t count = 1; count <= most; ++count) {
    const char32_t c = text.at(i + count - 1);
    if (!is_han(c)) break;
    core::append_utf8(name, c);
    if (count < place_characters_min) continue;
    const auto found = places().find(name);
    if (found != places().end()) longest = {found->second, i + count};
  }
  return longest;
}

}  // namespace address
}  // namespace menshen::detectors

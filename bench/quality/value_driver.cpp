// Finds values in JSON lines: {"id", "text"} on standard input, {"id", "findings"} on standard
// output. The part of `menshen scan` that bench/quality/values needs.
#include "detectors/catalog.h"
#include "detectors/scanner.h"

#include <nlohmann/json.hpp>

#include <iostream>
#include <string>

namespace {

using nlohmann::json;

json findings_of(const std::string& text) {
  const auto found = menshen::detectors::scan_text(menshen::detectors::Catalog::built_in(), text);
  if (!found) throw std::runtime_error(menshen::core::to_string(found.error()));
  json out = json::array();
  for (const menshen::core::Finding& f : *found) {
    out.push_back(
        {{"type", f.type->name}, {"start", f.begin}, {"end", f.end}, {"confidence", f.confidence}});
  }
  return out;
}

}  // namespace

int main() {
  std::ios::sync_with_stdio(false);
  std::string line;
  for (std::size_t number = 1; std::getline(std::cin, line); ++number) {
    try {
      const json row = json::parse(line);
      std::cout
          << json{{"id", row.value("id", json())}, {"findings", findings_of(row.at("text"))}}.dump()
          << '\n';
    } catch (const std::exception& problem) {
      std::cerr << "line " << number << ": " << problem.what() << '\n';
      return 2;
    }
  }
}

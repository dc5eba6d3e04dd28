// Finds values in JSON lines: {"id", "text"} on standard input, {"id", "findings"} on standard
// output. The part of `menshen scan` that bench/quality/values needs.
#include "bench/quality/json_rows.h"
#include "detectors/catalog.h"
#include "detectors/scanner.h"

#include <string>

namespace {

using nlohmann::json;

json findings_of(const json& row) {
  static const auto catalog = menshen::detectors::Catalog::complete();
  const auto found = menshen::detectors::scan_text(catalog, row.at("text").get<std::string>());
  if (!found) throw std::runtime_error(menshen::core::to_string(found.error()));
  json out = json::array();
  for (const menshen::core::Finding& f : *found) {
    out.push_back(
        {{"type", f.type->name}, {"start", f.begin}, {"end", f.end}, {"confidence", f.confidence}});
  }
  return out;
}

}  // namespace

int main() { return menshen::bench::answer_rows("findings", findings_of); }

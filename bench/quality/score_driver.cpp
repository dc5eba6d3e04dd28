// Scores JSON lines: {"id", "text", "role"?, "direction"?, "context"?} on standard input, {"id",
// "scores"} on standard output. The part of `menshen scan` that bench/quality/run needs.
#include "bench/quality/json_rows.h"
#include "detectors/scores.h"

#include <string>
#include <vector>

namespace {

using nlohmann::json;
namespace core = menshen::core;

json scores_of(const json& row) {
  const std::string text = row.at("text");
  std::vector<std::string> context;
  if (row.contains("context")) context = row.at("context").get<std::vector<std::string>>();
  const std::vector<std::string_view> sources(context.begin(), context.end());
  const auto direction =
      core::direction_from(row.value("direction", context.empty() ? "request" : "response"));
  const bool response = direction == core::Direction::response;
  const auto role = core::role_from(row.value("role", response ? "assistant" : "user"));
  if (!direction || !role) throw std::invalid_argument("unknown role or direction");
  const auto scores = menshen::detectors::score_text(
      {.text = text, .role = *role, .direction = *direction, .sources = sources});
  if (!scores) throw std::runtime_error(core::to_string(scores.error()));
  json out = json::object();
  for (const core::Score& score : scores->all()) out[std::string(score.kind->name)] = score.value;
  return out;
}

}  // namespace

int main() { return menshen::bench::answer_rows("scores", scores_of); }

#include "detectors/training/score_rows.h"

#include "core/digest.h"
#include "detectors/bias/bias.h"
#include "detectors/injection/injection.h"
#include "detectors/toxicity/toxicity.h"

#include <nlohmann/json.hpp>

#include <fstream>
#include <stdexcept>

namespace menshen::detectors::scoring {
namespace {

using nlohmann::json;

constexpr std::uint32_t held_out_of = 10;

ScoreRow row_of(const json& line, Reading& reading, Ngrams& ngrams,
                std::vector<std::uint32_t>& buckets) {
  ScoreRow row;
  reading.assign(line.at("text").get_ref<const std::string&>());
  ngrams.read(reading);
  for (const Ngrams::Piece& piece : ngrams.pieces()) {
    const auto of_piece = ngrams.of(piece);
    row.pieces.push_back({buckets.size(), buckets.size() + of_piece.size()});
    buckets.insert(buckets.end(), of_piece.begin(), of_piece.end());
  }
  const bool tool = line.value("role", "user") == "tool";
  const auto injection = injection_by_hand(reading, SignatureSet::instance(),
                                           tool ? core::Role::tool : core::Role::user);
  if (!injection) throw std::runtime_error(core::to_string(injection.error()));
  row.by_hand[index_of(Head::injection)] = injection->all;
  row.by_hand[index_of(Head::toxicity)] = toxicity_by_hand(reading);
  row.by_hand[index_of(Head::bias)] = bias_by_hand(reading);
  for (std::size_t h = 0; h < head_count; ++h) row.labels[h] = line.value(head_names[h], -1);
  return row;
}

}  // namespace

void Rows::read(const std::string& argument) {
  const std::size_t colon = argument.rfind(':');
  std::ifstream file(argument.substr(0, colon));
  if (!file) throw std::runtime_error(argument + " cannot be read");
  const float weight = colon == std::string::npos ? 1 : std::stof(argument.substr(colon + 1));
  Reading reading;
  Ngrams ngrams;
  for (std::string line; std::getline(file, line);) {
    const json parsed = json::parse(line);
    ScoreRow row = row_of(parsed, reading, ngrams, buckets);
    row.weight = weight;
    const std::string id = parsed.at("id");
    row.held_out = core::sha256(id)[0] % held_out_of == 0;
    rows.push_back(std::move(row));
  }
}

}  // namespace menshen::detectors::scoring

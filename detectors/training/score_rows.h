// The rows that the scores' models learn from, as the run-time sees them.
//
//   Rows rows;
//   rows.read("made_hate.jsonl:2");
//
// One thread. What cannot be read is thrown as std::runtime_error.
#pragma once

#include "detectors/scoring/linear_model.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace menshen::detectors::scoring {

inline constexpr std::array<const char*, head_count> head_names{"injection", "toxicity", "bias"};

struct ScoreRow {
  struct Piece {
    std::size_t first;  // of Rows::buckets
    std::size_t last;
  };
  std::vector<Piece> pieces;
  std::array<float, head_count> by_hand{};  // what words and forms alone say
  std::array<int, head_count> labels{};     // -1: not known
  float weight = 1;
  bool held_out = false;  // one in ten, by a digest of the id
};

struct Rows {
  std::vector<ScoreRow> rows;
  std::vector<std::uint32_t> buckets;

  // FILE.jsonl or FILE.jsonl:WEIGHT. A row is {"id", "text", "role"?, and any of head_names}.
  void read(const std::string& argument);
};

}  // namespace menshen::detectors::scoring

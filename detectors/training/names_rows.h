// The rows that a model of names learns from, as the engine and its features see them.
//
//   for (const Row& row : rows_of("made_en.jsonl:2"))
//     for (const Sentence& sentence : sentences_of(row, known)) ...
//
// One thread. What cannot be read is thrown as std::runtime_error.
#pragma once

#include "detectors/names/decoder.h"
#include "detectors/names/features.h"
#include "detectors/tagger.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace menshen::detectors::names {

struct Span {
  std::size_t begin;
  std::size_t end;
  Named named;
};

struct Row {
  std::string text;
  std::vector<Span> spans;
  unsigned times = 1;
  bool held_out = false;
};

// A sentence as the engine cuts it, with the places of its tokens in the row.
struct Sentence {
  std::string text;
  std::vector<Token> tokens;
  std::vector<Label> gold;
  // Rows of features of the tokens that may be named, and where each token's begin.
  std::vector<std::uint32_t> buckets;
  std::vector<std::uint32_t> begins;
  std::vector<bool> may;
};

// FILE.jsonl or FILE.jsonl:TIMES.
[[nodiscard]] std::vector<Row> rows_of(const std::string& argument);

// Empty where the engine reads the text in more ways than one, as it does where it has escapes.
[[nodiscard]] std::vector<Sentence> sentences_of(const Row& row, const Knowledge& known);

// The slots of a set of words: of lines of a word, a tab, and a number.
[[nodiscard]] std::vector<std::uint32_t> read_lexicon(const std::string& path);

}  // namespace menshen::detectors::names

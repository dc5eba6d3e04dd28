// The names in a window of tokens, by the model.
//
// What may be part of a name stands in rows, parted by tokens that may not; each row is decoded by
// itself, so that most of a text is never shown to the model.
#pragma once

#include "detectors/names/decoder.h"
#include "detectors/names/features.h"
#include "detectors/names/model.h"

#include <cstddef>
#include <span>
#include <vector>

namespace menshen::detectors::names {

struct Name {
  Named named = Named::person;
  std::size_t begin = 0;  // tokens [begin, end)
  std::size_t end = 0;
  float margin = 0;  // how much more its labels score, a token, than those of no name
};

// Appends the names that the labels of the tokens from `first` on make up.
void append_names(std::span<const Label> labels, std::span<const Scores> scores, std::size_t first,
                  std::vector<Name>& out);

class Finder {
 public:
  // Those that begin before `until`, of the tokens from `from` on, behind a token labelled
  // `before`. One that the window's end cuts is none.
  const std::vector<Name>& find(const TokenWindow& window, const Model& model, std::size_t from,
                                std::size_t until, Label before);

 private:
  void decode(const Model& model, std::size_t begin, std::size_t end, Label before, bool goes_on);

  Forms forms_;
  Features features_;
  Decoder decoder_;
  std::vector<Scores> scores_;
  std::vector<Name> names_;
};

}  // namespace menshen::detectors::names

// The way back of pseudonyms: in every text of an answer, whole or in a stream, and in the keys of
// its objects, what the exchange knows as a placeholder (placeholder.h) becomes the value that it
// stands for, written as the text around it is: escaped in the strings of JSON that it stands in,
// in HTML, in URLs.
//
//   Restorer restorer(given, tally);
//   const std::array<TransformMaker, 1> makers{restorer.maker()};
//   const TextRules rules{judge, replacer, makers, &restorer};
//
// What no value of the exchange is called by stays as it is. Rules judge the answer as it came, not
// what is restored in it, and find nothing in a placeholder of the exchange (own_placeholders.h).
// Each pseudonym that was restored is counted once, however often the model writes it and an API
// says it again; one that a redaction covers is not. One thread at a time; outlives what its maker
// makes, and is outlived by what it is made of.
#pragma once

#include "proxy/pipeline/placeholder.h"
#include "proxy/pipeline/pseudonyms.h"
#include "proxy/pipeline/tally.h"
#include "proxy/pipeline/transform.h"

#include <unordered_set>

namespace menshen::pipeline {

class Restorer {
 public:
  Restorer(const Pseudonyms& given, Tally& tally);
  Restorer(const Restorer&) = delete;
  Restorer& operator=(const Restorer&) = delete;

  [[nodiscard]] TransformMaker maker();

  [[nodiscard]] const PlaceholderTags& tags() const noexcept { return tags_; }
  // null: the exchange has none of that name.
  [[nodiscard]] const Pseudonym* find(const Placeholder& placeholder) const {
    return given_.find(placeholder.tag, placeholder.number);
  }
  // It was put back into the answer.
  void count(const Pseudonym& restored);

 private:
  const Pseudonyms& given_;
  PlaceholderTags tags_;
  Tally& tally_;
  std::unordered_set<const Pseudonym*> restored_;
};

}  // namespace menshen::pipeline

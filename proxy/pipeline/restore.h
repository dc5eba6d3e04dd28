// The way back of pseudonyms: in every text of an answer, whole or in a stream, what the exchange
// knows as a placeholder (placeholder.h) becomes the value that it stands for, written as the text
// around it is: escaped in the strings of JSON that it stands in, in HTML, in URLs.
//
//   Restorer restorer(given, tally);
//   const std::array<TransformMaker, 1> makers{restorer.maker()};
//   const TextRules rules{judge, replacer, makers};
//
// What no value of the exchange is called by stays as it is. Rules judge the answer as it came, not
// what is restored in it. Each pseudonym that was restored is counted once, however often the model
// writes it and an API says it again. One thread at a time; outlives what its maker makes, and is
// outlived by what it is made of.
#pragma once

#include "proxy/pipeline/placeholder.h"
#include "proxy/pipeline/pseudonyms.h"
#include "proxy/pipeline/tally.h"
#include "proxy/pipeline/transform.h"

#include <optional>
#include <string>
#include <unordered_set>

namespace menshen::pipeline {

class Restorer {
 public:
  Restorer(const Pseudonyms& given, Tally& tally);
  Restorer(const Restorer&) = delete;
  Restorer& operator=(const Restorer&) = delete;

  [[nodiscard]] TransformMaker maker();

  [[nodiscard]] const PlaceholderTags& tags() const noexcept { return tags_; }
  // What becomes of a placeholder; absent: the exchange has none of that name. `is_json`: of a text
  // that programs take for JSON, in which a value that stands in no string becomes one.
  [[nodiscard]] std::optional<std::string> restored(const Placeholder& placeholder, bool is_json);

 private:
  const Pseudonyms& given_;
  PlaceholderTags tags_;
  Tally& tally_;
  std::unordered_set<const Pseudonym*> restored_;
};

}  // namespace menshen::pipeline

// What an answer may rest on: the texts that its grounding is judged by.
//
//   Sources sources(*ex.request, ex.policy->source_marks());  // results, documents, passages
//   sources.add(text);                                        // and what comes with the answer
//   detectors::score_text({..., .sources = sources.views()}); // none: no score of grounding
//
// Owns copies, at most sources_bytes_max of them. One thread.
#pragma once

#include "policies/source_marks.h"
#include "proxy/protocol/document.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::pipeline {

// Sources beyond this are not read; the score says what it can of the rest.
inline constexpr std::size_t sources_bytes_max = 1024 * 1024;

class Sources {
 public:
  Sources() = default;
  Sources(const protocol::Document& request, const policies::SourceMarks& marks);

  void add(std::string_view text);
  // The leaf's text, if it is a source.
  void add(const protocol::Document& document, const protocol::Leaf& leaf);
  // The texts of an answer that are sources, such as results of tools that the provider ran.
  void add_from(const protocol::Document& answer);
  void add_from(const Sources& other) {
    for (const std::string& text : other.texts_) add(text);
  }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
  [[nodiscard]] bool full() const noexcept { return bytes_ > sources_bytes_max; }

  // They live as long as this, until the next add().
  [[nodiscard]] std::vector<std::string_view> views() const {
    return {texts_.begin(), texts_.end()};
  }

 private:
  std::vector<std::string> texts_;
  std::string scratch_;
  std::size_t bytes_ = 0;
};

}  // namespace menshen::pipeline

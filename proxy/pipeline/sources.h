// What an answer may rest on: the texts that its grounding is judged by.
//
//   Sources sources(*ex.request, ex.policy->source_marks());  // results, documents, passages
//   sources.add(text);                                        // and what comes with the answer
//   detectors::score_text({..., .sources = sources.views()}); // none: no score of grounding
//
// At most sources_bytes_max bytes. Texts of whole documents, and of other Sources, are views of
// them, unless they are spelled otherwise there; what add() gets is copied. One thread.
#pragma once

#include "policies/source_marks.h"
#include "proxy/protocol/document.h"

#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::pipeline {

// Sources beyond this are not read; the score says what it can of the rest.
inline constexpr std::size_t sources_bytes_max = 1024 * 1024;

class Sources {
 public:
  Sources() = default;
  Sources(Sources&&) = default;
  Sources& operator=(Sources&&) = default;
  // The request outlives it.
  Sources(const protocol::Document& request, const policies::SourceMarks& marks);

  void add(std::string_view text);
  // The leaf's text, if it is a source.
  void add(const protocol::Document& document, const protocol::Leaf& leaf);
  // The texts of an answer that are sources, such as results of tools that the provider ran. The
  // answer outlives it.
  void add_from(const protocol::Document& answer);
  // The other one outlives it.
  void add_from(const Sources& other) {
    for (const std::string_view text : other.views_) borrow(text);
  }
  // Copies what it has views of: nothing needs to outlive it any more.
  void keep();
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
  [[nodiscard]] bool full() const noexcept { return bytes_ > sources_bytes_max; }

  [[nodiscard]] const std::vector<std::string_view>& views() const noexcept { return views_; }

 private:
  void borrow(std::string_view text);
  void add_leaf(const protocol::Document& document, std::string_view text);

  std::vector<std::string_view> views_;
  std::list<std::string> own_;  // of which some of them are views
  std::string scratch_;
  std::size_t bytes_ = 0;
};

// Whether a text that document.text() gave stands in the document itself.
[[nodiscard]] bool stands_in(const protocol::Document& document, std::string_view text) noexcept;

}  // namespace menshen::pipeline

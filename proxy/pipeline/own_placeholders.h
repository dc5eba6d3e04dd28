// What a text of an answer calls by pseudonyms of its exchange: the subject has sent it himself and
// gets it back (restore.h), so rules on answers find nothing in it.
//
//   OwnPlaceholders own(restorer, false);
//   own.feed("Ask <PERSON_1> Smith");
//   own.add(findings);                 // person [4, 20)
//   own.finish();
//   own.take(text_at, 20);             // person [14, 20)
//
// Of what is found stays what has a letter or digit outside of these placeholders, without blanks.
// One finding may so become several pieces, of which those behind the first are `continued`, and
// all are a `part` of a value. The gateway's own secrets stay whole. What stays depends on the text
// and its findings, not on how they came. One text, one thread; the restorer must outlive it.
#pragma once

#include "core/finding.h"
#include "proxy/pipeline/placeholder.h"
#include "proxy/pipeline/restore.h"

#include <cstddef>
#include <deque>
#include <functional>
#include <set>
#include <span>
#include <string_view>
#include <vector>

namespace menshen::pipeline {

class OwnPlaceholders {
 public:
  // The text's bytes [begin, end), valid until the next call.
  using TextAt = std::function<std::string_view(std::size_t begin, std::size_t end)>;

  // `is_json`: programs take the text for JSON.
  OwnPlaceholders(const Restorer& restorer, bool is_json)
      : restorer_(restorer), reader_(restorer.tags(), is_json) {}

  void feed(std::string_view bytes);
  void finish();

  // By begin, also over calls; those that overlap come in one call.
  void add(std::span<const core::Finding> findings);
  // What stays of the findings that no byte to come changes, by begin; those that overlap are given
  // at once. No finding that is still to be added begins before `settled`.
  [[nodiscard]] std::vector<core::Finding> take(const TextAt& text, std::size_t settled);
  // No finding that is still to be taken begins before this, of those that were added.
  [[nodiscard]] std::size_t settled() const noexcept {
    return waiting_.empty() ? all_of_it : waiting_.front().begin;
  }

 private:
  struct Span {
    std::size_t begin;
    std::size_t end;
  };
  static constexpr std::size_t all_of_it = static_cast<std::size_t>(-1);

  void keep_known();
  void append_outside(const core::Finding& finding, const TextAt& text,
                      std::vector<core::Finding>& out);

  const Restorer& restorer_;
  PlaceholderReader reader_;
  bool is_over_ = false;
  std::vector<Placeholder> found_;
  std::deque<Span> own_;  // rising, apart from each other
  std::deque<core::Finding> waiting_;
  // Whose finding, which may go on, has a piece that stayed.
  std::set<const core::FindingType*> begun_;
};

// The same of a whole text.
[[nodiscard]] std::vector<core::Finding> outside_of_own(std::span<const core::Finding> findings,
                                                        std::string_view text,
                                                        const Restorer& restorer, bool is_json);

}  // namespace menshen::pipeline

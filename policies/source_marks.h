// Which passages of a prompt are sources: texts that an answer may rest on, and that its grounding
// is judged by. Written for prompts that carry what a search brought ("Context: ... Question: ...",
// <documents>...</documents>, 参考资料：...). Results of tools, documents and citations are sources
// without any mark (proxy/protocol).
//
//   const SourceMarks& marks = set->source_marks();
//   std::vector<std::string_view> found;
//   marks.passages(text, core::Role::user, found);   // views into `text`
//
// Immutable; all threads. Cost is linear in the text, times a constant of the marks.
#pragma once

#include "core/segment.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::policies {

struct SourceMark {
  enum class Kind : std::uint8_t {
    tag,      // from <name ...> to </name>
    label,    // behind "name:", at the start of a text, line or sentence
    passage,  // behind `name`, up to `end`; without an `end` like a label
    message,  // the whole text
  };
  Kind kind = Kind::message;
  std::string name;
  std::string end;
  bool of_system = true;  // looked for in system and developer messages
  bool of_user = true;
  bool heading = true;  // kind label: a line "# name" is the label too
};

class SourceMarks {
 public:
  // The marks that hold unless a policy set says otherwise; docs/POLICY_REFERENCE.md lists them.
  [[nodiscard]] static std::vector<SourceMark> usual();

  SourceMarks() : SourceMarks(usual(), {}) {}
  // `questions`: labels of what is asked, beside the usual ones. What stands behind a label ends at
  // the last of them before the next label.
  SourceMarks(std::vector<SourceMark> marks, std::vector<std::string> questions);

  // Appends the passages of one text; none of them is blank. Texts of other roles have none.
  void passages(std::string_view text, core::Role role, std::vector<std::string_view>& out) const;

 private:
  struct Reader;

  std::vector<SourceMark> marks_;  // those of questions at the end
  std::size_t questions_begin_ = 0;
  // Indices into marks_ by the first byte of the name, folded.
  std::array<std::vector<std::uint16_t>, 256> by_byte_;
  // Bytes that can end a sentence or begin a mark within one; all others are passed over.
  std::array<bool, 256> ends_prose_{};
};

}  // namespace menshen::policies

// Which label stands directly before a value: of all rows, and of numbers that are nothing of ours.
//
// Directly: only ':', '=', quotes, brackets, blanks, and fillers such as "number", "is", 号, 为
// part it from the value; a remark in parentheses may. Words match in any case, behind something
// that is no letter or where camel case begins a word; a blank in a word stands for "", ' ', '_',
// '-' or
// '.', so "id card" is read in idCardNo and id_card_no too. Of several words the
// one that begins first says what it is: "passport id no.", not "id no.".
//
//   index.before("我的护照号码是：")     the label of the rows that have 护照
//   index.before("order no. ")           a label of none of them
//
// Immutable when filled; any thread. The words outlive it.
#pragma once

#include "detectors/detector.h"
#include "detectors/values/context.h"

#include <array>
#include <bitset>
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace menshen::detectors {

inline constexpr std::size_t number_rows_max = 256;

// What the label directly before a value says.
struct DirectLabel {
  std::bitset<number_rows_max> rows;  // whose label it is
  bool otherwise = false;             // to all other rows: it is not yours
  std::size_t begin = 0;              // where in the context it begins, if there is one
  [[nodiscard]] bool any() const noexcept { return otherwise || rows.any(); }
};

class LabelIndex {
 public:
  LabelIndex();  // holds the labels of numbers of other kinds: number_labels(), and counts, sizes
  void add(Words labels, std::size_t row);
  void finish();  // once, when all are added

  // What stands before the value; none of the words: nothing is set.
  [[nodiscard]] DirectLabel before(std::string_view context) const noexcept;
  // The label with which a phrase behind a value begins (values/behind.h), if no value of its own
  // follows it.
  [[nodiscard]] DirectLabel leading(std::string_view phrase) const noexcept;

 private:
  struct Entry {
    std::string_view word;
    DirectLabel label;
    bool filler = false;
    bool glued = false;  // a filler that may stand behind a letter: passportno
  };
  // What a text ends with, and where the longest label and filler begin.
  struct End {
    const Entry* label = nullptr;
    std::size_t label_begin = 0;
    std::size_t filler_bytes = 0;
  };
  static constexpr std::size_t tails = 1024;
  static std::size_t tail_of(std::string_view text) noexcept;
  Entry& entry_of(std::string_view word);
  void add(std::string_view word, std::optional<std::size_t> row);
  [[nodiscard]] End end_of(std::string_view context) const noexcept;

  std::array<std::vector<Entry>, tails> by_tail_;  // by their last two bytes, longest first
};

// What the words around a candidate say, each read when it is first asked for.
class Around {
 public:
  Around(const Window& window, const LabelIndex& labels) : window_(window), labels_(labels) {}
  void move_to(std::size_t begin, std::size_t end) noexcept;

  // The label directly before it, or else behind it, is the row's; is that of something else.
  [[nodiscard]] bool is_label_of(std::size_t row) { return direct().rows[row]; }
  [[nodiscard]] bool is_other_than(std::size_t row) {
    return direct().otherwise && !direct().rows[row];
  }
  [[nodiscard]] bool is_labelled() { return direct().rows.any(); }  // for some row
  // One of the words stands somewhere before it.
  [[nodiscard]] bool has(Words words) const {
    return !words.empty() && has_word(window_.context(begin_), words);
  }

 private:
  [[nodiscard]] const DirectLabel& direct();

  const Window& window_;
  const LabelIndex& labels_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::optional<DirectLabel> direct_;
};

}  // namespace menshen::detectors

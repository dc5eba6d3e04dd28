// The findings of one text that may come in parts: adjacent texts of one speaker, which a reader
// takes for one. What lies between two parts is read both as nothing and as a blank, so that a
// value is found wherever the parts cut it, and a label in one part speaks for a value in the next;
// besides, each part is read by itself. All findings count: those of one type that overlap are one,
// those of different types are all reported, as Scanner does.
//
//   Speech speech(pool);
//   speech.feed("call 138"); speech.begin_part(); speech.feed("1234 5678 now"); speech.finish();
//   for (const core::Finding& f : speech.take()) ...   // cn_mobile [5, 17): offsets count no blank
//
// As Scanner (detectors/scanner.h) otherwise: the findings depend on the text and on where its
// parts begin, not on the pieces; text_bytes() - settled() is bounded. A text of one part costs one
// scanner; where a part begins, two more read on until nothing before it can matter any more: as
// far as a detector sees (core::context_bytes_max) behind the last value that crosses it.
// One thread; the pool must outlive it.
#pragma once

#include "core/error.h"
#include "core/finding.h"
#include "core/segment.h"
#include "detectors/engine/ledger.h"
#include "detectors/scanner.h"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::pipeline {

class ScannerPool;

class Speech {
 public:
  explicit Speech(ScannerPool& pool);
  ~Speech();
  Speech(const Speech&) = delete;
  Speech& operator=(const Speech&) = delete;

  core::Result<void> feed(std::string_view piece);
  // Another part begins here. Not before the first byte.
  core::Result<void> begin_part();
  core::Result<void> finish();

  [[nodiscard]] std::size_t text_bytes() const noexcept { return text_bytes_; }
  [[nodiscard]] std::size_t settled() const noexcept;
  // Findings since the last take(), by begin. Valid until the next call of a non-const member.
  [[nodiscard]] const std::vector<core::Finding>& take();

 private:
  // One scanner's reading of the text from `begin` on.
  struct Reading {
    std::unique_ptr<detectors::Scanner> scanner;
    std::size_t begin = 0;
    std::size_t joint = 0;          // it answers for what it sees with something before this
    bool with_blanks = false;       // reads a blank where a part begins
    std::vector<std::size_t> gaps;  // where in its own text those blanks stand

    [[nodiscard]] std::size_t in_text(std::size_t offset) const noexcept;
  };

  [[nodiscard]] Reading read_from(std::size_t begin);
  core::Result<void> fork();
  core::Result<void> read_end(std::size_t tail_begin);
  core::Result<void> finish(Reading& reading);
  void collect(Reading& reading);
  void drop_ended();
  void make_room();
  void settle();
  void keep_tail(std::string_view piece);

  ScannerPool& pool_;
  std::size_t text_bytes_ = 0;
  Reading current_;                // of the part
  std::vector<Reading> crossing_;  // that go on over the begins of parts
  std::string tail_;               // of the part: what a reading that begins late starts with
  bool one_part_ = true;
  detectors::Ledger ledger_;
};

}  // namespace menshen::pipeline

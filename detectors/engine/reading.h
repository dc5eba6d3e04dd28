// One way to read a text (decoder.h): from its bytes to what detectors find in it.
//
// The decoder writes the view, the segmenter gives out its runs, the anchors what stands around
// them and, where there are taggers, the sentences their windows, or, where there is a line
// detector, the lines theirs; the dispatcher calls detectors, the extensions follow open matches:
// those of runs, of anchors and of lines apart, each as far as their own windows were given out, so
// that cuts do not tell which of two is open first. A
// copy goes on from where the original stands: that is how a text comes to be read in two ways from
// some character on, with all that is not decided yet.
//
// One thread at a time; a copy's memory is kept when it is assigned to.
#pragma once

#include "core/error.h"
#include "core/finding.h"
#include "detectors/engine/anchors.h"
#include "detectors/engine/dispatcher.h"
#include "detectors/engine/encoded.h"
#include "detectors/engine/extensions.h"
#include "detectors/engine/lines.h"
#include "detectors/engine/literal_search.h"
#include "detectors/engine/numbers_around.h"
#include "detectors/engine/sentences.h"
#include "detectors/ignored_values.h"
#include "detectors/text/decoder.h"
#include "detectors/text/deep_escapes.h"
#include "detectors/text/segmenter.h"
#include "detectors/text/view.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::detectors {

class Reading final : public RunSink,
                      public AnchorSink,
                      public AroundSink,
                      public SentenceSink,
                      public LineSink {
 public:
  // `ignored`: the values that are marked; `of_lines`: the detector that is shown lines. Null:
  // none; they outlive it, as the dispatcher does.
  explicit Reading(const Dispatcher& dispatcher, const IgnoredValues* ignored = nullptr,
                   const LineDetector* of_lines = nullptr)
      : dispatcher_(&dispatcher),
        ignored_(ignored),
        of_lines_(of_lines),
        tags_(dispatcher.has_taggers()),
        segmenter_(dispatcher.filter()),
        extensions_(ignored),
        anchors_(dispatcher.anchors()),
        anchor_extensions_(ignored),
        around_(dispatcher.around()),
        lines_(of_lines == nullptr ? 0 : of_lines->reach()),
        line_extensions_(ignored) {}

  // `literals` are looked for in this reading too.
  void reset(std::span<const Literal> literals);
  // The JSON of the deeper level may have begun before.
  void raise_level();
  // Another reading goes on with it.
  void leave_deeper();
  void style() noexcept {
    decoder_.style();
    differs_ = true;
  }
  // Tokens that are encoded are given out (decoded()), too.
  void decode_tokens() noexcept { decodes_ = true; }
  [[nodiscard]] std::vector<Decoded>& decoded() noexcept { return decoded_; }
  // There are such, or numbers of JSON that are texts by themselves.
  [[nodiscard]] bool has_nested() const noexcept {
    return !decoded_.empty() || json().has_spelled() || deeper_json().has_spelled();
  }
  // See Scanner::end_at.
  void end_at(std::size_t position) noexcept { end_ = position; }
  [[nodiscard]] bool ended() const noexcept;
  // May what begins here, and is no match of a detector, have to do with what is before the end?
  [[nodiscard]] bool answers_for(std::size_t begin) const noexcept {
    return end_ == no_end || begin < end_ + core::context_bytes_max;
  }

  // Reads on; see Decoder::decode for `stops` and the answer. What is found is added to `found`.
  core::Result<std::size_t> read(std::string_view piece, Decoder::Stops stops,
                                 std::vector<core::Finding>& found);
  [[nodiscard]] Decoder::Stop stopped() const noexcept { return decoder_.stopped(); }
  core::Result<void> finish(std::vector<core::Finding>& found);

  // Positions of the text as it was fed: where the last character that was read ends, and before
  // which nothing is open.
  [[nodiscard]] std::size_t position() const noexcept { return view_.raw_end(); }
  [[nodiscard]] std::size_t decided() const noexcept;

  [[nodiscard]] JsonPlaces& json() noexcept { return view_.json(); }
  [[nodiscard]] const JsonPlaces& json() const noexcept { return view_.json(); }
  [[nodiscard]] JsonPlaces& deeper_json() noexcept { return view_.deeper_json(); }
  [[nodiscard]] const JsonPlaces& deeper_json() const noexcept { return view_.deeper_json(); }
  // No escape and no JSON that could be asked for: so it is with most prose.
  [[nodiscard]] bool is_plain() const noexcept {
    return view_.escapes().empty() && json().empty() && deeper_json().empty();
  }
  // The escape of which `position` is a byte, but not the first; null: none.
  [[nodiscard]] const Escape* escape_around(std::size_t position) const noexcept;

  // Nothing that begins before `settled` will be asked for.
  void forget(std::size_t settled);

 private:
  bool on_window(const RunWindow& run) override;
  // `part`: all, or what reads behind it alone.
  bool scan_window(const RunWindow& run, Dispatcher::Part part);
  bool scan_part(const RunWindow& run, Dispatcher::Part part, std::size_t behind);
  // Runs whose words behind were not there yet.
  bool settle_waiting();
  [[nodiscard]] std::optional<std::size_t> behind_of(const RunWindow& run) const;
  std::size_t fold_run(const RunWindow& run);
  bool on_anchor(const AnchorSpan& span) override;
  Answer on_number(const AroundSpan& span) override;
  bool on_sentence_window(const SentenceWindow& sentence) override;
  bool on_line_window(const LineWindow& line) override;
  static constexpr std::size_t no_end = static_cast<std::size_t>(-1);
  void find_literals() {
    literals_.advance(view_, [this](const core::Finding& found) {
      if (found.begin < end_) found_->push_back(found);
    });
  }
  [[nodiscard]] bool too_deep();
  void forget_places(std::size_t settled);
  void translate(const RunWindow& run, std::size_t from);
  [[nodiscard]] std::size_t view_position(std::size_t offset) const {
    return translated_ ? positions_[offset] : window_begin_ + offset;
  }
  [[nodiscard]] std::size_t decided_view() const noexcept;
  // From here on windows that are still to come show the view.
  [[nodiscard]] std::size_t shown_view() const noexcept;
  bool fold(const RunWindow& run);
  [[nodiscard]] bool may_be_folded(const Match& match) const;
  [[nodiscard]] bool may_be_split(const Match& match) const;
  // A match of a window that, where it was forced to end, does not end its last character.
  void report(std::string_view text, bool last, bool forced, std::string_view detector,
              const Match& match, Extensions& open);
  // The view position from which on a window that begins at `begin` shows the text.
  [[nodiscard]] std::size_t context_begin(std::size_t begin) const;
  // `text`: what the match was found in. last: it does not go on.
  [[nodiscard]] std::uint32_t marks_of(const Match& match, std::string_view text, bool last) const;

  const Dispatcher* dispatcher_;
  const IgnoredValues* ignored_;
  const LineDetector* of_lines_;
  bool tags_;  // there are taggers
  Decoder decoder_;
  View view_;
  Segmenter segmenter_;
  Extensions extensions_;
  Anchors anchors_;
  Extensions anchor_extensions_;
  NumbersAround around_;
  LiteralSearch literals_;
  DeepEscapes deeper_;
  std::size_t deeper_known_ = 0;  // view position
  EncodedTokens encoded_;
  bool decodes_ = false;
  bool differs_ = false;  // another reading sees the text as it stands
  std::vector<Decoded> decoded_;
  Sentences sentences_;
  std::vector<TaggerState> tagger_states_;  // of this sentence
  std::vector<Token> tokens_;               // of a window, by their offsets in its text
  Lines lines_;
  // Of the line detector: followed from window to window alone, so that which match is open when a
  // window is read depends on the text alone.
  Extensions line_extensions_;
  DispatchScratch scratch_;
  // Where each byte of the text that detectors see came from, in view positions. Only Han numerals
  // and runs of several lines make it differ from an offset.
  struct Waiting {
    RunWindow run;
    std::size_t begin;  // where what is found in it may begin
  };
  std::vector<Waiting> waiting_;        // for what stands behind them
  bool ends_ = false;                   // nothing follows the view
  std::string digits_;                  // a numeral window, translated
  std::string look_alikes_;             // a run, with digits for letters
  std::vector<std::size_t> positions_;  // of its bytes, and of its end
  std::size_t window_begin_ = 0;
  bool translated_ = false;
  bool joined_ = false;                          // a window of several lines
  std::size_t end_ = no_end;                     // of the text as it was fed
  std::vector<core::Finding>* found_ = nullptr;  // while reading
  std::optional<core::Error> failure_;
};

}  // namespace menshen::detectors

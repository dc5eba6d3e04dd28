// One text on its way through its transforms: what they ask for becomes edits of the pieces that
// the text came in, and a piece is settled when none of them can touch it any more. The same for
// documents, whose texts are there at once, and for streams, whose texts arrive in events.
//
//   TextFlow<Place, Decide> flow(make_transforms(rules, info), ...);   // and what Decide is made
//   of flow.feed(place, "call 138", sink);      // sink.edit(place, begin, end, replacement)
//   flow.feed(place2, "00138000", sink);     // sink.settled(place)
//   flow.finish(sink);
//
// `Place` says where a piece stands; `First` is the first transform, by value, so that a text costs
// no virtual call for it: like Transform, but its feed() also gets the window that values are read
// from. What it asks for is applied at once where it is alone; else an edit waits until all are
// settled behind it. The cost is the text plus its edits. One thread.
#pragma once

#include "core/error.h"
#include "core/work_count.h"
#include "proxy/pipeline/transform.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace menshen::pipeline {

// The part of a text that is not settled, and the piece that was fed last.
class TextWindow {
 public:
  [[nodiscard]] std::size_t text_bytes() const noexcept { return end_; }
  // Valid until the next call.
  [[nodiscard]] std::string_view at(std::size_t begin, std::size_t end) {
    const std::size_t piece_begin = end_ - piece_.size();
    if (begin >= piece_begin) return piece_.substr(begin - piece_begin, end - begin);
    if (end <= piece_begin) return std::string_view(kept_).substr(begin - kept_begin_, end - begin);
    value_.assign(kept_, begin - kept_begin_);
    value_.append(piece_.substr(0, end - piece_begin));
    return value_;
  }

 private:
  template <class, class>
  friend class TextFlow;

  void add(std::string_view piece) {
    piece_ = piece;
    end_ += piece.size();
  }
  // What is before `settled` is not asked for again; it is taken off in halves, so that each byte
  // is moved once or so. The piece need not live any longer.
  void keep_from(std::size_t settled) {
    settled = std::min(settled, end_);
    const std::size_t piece_begin = end_ - piece_.size();
    if (settled >= piece_begin) {
      kept_.assign(piece_.substr(settled - piece_begin));
      kept_begin_ = settled;
    } else {
      kept_.append(piece_);
      const std::size_t done = settled - std::min(settled, kept_begin_);
      if (done * 2 >= kept_.size()) {
        kept_.erase(0, done);
        kept_begin_ += done;
      }
    }
    piece_ = {};
  }

  std::string kept_;  // the text from kept_begin_ to the piece
  std::size_t kept_begin_ = 0;
  std::string_view piece_;
  std::size_t end_ = 0;
  std::string value_;
};

template <class Place, class First>
class TextFlow {
 public:
  template <class... Args>
  explicit TextFlow(std::vector<std::unique_ptr<Transform>> more, Args&&... first)
      : first_(std::forward<Args>(first)...), more_(std::move(more)) {}

  // The next piece. After an error nothing more may be fed; what stands before refused_at() then
  // has its edits, and settle_before() lets it go.
  template <class Sink>
  core::Result<void> feed(const Place& place, std::string_view bytes, bool begins_part,
                          Sink& sink) {
    const std::size_t begin = window_.text_bytes();
    pieces_.push_back({place, begin, begin + bytes.size()});
    window_.add(bytes);
    auto fed = first_.feed(bytes, begins_part, window_, edits_);
    if (more_.empty()) {
      apply_all(sink);
    } else {
      note_json(bytes);
      const auto feed_next = [&](Transform& next) { return next.feed(bytes, edits_); };
      fed = run_more(std::move(fed), feed_next, sink);
    }
    if (!fed) return fed;
    const std::size_t decided = std::min(settled(), first_waiting());
    settle_before(decided, sink);
    window_.keep_from(decided);
    return {};
  }

  // The text is over: everything is settled.
  template <class Sink>
  core::Result<void> finish(Sink& sink) {
    auto done = first_.finish(window_, edits_);
    if (more_.empty()) {
      apply_all(sink);
    } else {
      is_over_ = done.has_value();
      const auto finish_next = [&](Transform& next) { return next.finish(edits_); };
      done = run_more(std::move(done), finish_next, sink);
    }
    if (!done) return done;
    settle_before(all_of_it, sink);
    window_.keep_from(all_of_it);
    return {};
  }

  // What ends before `offset` is settled for good.
  template <class Sink>
  void settle_before(std::size_t offset, Sink& sink) {
    while (first_open_ < pieces_.size() && pieces_[first_open_].end <= offset) {
      sink.settled(pieces_[first_open_++].place);
    }
    if (first_open_ * 2 < pieces_.size()) return;  // taken off in halves
    pieces_.erase(pieces_.begin(), pieces_.begin() + static_cast<std::ptrdiff_t>(first_open_));
    first_open_ = 0;
  }

  [[nodiscard]] std::size_t text_bytes() const noexcept { return window_.text_bytes(); }
  [[nodiscard]] const First& first() const noexcept { return first_; }
  [[nodiscard]] std::size_t settled() const noexcept {
    return std::min(first_.settled(), settled_by_more());
  }
  // Where a rule refused the text: from here on nothing of it may leave. Absent: none did.
  [[nodiscard]] std::optional<std::size_t> refused_at() const noexcept {
    const std::optional<std::size_t> at = first_.refused_at();
    if (!at) return at;
    return std::min(before_refusal(*at), first_waiting());
  }

 private:
  struct Piece {
    Place place;
    std::size_t begin;
    std::size_t end;
  };
  struct Ranked {
    TextEdit edit;
    std::size_t rank;  // of the transform that asks for it
  };

  static constexpr std::size_t all_of_it = static_cast<std::size_t>(-1);

  [[nodiscard]] std::span<Piece> open_pieces() noexcept {
    return std::span(pieces_).subspan(first_open_);
  }

  // The replacement goes into the piece where the span begins; the rest of the span is taken out of
  // the others.
  template <class Sink>
  void apply(TextEdit& edit, Sink& sink) {
    const bool inserts = edit.begin == edit.end;
    const auto before = [&](const Piece& piece) {
      return inserts ? piece.end < edit.begin : piece.end <= edit.begin;
    };
    const auto open = open_pieces();
    auto piece = std::ranges::partition_point(open, before);
    if (inserts && piece != open.end()) {
      const std::size_t at = edit.begin - piece->begin;
      sink.edit(piece->place, at, at, edit.replacement);
      return;
    }
    for (; piece != open.end() && piece->begin < edit.end; ++piece) {
      ++core::work_count.pieces_visited;
      const std::size_t begin = std::max(piece->begin, edit.begin);
      const std::size_t end = std::min(piece->end, edit.end);
      if (begin >= end) continue;
      sink.edit(piece->place, begin - piece->begin, end - piece->begin,
                std::exchange(edit.replacement, {}));
    }
  }

  template <class Sink>
  void apply_all(Sink& sink) {
    for (TextEdit& edit : edits_) apply(edit, sink);
    edits_.clear();
  }

  [[nodiscard]] std::size_t settled_by_more() const noexcept {
    std::size_t least = all_of_it;
    if (is_over_) return least;
    for (const auto& transform : more_) least = std::min(least, transform->settled());
    return least;
  }

  [[nodiscard]] std::size_t before_refusal(std::size_t at) const noexcept {
    return std::min(at, settled_by_more());
  }

  // Where the first edit begins that is not made yet: the slowest transform may have settled a part
  // of what a faster one edits.
  [[nodiscard]] std::size_t first_waiting() const noexcept {
    std::size_t least = all_of_it;
    for (const Ranked& ranked : waiting_) least = std::min(least, ranked.edit.begin);
    return least;
  }

  // Takes over what the transform of this rank asks for.
  core::Result<void> take_edits(std::size_t rank) {
    for (TextEdit& edit : edits_) {
      if (json_ && rank > 0) {
        if (edit.begin == edit.end) continue;
        if (!edit.escaped && !fits_into_strings(edit.replacement)) return no_json();
      }
      waiting_.push_back({std::move(edit), rank});
    }
    edits_.clear();
    return {};
  }

  // Runs the further transforms behind what became of the first, and applies what is decided.
  template <class Run, class Sink>
  core::Result<void> run_more(core::Result<void> ran, const Run& run, Sink& sink) {
    std::ignore = take_edits(0);
    if (!ran) {
      if (const auto at = first_.refused_at()) apply_settled(before_refusal(*at), sink);
      return ran;
    }
    for (std::size_t i = 0; i < more_.size(); ++i) {
      if (ran = run(*more_[i]); !ran) return ran;
      if (ran = take_edits(i + 1); !ran) return ran;
    }
    apply_settled(is_over_ ? all_of_it : settled(), sink);
    return {};
  }

  // Of two edits that overlap, the one of the earlier transform is made.
  void drop_overlapping() {
    constexpr auto by_place = [](const Ranked& a, const Ranked& b) {
      return std::pair(a.edit.begin, a.edit.end) < std::pair(b.edit.begin, b.edit.end);
    };
    std::ranges::stable_sort(waiting_, {}, [](const Ranked& r) { return r.rank; });
    std::vector<Ranked> kept;  // by place, apart from each other
    for (auto from = waiting_.begin(); from != waiting_.end();) {
      const auto to =
          std::find_if(from, waiting_.end(), [&](const Ranked& r) { return r.rank != from->rank; });
      std::sort(from, to, by_place);
      const auto before = static_cast<std::ptrdiff_t>(kept.size());
      for (; from != to; ++from) {
        const std::span<const Ranked> earlier(kept.data(), static_cast<std::size_t>(before));
        const auto next = std::ranges::partition_point(
            earlier, [&](const Ranked& k) { return k.edit.end <= from->edit.begin; });
        const bool overlaps = next != earlier.end() && next->edit.begin < from->edit.end;
        if (!overlaps && from->edit.begin >= applied_to_) kept.push_back(std::move(*from));
      }
      std::inplace_merge(kept.begin(), kept.begin() + before, kept.end(), by_place);
    }
    waiting_ = std::move(kept);
  }

  // An edit that ends before `least` overlaps none that is still to come; what is put in at `least`
  // may still become a part of one that begins there.
  template <class Sink>
  void apply_settled(std::size_t least, Sink& sink) {
    if (waiting_.empty()) return;
    drop_overlapping();
    std::vector<Ranked> later;
    for (std::size_t i = 0; i < waiting_.size(); ++i) {
      TextEdit& edit = waiting_[i].edit;
      const bool inserts = edit.begin == edit.end;
      const bool ready = inserts ? edit.end < least : edit.end <= least;
      TextEdit* const next = i + 1 < waiting_.size() ? &waiting_[i + 1].edit : nullptr;
      const bool joins = inserts && next != nullptr && next->begin == edit.begin;
      if (!ready || (joins && next->end > least)) {
        later.push_back(std::move(waiting_[i]));
        continue;
      }
      if (waiting_[i].rank > 0) more_[waiting_[i].rank - 1]->made(edit);
      if (joins) {
        next->replacement.insert(0, edit.replacement);
      } else {
        applied_to_ = edit.end;
        apply(edit, sink);
      }
    }
    waiting_ = std::move(later);
  }

  [[nodiscard]] static bool fits_into_strings(std::string_view text) noexcept {
    return std::ranges::none_of(
        text, [](char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20; });
  }
  [[nodiscard]] static core::Error no_json() {
    return core::gateway_error(core::ErrorKind::internal, "transform_failed",
                               "What should stand in the text would not leave it JSON.");
  }

  // Whether the text is JSON is seen from its first character that is no blank.
  void note_json(std::string_view bytes) noexcept {
    if (begun_) return;
    const std::size_t first = bytes.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return;
    begun_ = true;
    json_ = bytes[first] == '{' || bytes[first] == '[';
  }

  First first_;
  std::vector<std::unique_ptr<Transform>> more_;
  TextWindow window_;
  std::vector<Piece> pieces_;  // from first_open_ on: those that an edit to come may touch
  std::size_t first_open_ = 0;
  std::vector<TextEdit> edits_;
  std::vector<Ranked> waiting_;  // with more_: edits that something may still overlap
  std::size_t applied_to_ = 0;
  bool begun_ = false;  // the text's first character that is no blank was there
  bool json_ = false;
  bool is_over_ = false;
};

}  // namespace menshen::pipeline

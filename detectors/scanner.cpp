#include "detectors/scanner.h"

#include "detectors/catalog.h"
#include "detectors/engine/dispatcher.h"
#include "detectors/engine/extensions.h"
#include "detectors/engine/ledger.h"
#include "detectors/engine/literal_search.h"
#include "detectors/text/decoder.h"
#include "detectors/text/segmenter.h"
#include "detectors/text/view.h"

#include <algorithm>
#include <exception>
#include <optional>
#include <string>

namespace menshen::detectors {
namespace {

// Decoded at once: small enough to stay in the first-level cache.
constexpr std::size_t block_bytes = 4 * 1024;
// Decided text is forgotten when there is this much of it.
constexpr std::size_t forget_bytes = 16 * 1024;

static_assert(raw_span_max + chain_bytes_max + window_bytes <= hold_back_bytes_max);

}  // namespace

// The stages, and the way of a finding through them: the decoder writes the view, the segmenter
// gives out its runs, the dispatcher calls detectors, the extensions follow open matches, the
// ledger releases.
struct Scanner::State final : RunSink {
  explicit State(const Catalog& catalog)
      : dispatcher(catalog.dispatcher()), segmenter(dispatcher.filter()) {}

  void reset(core::TextFormat format, const Literal* wanted);
  core::Result<void> feed(std::string_view piece);
  core::Result<void> finish();
  bool on_window(const RunWindow& run) override;
  template <class Read>
  core::Result<void> guarded(Read&& read);

  // Where each byte of the text that detectors see came from, in view positions. Only Han numerals
  // make it differ from an offset.
  void translate(const RunWindow& run, std::size_t from);
  [[nodiscard]] std::size_t view_position(std::size_t offset) const {
    return translated ? positions[offset] : window_begin + offset;
  }
  void report(const RunWindow& run, const Detector& detector, const Match& match);
  void find_literal() {
    literal.advance(view, [this](const core::Finding& found) { ledger.add(found); });
  }
  void settle(bool may_cut);
  void forget();

  const Dispatcher& dispatcher;
  Decoder decoder;
  View view;
  Segmenter segmenter;
  Extensions extensions;
  Ledger ledger;
  DispatchScratch scratch;
  std::string digits;                  // a numeral window, translated
  std::vector<std::size_t> positions;  // of its bytes, and of its end
  std::size_t window_begin = 0;
  bool translated = false;
  std::size_t text_bytes = 0;
  LiteralSearch literal;
  std::optional<core::Error> failure;
};

void Scanner::State::reset(core::TextFormat format, const Literal* wanted) {
  decoder.reset(format);
  view.reset(core::Place::plain);
  segmenter.reset();
  extensions.reset();
  ledger.reset();
  text_bytes = 0;
  literal.reset(wanted);
  failure.reset();
}

// Out of memory is one more way not to know.
template <class Read>
core::Result<void> Scanner::State::guarded(Read&& read) {
  if (failure) return *failure;
  try {
    core::Result<void> done = read();
    if (!done) failure = done.error();
    return done;
  } catch (const std::exception& thrown) {
    failure = core::gateway_error(core::ErrorKind::internal, "detector_failed",
                                  std::string("The scan broke off: ") + thrown.what());
    return *failure;
  }
}

core::Result<void> Scanner::State::feed(std::string_view piece) {
  text_bytes += piece.size();
  while (!piece.empty()) {
    const std::string_view block = piece.substr(0, block_bytes);
    piece.remove_prefix(block.size());
    decoder.decode(block, view);
    find_literal();
    if (!segmenter.advance(view, *this)) return *failure;
    settle(false);
    forget();
  }
  return {};
}

core::Result<void> Scanner::State::finish() {
  decoder.finish(view);
  find_literal();
  if (!segmenter.finish(view, *this)) return *failure;
  extensions.finish(view, ledger);
  ledger.settle(text_bytes, false);
  return {};
}

void Scanner::State::translate(const RunWindow& run, std::size_t from) {
  digits.clear();
  positions.clear();
  for (std::size_t at = from; at < run.end;) {
    const CodePoint c = code_point_at(view.at(at));
    const int value = at < run.begin ? -1 : han_numeral(c.value);
    if (value >= 0) {
      digits += static_cast<char>('0' + value);
      positions.push_back(at);
    } else {
      digits.append(view.at(at), c.bytes);
      for (std::size_t i = 0; i < c.bytes; ++i) positions.push_back(at + i);
    }
    at += c.bytes;
  }
  positions.push_back(run.end);
}

bool Scanner::State::on_window(const RunWindow& run) {
  extensions.advance(view, segmenter.position(), ledger);
  window_begin = run.begin - std::min(run.begin, core::context_bytes_max);
  while ((*view.at(window_begin) & '\xC0') == '\x80') ++window_begin;
  translated = run.numerals;
  Window window{.text = view.slice(window_begin, run.end),
                .begin = run.begin - window_begin,
                .owned_end = run.owned_end - window_begin,
                .run_begin = run.run_begin - std::min(run.run_begin, window_begin),
                .last = run.last,
                .numerals = run.numerals};
  if (run.next_known) window.next = code_point_at(view.at(run.end)).value;
  if (translated) {
    translate(run, window_begin);
    window.text = digits;
    window.owned_end = static_cast<std::size_t>(std::ranges::lower_bound(positions, run.owned_end) -
                                                positions.begin());
  }
  auto scanned = dispatcher.scan(
      window, run, scratch,
      [&](const Detector& detector, const Match& match) { report(run, detector, match); });
  if (!scanned) {
    failure = scanned.error();
    return false;
  }
  settle(true);
  return true;
}

void Scanner::State::report(const RunWindow& run, const Detector& detector, const Match& match) {
  const std::size_t begin = view_position(match.begin);
  const std::size_t end = match.end == match.begin ? begin : view_position(match.end);
  if (match.extension != nullptr) {
    extensions.start(match, detector.name(), begin, end);
    return;
  }
  ledger.add({.type = match.type,
              .begin = view.raw_begin(begin),
              .end = view.raw_end(end, !run.forced),
              .confidence = match.confidence,
              .detector = detector.name(),
              .place = view.place(begin)});
}

void Scanner::State::settle(bool may_cut) {
  const std::size_t position = segmenter.position();
  extensions.advance(view, position, ledger);
  const std::size_t known = std::min(segmenter.decided(), extensions.decided(position));
  const std::size_t decided = literal.decided(known);
  may_cut = may_cut && decided == known;  // the other point depends on how much has come
  ledger.settle(decided == view.end() ? view.raw_end() : view.raw_begin(decided), may_cut);
}

void Scanner::State::forget() {
  const std::size_t decided = literal.decided(
      std::min(segmenter.decided(), extensions.decided(segmenter.position())));
  if (decided < view.begin() + forget_bytes) return;
  view.forget_before(view.boundary_before(decided - core::context_bytes_max));
}

Scanner::Scanner(const Catalog& catalog) : state_(std::make_unique<State>(catalog)) {
  reset(core::TextFormat::plain);
}
Scanner::~Scanner() = default;
Scanner::Scanner(Scanner&&) noexcept = default;
Scanner& Scanner::operator=(Scanner&&) noexcept = default;

void Scanner::reset(core::TextFormat format, const Literal* literal) {
  state_->reset(format, literal);
}
core::Result<void> Scanner::feed(std::string_view piece) {
  return state_->guarded([&] { return state_->feed(piece); });
}
core::Result<void> Scanner::finish() {
  return state_->guarded([&] { return state_->finish(); });
}
std::size_t Scanner::text_bytes() const noexcept { return state_->text_bytes; }
std::size_t Scanner::settled() const noexcept { return state_->ledger.settled(); }
const std::vector<core::Finding>& Scanner::take() { return state_->ledger.take(); }

core::Result<std::vector<core::Finding>> scan_text(const Catalog& catalog, std::string_view text,
                                                   core::TextFormat format) {
  Scanner scanner(catalog);
  scanner.reset(format);
  if (auto fed = scanner.feed(text); !fed) return fed.error();
  if (auto done = scanner.finish(); !done) return done.error();
  std::vector<core::Finding> joined;
  for (const core::Finding& finding : scanner.take()) {
    const auto continues = [&](const core::Finding& f) {
      return f.type == finding.type && f.end == finding.begin;
    };
    const auto before =
        finding.continued ? std::find_if(joined.rbegin(), joined.rend(), continues) : joined.rend();
    if (before != joined.rend()) {
      before->end = finding.end;
      before->confidence = std::max(before->confidence, finding.confidence);
    } else {
      joined.push_back(finding);
    }
  }
  return joined;
}

}  // namespace menshen::detectors

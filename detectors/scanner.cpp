#include "detectors/scanner.h"

#include "core/work_count.h"
#include "detectors/catalog.h"
#include "detectors/guarded.h"
#include "detectors/scanner_state.h"

#include <algorithm>
#include <utility>

namespace menshen::detectors {
namespace {

// Decoded at once: small enough to stay in the first-level cache.
constexpr std::size_t block_bytes = 4 * 1024;

// A reading holds a run whose source is long, and a window of it; findings that wait, a chain and
// one more of them.
static_assert(raw_span_max + window_bytes + chain_bytes_max + raw_span_max <= hold_back_bytes_max);

}  // namespace

void Scanner::State::reset(std::span<const Literal> wanted) {
  if (readings.empty()) {
    readings.emplace_back(dispatcher, catalog->ignored(), catalog->of_lines());
    if (depth < decoded_depth_max) readings.front().decode_tokens();
  }
  literals = wanted;
  readings.front().reset(literals);
  active = 1;
  levels = {};
  levels[0].plain = 0;
  level = 0;
  found.clear();
  ledger.reset();
  text_bytes = 0;
  document_begin = no_document;
  failure.reset();
}

// A failure stays one: what was read before it is not known either.
template <class Read>
core::Result<void> Scanner::State::once_failed(Read&& read) {
  if (failure) return *failure;
  const core::Result<void> done = guarded(read);
  if (!done) failure = done.error();
  return done;
}

std::size_t Scanner::State::fork(std::size_t from) {
  if (active == readings.size()) {
    readings.push_back(readings[from]);
  } else {
    readings[active] = readings[from];
  }
  return active++;
}

// From here on the text is read with one more level of escapes decoded.
void Scanner::State::raise_level() {
  const Level below = levels[level];
  Level& raised = levels[++level];
  const auto raise = [this](std::size_t from) {
    const std::size_t to = fork(from);
    readings[to].raise_level();
    readings[from].leave_deeper();
    return to;
  };
  raised.plain = raise(*below.plain);
  if (below.styled) raised.styled = raise(*below.styled);
}

core::Result<void> Scanner::State::read(std::string_view piece) {
  std::size_t begin = 0;  // of the level, in the piece
  for (unsigned l = 0; l <= level; ++l) {
    std::string_view rest = piece.substr(begin);
    begin = 0;
    while (!rest.empty()) {
      const bool both = levels[l].styled.has_value();
      const bool highest = l == level && l < Decoder::level_max;
      Reading& plain = readings[*levels[l].plain];
      const auto taken = plain.read(rest, {.styled = !both, .escapes = highest}, found);
      if (!taken) return taken.error();
      if (both) {  // it waits where the plain one does, and so never comes to stop
        auto styled =
            readings[*levels[l].styled].read(rest.substr(0, *taken), {.escapes = highest}, found);
        if (!styled) return styled.error();
      }
      rest.remove_prefix(*taken);
      if (plain.stopped() == Decoder::Stop::styled) {
        levels[l].styled = fork(*levels[l].plain);
        readings[*levels[l].styled].style();
      } else if (plain.stopped() == Decoder::Stop::escape) {
        raise_level();
        begin = piece.size() - rest.size();
      }
    }
  }
  return read_nested();
}

core::Result<void> Scanner::State::feed(std::string_view piece) {
  if (document_begin == no_document) {
    const std::size_t begin = piece.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
    if (begin != std::string_view::npos) document_begin = text_bytes + begin;
  }
  text_bytes += piece.size();
  while (!piece.empty()) {
    const std::string_view block = piece.substr(0, block_bytes);
    if (auto done = read(block); !done) return done;
    piece.remove_prefix(block.size());
    settle();
  }
  return {};
}

core::Result<void> Scanner::State::finish() {
  for (std::size_t i = 0; i < active; ++i) {
    if (auto done = readings[i].finish(found); !done) return done;
  }
  if (auto done = read_nested(); !done) return done;
  settle();
  ledger.settle(text_bytes);
  return {};
}

bool Scanner::State::ended() const noexcept {
  const auto past = [](const Reading& reading) { return reading.ended(); };
  return found.empty() && ledger.empty() &&
         std::all_of(readings.begin(), readings.begin() + static_cast<std::ptrdiff_t>(active),
                     past);
}

// The nearest position at or before this one that lies in no escape and no number of JSON.
std::size_t Scanner::State::whole_before(std::size_t position) const {
  for (bool moved = true; moved;) {
    moved = false;
    for (std::size_t i = 0; i < active; ++i) {
      if (const Escape* escape = readings[i].escape_around(position); escape != nullptr) {
        position = escape->begin;
        moved = true;
      }
      for (const JsonPlaces* json : {&readings[i].json(), &readings[i].deeper_json()}) {
        const JsonPlaces::Region* region = json->at(position);
        if (region != nullptr && region->place == core::Place::json_bare &&
            region->begin < position) {
          position = region->begin;
          moved = true;
        }
      }
    }
  }
  return position;
}

void Scanner::State::settle() {
  std::size_t known = text_bytes;  // how far all readings have come
  std::size_t number = JsonPlaces::unknown;
  std::size_t undecided = known;
  bool plain = true;
  for (std::size_t i = 0; i < active; ++i) {
    const Reading& reading = readings[i];
    known = std::min(known, reading.position());
    undecided = std::min(undecided, reading.decided());
    if (reading.is_plain()) continue;
    plain = false;
    number = std::min({number, reading.json().open_number(), reading.deeper_json().open_number()});
  }
  undecided = std::min({undecided, known, number});
  if (!found.empty()) {
    const auto waits = [&](const core::Finding& f) { return f.end > known || f.end > number; };
    const auto placed = std::ranges::partition(found, waits).begin();
    for (auto f = placed; f != found.end(); ++f) {
      place(*f);
      if (f->begin < f->end) ledger.add(*f);
    }
    found.erase(placed, found.end());
    for (const core::Finding& f : found) undecided = std::min(undecided, f.begin);
  }
  if (!plain) undecided = whole_before(undecided);
  ledger.settle(undecided);
  for (std::size_t i = 0; i < active; ++i) readings[i].forget(ledger.settled());
}

// A finding begins and ends between escapes. Read as it stands, `\u003cbob@corp.example` shows a
// name that begins with u003c: it does not. Only where a backslash may be one before a word, as in
// DOMAIN\bob, the backslash goes with it.
void Scanner::State::avoid_escapes(core::Finding& finding) const {
  for (std::size_t i = 0; i < active; ++i) {
    if (const Escape* around = readings[i].escape_around(finding.begin); around != nullptr) {
      const JsonPlaces::Region* in = readings.front().json().at(around->begin);
      const bool word = around->doubtful && in == nullptr && !finding.continued;
      finding.begin = word ? around->begin : around->end;
    }
    if (const Escape* around = readings[i].escape_around(finding.end); around != nullptr) {
      finding.end = around->end;
    }
  }
}

// A key is one of the document that the text is: what looks like one in a string of it, or behind
// prose, is text. A number of JSON is replaced whole, in quotes of its depth. Without quotes around
// it the same number shows at several depths: that counts whose brackets began first.
void Scanner::State::cover_number(core::Finding& finding) const {
  const JsonPlaces::Region* number = nullptr;
  const auto look = [&](const JsonPlaces& json, unsigned strings) {
    const JsonPlaces::Region* region = json.at(finding.begin);
    if (region == nullptr) return;
    if (region->place != core::Place::json_bare) {
      const bool key = region->place == core::Place::json_key && strings == 0 &&
                       region->json_begin == document_begin;
      if (finding.place == core::Place::plain) {
        finding.place = key ? core::Place::json_key : core::Place::json_string;
      }
    } else if (number == nullptr || region->json_begin < number->json_begin) {
      number = region;
      finding.depth = static_cast<std::uint8_t>(strings);
    }
  };
  for (unsigned l = 0; l <= level; ++l) look(readings[*levels[l].plain].json(), l);
  look(readings[*levels[level].plain].deeper_json(), level + 1);
  if (number == nullptr || finding.place == core::Place::json_key) return;
  if (finding.begin != number->begin || finding.end < number->end) finding.ignored = 0;
  finding.begin = number->begin;
  finding.end = std::max(finding.end, number->end);
  finding.place = core::Place::json_bare;
}

void Scanner::State::place(core::Finding& finding) const {
  avoid_escapes(finding);
  if (finding.begin >= finding.end) return;  // all of it was an escape
  cover_number(finding);
}

Scanner::Scanner(std::shared_ptr<const Catalog> catalog)
    : state_(std::make_unique<State>(std::move(catalog), 0)) {
  reset();
}
Scanner::~Scanner() = default;
Scanner::Scanner(Scanner&&) noexcept = default;
Scanner& Scanner::operator=(Scanner&&) noexcept = default;

const std::shared_ptr<const Catalog>& Scanner::catalog() const noexcept { return state_->catalog; }
void Scanner::reset(std::span<const Literal> literals) { state_->reset(literals); }
void Scanner::end_at(std::size_t position) noexcept {
  for (std::size_t i = 0; i < state_->active; ++i) state_->readings[i].end_at(position);
}
bool Scanner::ended() const noexcept { return state_->ended(); }
core::Result<void> Scanner::feed(std::string_view piece) {
  core::work_count.scanned_bytes += piece.size();
  return state_->once_failed([&] { return state_->feed(piece); });
}
core::Result<void> Scanner::finish() {
  return state_->once_failed([&] { return state_->finish(); });
}
std::size_t Scanner::text_bytes() const noexcept { return state_->text_bytes; }
std::size_t Scanner::settled() const noexcept { return state_->ledger.settled(); }
const std::vector<core::Finding>& Scanner::take() { return state_->ledger.take(); }

core::Result<std::vector<core::Finding>> scan_text(std::shared_ptr<const Catalog> catalog,
                                                   std::string_view text) {
  Scanner scanner(std::move(catalog));
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
      before->ignored &= finding.ignored;
    } else {
      joined.push_back(finding);
    }
  }
  return joined;
}

}  // namespace menshen::detectors

#include "detectors/scoring/reading.h"

#include "detectors/scoring/lexicon_file.h"
#include "detectors/scoring/linear_model.h"
#include "detectors/scoring/scorers.h"

#include <algorithm>
#include <array>

namespace menshen::detectors {

std::string_view scoring_shared();  // shared.txt

namespace scoring {
namespace {

constexpr std::uint32_t quote_bytes_max = 400;
constexpr std::size_t overlapping_max = 4;
constexpr std::size_t keep_hits_max = 16 * 1024;

}  // namespace

const TermMatcher& all_terms() {
  static const TermMatcher matcher = [] {
    static constexpr std::array<std::string_view, 4> classes{"exempt", "negation", "mention",
                                                             "teaching"};
    static const std::vector<TermRow> shared = read_lexicon(scoring_shared(), classes);
    std::vector<Lexicon> lexicons{{shared_scope, shared}};
    for (const Scorer* scorer : Scorers::instance().all()) lexicons.push_back(scorer->lexicon());
    return TermMatcher(lexicons);
  }();
  return matcher;
}

struct Reading::Learned {
  Ngrams ngrams;
  std::array<Evidence, head_count> evidence;
  bool known = false;
};

Reading::Reading() : learned_(std::make_unique<Learned>()) {}
Reading::~Reading() = default;

void Reading::assign(std::string_view raw) {
  hits_.clear();
  measured_.clear();
  learned_->known = false;
  view_.assign(raw);
  cues_ = all_terms().find(view_.text, hits_);
  drop_exempt();
  find_sentences();
  find_quotes();
}

void Reading::drop_exempt() {
  exempt_.clear();
  for (const Hit& hit : hits_) {
    if (hit.scope == shared_scope && hit.cls == exempt) exempt_.push_back({hit.begin, hit.end});
  }
  if (exempt_.empty()) return;
  std::size_t next = 0;
  std::erase_if(hits_, [&](const Hit& hit) {
    while (next < exempt_.size() && exempt_[next].end < hit.end) ++next;
    const std::size_t last = std::min(next + overlapping_max, exempt_.size());
    for (std::size_t i = next; i < last; ++i) {
      if (exempt_[i].begin <= hit.begin) return true;
    }
    return false;
  });
}

void Reading::find_sentences() {
  sentences_.clear();
  const std::span<const Hit> all = hits_;
  for (std::size_t first = 0; first < all.size();) {
    const auto end = static_cast<std::uint32_t>(view_.sentence_end(all[first].end - 1));
    std::size_t last = first + 1;
    while (last < all.size() && all[last].end <= end) ++last;
    sentences_.push_back({all[first].begin, end, all.subspan(first, last - first)});
    first = last;
  }
}

void Reading::find_quotes() {
  quotes_.clear();
  const std::string_view text = view_.text;
  std::uint32_t open = Trail::never;
  for (const std::uint32_t at : view_.marks()) {
    const char c = text[at];
    const std::string_view rest = text.substr(at, 3);
    const bool either = c == '"' || c == '`';
    const bool opens = rest == "“" || rest == "「" || rest == "『";
    const bool closes = rest == "”" || rest == "」" || rest == "』";
    if (!either && !opens && !closes) continue;
    if (open != Trail::never && (closes || either)) {
      if (at - open <= quote_bytes_max) quotes_.push_back({open, at});
      open = Trail::never;
    } else if (!closes) {
      open = at;
    }
  }
}

bool Reading::quoted(const Hit& hit) const noexcept {
  const auto after = std::ranges::upper_bound(quotes_, hit.begin, {}, &Span::begin);
  return after != quotes_.begin() && std::prev(after)->end >= hit.end;
}

const Evidence& Reading::evidence(Head head) const {
  if (!learned_->known) {
    learned_->ngrams.read(*this);
    learned_->evidence = LinearModel::instance().evidence(learned_->ngrams);
    learned_->known = true;
  }
  return learned_->evidence[index_of(head)];
}

float Reading::once(Measure measure) const {
  const auto known = std::ranges::find(measured_, measure, &Measured::measure);
  if (known != measured_.end()) return known->value;
  const float value = measure(*this);
  measured_.push_back({measure, value});
  return value;
}

void Reading::trim() {
  view_.trim();
  learned_->ngrams.trim();
  if (hits_.capacity() > keep_hits_max) std::vector<Hit>().swap(hits_);
  if (sentences_.capacity() > keep_hits_max) std::vector<Sentence>().swap(sentences_);
  if (quotes_.capacity() > keep_hits_max) std::vector<Span>().swap(quotes_);
}

}  // namespace scoring
}  // namespace menshen::detectors

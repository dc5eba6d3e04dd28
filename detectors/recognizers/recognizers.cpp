#include "detectors/recognizers/recognizers.h"

#include "detectors/recognizers/pattern_table.h"
#include "detectors/recognizers/word_table.h"
#include "detectors/values/boundary.h"

#include <algorithm>
#include <deque>
#include <utility>
#include <vector>

namespace menshen::detectors {
namespace {

std::string tag_of(std::string_view name) {
  std::string tag(name);
  for (char& c : tag) {
    if (is_lower(c)) c = static_cast<char>(c - 'a' + 'A');
  }
  return tag;
}

// Matches that go on behind the window, and with which bytes.
struct OpenMatch {
  std::uint32_t owner = 0;
  std::size_t begin = 0;
  std::size_t end = 0;
  float confidence = 0;
  ExtensionState set{};

  void add(const PatternShape::Bytes& bytes) {
    bool beyond_ascii = false;
    for (std::size_t byte = 0; byte < bytes.size(); ++byte) {
      if (bytes[byte]) set[byte / 32] |= 1U << (byte % 32);
      beyond_ascii = beyond_ascii || (bytes[byte] && byte >= 0x80);
    }
    // Whole characters; and a line ends what stands in it.
    if (beyond_ascii) set[4] = set[5] = ~0U;
    set['\n' / 32] &= ~(1U << ('\n' % 32));
  }
};

// An Extension whose state is a set of bytes.
Step extend_in_set(ExtensionState& set, int byte) noexcept {
  if (byte < 0) return Step::belonged;
  const auto c = static_cast<std::size_t>(byte);
  return (set[c / 32] >> (c % 32) & 1U) != 0 ? Step::belongs : Step::stop;
}

struct OwnRecognizer {
  explicit OwnRecognizer(RecognizerSpec from)
      : spec(std::move(from)),
        tag(tag_of(spec.name)),
        type{spec.name, spec.category, tag, spec.summary} {}

  RecognizerSpec spec;
  std::string tag;
  core::FindingType type;  // points into the two above
  WordTable context{};
  std::size_t context_words = 0;
};

}  // namespace

class Recognizers final : public LineDetector {
 public:
  std::string_view name() const noexcept override { return "recognizers"; }
  unsigned version() const noexcept override { return 1; }
  std::span<const core::FindingType* const> types() const noexcept override { return types_; }
  std::size_t reach() const noexcept override {
    return std::max(patterns_.bytes_max(), words_.bytes_max());
  }
  core::Result<void> scan(const Window& window, Matches& matches) const override;

 private:
  friend class RecognizersBuilder;
  // How sure a match is; 0: it is none.
  [[nodiscard]] float confidence_of(const OwnRecognizer& own, const Window& window,
                                    std::size_t begin, std::size_t end) const;

  std::deque<OwnRecognizer> own_;  // never moved
  std::vector<const core::FindingType*> types_;
  PatternTable patterns_;
  WordTable words_;
};

float Recognizers::confidence_of(const OwnRecognizer& own, const Window& window, std::size_t begin,
                                 std::size_t end) const {
  const std::string_view text = window.text;
  const RecognizerSpec& spec = own.spec;
  if (spec.validator != nullptr && !spec.validator(text.substr(begin, end - begin))) return 0;
  if (own.context.empty()) return spec.confidence;
  std::vector<WordTable::Found> words;
  const std::size_t from = begin - window.context(begin).size();
  own.context.find(text.substr(0, begin), from, begin, words);
  if (words.empty()) return spec.context_required ? 0 : spec.confidence;
  return spec.context_confidence.value_or(spec.confidence);
}

core::Result<void> Recognizers::scan(const Window& window, Matches& matches) const {
  std::vector<PatternTable::Found> matched;
  (void)patterns_.find(window, matched);
  std::vector<OpenMatch> open;  // one of a type
  for (const PatternTable::Found& found : matched) {
    const OwnRecognizer& own = own_[found.owner];
    // What is not seen to its end can have no check digit.
    if (found.tail != nullptr && own.spec.validator != nullptr) continue;
    const float sure = confidence_of(own, window, found.begin, found.end);
    if (sure <= 0) continue;
    if (found.tail == nullptr) {
      matches.add(own.type, found.begin, found.end, sure);
      continue;
    }
    auto of_type = std::ranges::find(open, found.owner, &OpenMatch::owner);
    if (of_type == open.end())
      of_type = open.insert(of_type, {found.owner, found.begin, found.end});
    of_type->begin = std::min(of_type->begin, found.begin);
    of_type->confidence = std::max(of_type->confidence, sure);
    of_type->add(*found.tail);
  }
  for (const OpenMatch& match : open) {
    matches.add_open(own_[match.owner].type, match.begin, match.end, match.confidence,
                     extend_in_set, match.set);
  }
  std::vector<WordTable::Found> words;
  words_.find(window.text, window.begin, window.owned_end, words);
  for (const WordTable::Found& found : words) {
    const OwnRecognizer& own = own_[found.owner];
    const float sure = confidence_of(own, window, found.begin, found.end);
    if (sure > 0) matches.add(own.type, found.begin, found.end, sure);
  }
  return {};
}

RecognizersBuilder::RecognizersBuilder() : made_(std::make_shared<Recognizers>()) {}
RecognizersBuilder::~RecognizersBuilder() = default;

std::uint32_t RecognizersBuilder::add(RecognizerSpec spec) {
  made_->own_.emplace_back(std::move(spec));
  return static_cast<std::uint32_t>(made_->own_.size() - 1);
}

std::string RecognizersBuilder::add_pattern(std::uint32_t recognizer, std::string_view pattern) {
  return made_->patterns_.add(pattern, recognizer);
}

std::string RecognizersBuilder::add_word(std::uint32_t recognizer, std::string_view word) {
  return made_->words_.add(word, recognizer);
}

std::string RecognizersBuilder::add_context(std::uint32_t recognizer, std::string_view word) {
  OwnRecognizer& own = made_->own_[recognizer];
  if (own.context_words >= context_words_max) {
    return "More than " + std::to_string(context_words_max) + " context words.";
  }
  ++own.context_words;
  return own.context.add(word, 0);
}

std::string RecognizersBuilder::build() {
  made_->words_.build();
  for (OwnRecognizer& own : made_->own_) {
    own.context.build();
    made_->types_.push_back(&own.type);
  }
  return made_->patterns_.build();
}

std::shared_ptr<const LineDetector> RecognizersBuilder::take() {
  if (made_->own_.empty()) return nullptr;
  return std::exchange(made_, nullptr);
}

}  // namespace menshen::detectors

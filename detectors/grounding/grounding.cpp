#include "detectors/grounding/grounding.h"

#include "detectors/grounding/silence.h"

#include <algorithm>
#include <array>

namespace menshen::detectors::scoring {
namespace {

// A claim in words is taken as supported from this coverage on, and as unsupported below the other.
constexpr double coverage_full = 0.9;
constexpr double coverage_none = 0.3;
constexpr double pair_share = 0.3;  // of the coverage that pairs of neighbours decide
constexpr double name_cost = 0.6;   // of a sentence whose names are all unknown to the sources
constexpr double name_missing_cost = 0.25;
constexpr double turned_cost =
    0.6;  // of a sentence that denies what its sources say, or the reverse
constexpr double worst_margin = 0.4;  // the mean may lie at most so far above the worst sentence
constexpr double wrong_number_cost = 0.35;
constexpr double wrong_number_share_cost = 0.5;

// Evidence in one sentence; weights are letters, with a Han character counting as two.
struct Evidence {
  double words = 0;
  double words_found = 0;
  double pairs = 0;
  double pairs_found = 0;
  int names = 0;
  int names_found = 0;
  int numbers = 0;
  int numbers_missing = 0;
  int turned = 0;  // claims that the sources make the other way round
  double length = 0;
};

double word_weight(const Token& token) {
  if (token.kind == TokenKind::han)
    return is_function_han(static_cast<char32_t>(token.hash)) ? 0 : 2;
  if (token.info->function || token.letters < 2) return 0;
  return std::clamp<double>(token.letters, 3, 9);
}

double word_support(const SourceIndex& index, const Token& token) {
  if (index.has_word(token.hash)) return 1;
  if (token.kind == TokenKind::word && token.letters > 5 && index.has_prefix(token)) return 0.7;
  return 0;
}

// A capital inside a sentence, or in front of another capital, is a name.
bool is_name(std::span<const Token> sentence, std::size_t i) {
  const Token& token = sentence[i];
  if (token.kind != TokenKind::word || !token.capital || token.info->function) return false;
  const bool next = i + 1 < sentence.size() && sentence[i + 1].capital;
  return token.letters > 1 && (i > 0 || next || sentence.size() == 1);
}

// Pleasantries, refusals and remarks on the answer itself.
bool is_courtesy(std::span<const Token> sentence) {
  static const std::array starts{word_hash("sorry"),   word_hash("hello"), word_hash("hi"),
                                 word_hash("thank"),   word_hash("sure"),  word_hash("okay"),
                                 word_hash("ok"),      word_hash("hope"),  word_hash("please"),
                                 word_hash("apologie")};
  static constexpr std::array<std::u32string_view, 8> han_starts{
      U"您好", U"你好", U"抱歉", U"很抱歉", U"对不起", U"谢谢", U"希望", U"请问"};
  constexpr std::size_t short_sentence = 14;
  if (sentence.size() > short_sentence) return false;
  if (std::ranges::find(starts, sentence[0].hash) != starts.end()) return true;
  return std::ranges::any_of(han_starts, [&](std::u32string_view start) {
    if (sentence.size() < start.size()) return false;
    for (std::size_t i = 0; i < start.size(); ++i) {
      if (sentence[i].hash != start[i]) return false;
    }
    return true;
  });
}

bool is_hedged(std::span<const Token> sentence, std::size_t i) {
  if (i == 0) return false;
  const Token& before = sentence[i - 1];
  if (before.kind == TokenKind::word) return before.info->hedge;
  return before.kind == TokenKind::han &&
         (before.hash == U'约' || before.hash == U'近' || before.hash == U'余');
}

void weigh_number(const SourceIndex& index, std::span<const Token> sentence, std::size_t i,
                  Evidence& e) {
  const Token& token = sentence[i];
  const bool known = index.has_number(token, is_hedged(sentence, i));
  e.length += 4;
  if (token.weak) {
    e.words += 3;
    e.words_found += known ? 3 : 0;
    return;
  }
  ++e.numbers;
  if (!known) ++e.numbers_missing;
}

// "unprofessional" for "professional", "fell" for "rose".
bool is_turned_word(const SourceIndex& index, const Token& token) {
  if (token.stripped != 0 && index.has_word(token.stripped)) return true;
  if (token.kind != TokenKind::word) return false;
  return index.has_turned(token) ||
         (token.info->opposite != 0 && index.has_word(token.info->opposite));
}

// A negation put in or left out between words that the sources have side by side, or a Han word
// turned around. For a pair that no source has.
bool is_turned_pair(const SourceIndex& index, std::span<const Token> sentence, std::size_t i) {
  const Token& token = sentence[i];
  const Token& before = sentence[i - 1];
  if (index.has_negated(before.hash, token.hash)) return true;
  if (is_negation(before) && i >= 2 && index.has_pair(sentence[i - 2].hash, token.hash))
    return true;
  if (token.kind != TokenKind::han) return false;
  const std::uint64_t opposite = word_info(hash_step(before.hash, token.hash)).opposite;
  return opposite != 0 && index.has_pair_hash(opposite);
}

void weigh_word(const SourceIndex& index, std::span<const Token> sentence, std::size_t i,
                Evidence& e) {
  const Token& token = sentence[i];
  const double weight = word_weight(token);
  const double support = word_support(index, token);
  e.length += token.kind == TokenKind::han ? 2 : token.letters;
  e.words += weight;
  e.words_found += weight * support;
  if (is_name(sentence, i)) {
    ++e.names;
    if (support > 0) ++e.names_found;
  }
  if (support < 1 && is_turned_word(index, token)) ++e.turned;
  if (i == 0) return;
  const Token& before = sentence[i - 1];
  if (before.kind != token.kind) return;
  const bool found = index.has_pair(before.hash, token.hash);
  if (weight > 0 && !found && is_turned_pair(index, sentence, i)) ++e.turned;
  const double pair_weight = weight + word_weight(before);
  e.pairs += pair_weight;
  if (found) e.pairs_found += pair_weight;
}

// A title in 《》 is a name, known when all of it stands together in a source.
void weigh_title(const SourceIndex& index, std::span<const Token> title, Evidence& e) {
  if (title.empty()) return;
  ++e.names;
  for (std::size_t i = 0; i < title.size(); ++i) {
    if (title[i].kind == TokenKind::number) continue;  // weighed as a number
    const bool pair = i > 0 && title[i - 1].kind != TokenKind::number;
    if (!(pair ? index.has_pair(title[i - 1].hash, title[i].hash) : index.has_word(title[i].hash)))
      return;
  }
  ++e.names_found;
}

double ratio(double part, double whole) { return whole > 0 ? part / whole : 1; }

double support_of(const Evidence& e) {
  const double coverage =
      (1 - pair_share) * ratio(e.words_found, e.words) + pair_share * ratio(e.pairs_found, e.pairs);
  const double lexical =
      std::clamp((coverage - coverage_none) / (coverage_full - coverage_none), 0.0, 1.0);
  const double names_missing = 1 - ratio(e.names_found, e.names);
  const double named = names_missing > 0
                           ? 1 - name_missing_cost - (name_cost - name_missing_cost) * names_missing
                           : 1;
  return lexical * named * (e.turned > 0 ? 1 - turned_cost : 1);
}

}  // namespace

struct Grounding::Tally {
  double length = 0;  // of claims whose numbers are all known
  double supported = 0;
  double worst = 1;
  double wrong_length = 0;  // of claims with a number that no source has

  // Sentences with a wrong number never enter the mean, so that one more of them cannot raise the
  // score.
  [[nodiscard]] double score() const {
    double mean = length > 0 ? supported / length : 1;
    mean = std::min(mean, worst + worst_margin);
    if (wrong_length == 0) return mean;
    const double share = wrong_length / (wrong_length + length);
    return mean * (1 - wrong_number_cost - wrong_number_share_cost * share);
  }
};

void Grounding::judge_sentence(bool question, Tally& tally) const {
  if (sentence_.empty() || question || is_courtesy(sentence_)) return;
  if (says_sources_are_silent(sentence_)) return;
  Evidence e;
  std::size_t title = 0;  // index of the token after the open bracket
  for (std::size_t i = 0; i < sentence_.size(); ++i) {
    switch (sentence_[i].kind) {
      case TokenKind::number: weigh_number(index_, sentence_, i, e); break;
      case TokenKind::word:
      case TokenKind::han: weigh_word(index_, sentence_, i, e); break;
      case TokenKind::open_title: title = i + 1; break;
      case TokenKind::close_title:
        if (title != 0) weigh_title(index_, std::span(sentence_).subspan(title, i - title), e);
        title = 0;
        break;
      case TokenKind::stop: break;
    }
  }
  if (e.words == 0 && e.numbers == 0) return;
  if (e.numbers_missing > 0) {
    tally.wrong_length += e.length;
    return;
  }
  const double support = support_of(e);
  tally.length += e.length;
  tally.supported += support * e.length;
  tally.worst = std::min(tally.worst, support);
}

void Grounding::read(std::span<const std::string_view> sources, const std::stop_token& stop) {
  index_.assign(sources, stop);
}

float Grounding::score(std::string_view answer) {
  tokens_.assign(answer);
  Tally tally;
  sentence_.clear();
  while (tokens_.next(sentence_.emplace_back())) {
    if (sentence_.back().kind != TokenKind::stop) continue;
    const bool question = sentence_.back().question;
    sentence_.pop_back();
    judge_sentence(question, tally);
    sentence_.clear();
  }
  return static_cast<float>(std::clamp(tally.score(), 0.0, 1.0));
}

void Grounding::trim() {
  constexpr std::size_t keep_tokens_max = 4096;
  index_.trim();
  tokens_.trim();
  if (sentence_.capacity() > keep_tokens_max) std::vector<Token>().swap(sentence_);
}

}  // namespace menshen::detectors::scoring

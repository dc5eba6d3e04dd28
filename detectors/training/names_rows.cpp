#include "detectors/training/names_rows.h"

#include "core/digest.h"
#include "core/utf8.h"
#include "detectors/catalog.h"
#include "detectors/scanner.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <map>
#include <memory>
#include <stdexcept>
#include <utility>

namespace menshen::detectors::names {
namespace {

constexpr unsigned held_out_of = 10;

unsigned checksum(std::string_view id) {
  const core::Digest digest = core::sha256(id);
  return digest[0] | digest[1] << 8U;
}

Named named_as(const std::string& type) {
  if (type == "PER") return Named::person;
  if (type == "ORG") return Named::organisation;
  if (type == "LOC") return Named::location;
  throw std::runtime_error("unknown type " + type);
}

// Writes down the tokens that the engine shows, and has it say where they stand in the row.
class Recorder final : public Tagger {
 public:
  std::string_view name() const noexcept override { return "recorder"; }
  unsigned version() const noexcept override { return 1; }
  std::span<const core::FindingType* const> types() const noexcept override { return types_; }
  core::Result<void> tag(const TokenWindow& window, TaggerState& state,
                         Matches& matches) const override {
    if (state[0] == 0) sentences_.emplace_back();
    state[0] = 1;
    Sentence& sentence = sentences_.back();
    for (std::size_t i = window.owned_begin; i < window.owned_end; ++i) {
      const Token& token = window.tokens[i];
      // The blanks between, as far as it matters that there are some.
      const bool touches = i > 0 && window.tokens[i - 1].end == token.begin;
      if (!sentence.tokens.empty() && !touches) sentence.text.push_back(' ');
      const std::size_t begin = sentence.text.size();
      sentence.text.append(window.text_of(i));
      sentence.tokens.push_back({begin, sentence.text.size(), token.kind});
      matches.add(type_, token.begin, token.end, 0.9F);
    }
    return {};
  }
  [[nodiscard]] std::vector<Sentence> take() const { return std::exchange(sentences_, {}); }

 private:
  static constexpr core::FindingType type_{"token", core::Category::name, "TOKEN", "A token."};
  static constexpr std::array<const core::FindingType*, 1> types_{&type_};
  mutable std::vector<Sentence> sentences_;
};

// Names by the places of their tokens. One that no tokens make up exactly is given those it
// touches.
void label(const Row& row, std::span<const core::Finding> places, Sentence& sentence) {
  sentence.gold.assign(sentence.tokens.size(), outside);
  for (const Span& span : row.spans) {
    std::size_t first = places.size();
    std::size_t last = 0;
    for (std::size_t i = 0; i < places.size(); ++i) {
      if (places[i].end <= span.begin || places[i].begin >= span.end) continue;
      first = std::min(first, i);
      last = i;
    }
    if (first == places.size()) continue;
    bool may = true;
    for (std::size_t i = first; i <= last; ++i) may = may && sentence.may[i];
    if (!may) continue;
    for (std::size_t i = first; i <= last; ++i) {
      sentence.gold[i] = label_of(span.named, part_at(i, first, last + 1));
    }
  }
}

void note_features(Sentence& sentence, const Knowledge& known) {
  TokenWindow window;
  window.text = sentence.text;
  window.tokens = sentence.tokens;
  window.owned_end = sentence.tokens.size();
  Forms forms;
  forms.assign(window, known);
  Features features;
  for (std::size_t i = 0; i < forms.size(); ++i) {
    sentence.begins.push_back(static_cast<std::uint32_t>(sentence.buckets.size()));
    sentence.may.push_back(forms.may_be_named(i));
    if (!forms.may_be_named(i)) continue;
    forms.features_of(i, features);
    sentence.buckets.insert(sentence.buckets.end(), features.buckets.begin(),
                            features.buckets.begin() + static_cast<std::ptrdiff_t>(features.size));
  }
  sentence.begins.push_back(static_cast<std::uint32_t>(sentence.buckets.size()));
}

// A blank parts the words of a phrase; of Han, kana and hangul each character is a token.
std::uint64_t hash_of_entry(std::string_view word) {
  std::uint64_t hash = 0;
  bool first = true;
  while (!word.empty()) {
    std::size_t size = word.find(' ');
    const bool by_character = core::utf8_at(word, 0).point >= 0x2E80;
    if (by_character) size = core::utf8_at(word, 0).bytes;
    const std::uint64_t token = hash_of(word.substr(0, size));
    hash = first ? token : joined_hash(hash, token);
    first = false;
    if (size >= word.size()) break;
    word.remove_prefix(size + (by_character ? 0 : 1));
  }
  return hash;
}

}  // namespace

std::vector<Row> rows_of(const std::string& argument) {
  const std::size_t colon = argument.rfind(':');
  const std::string path = argument.substr(0, colon);
  const unsigned times = colon == std::string::npos
                             ? 1
                             : static_cast<unsigned>(std::stoul(argument.substr(colon + 1)));
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  std::vector<Row> out;
  for (std::string line; std::getline(file, line);) {
    const auto json = nlohmann::json::parse(line);
    Row row;
    row.text = json.at("text").get<std::string>();
    row.times = times;
    row.held_out = checksum(json.at("id").get<std::string>()) % held_out_of == 0;
    for (const auto& span : json.at("spans")) {
      row.spans.push_back({span.at("start"), span.at("end"), named_as(span.at("type"))});
    }
    std::ranges::sort(row.spans, {}, &Span::begin);
    out.push_back(std::move(row));
  }
  return out;
}

std::vector<Sentence> sentences_of(const Row& row, const Knowledge& known) {
  static const Recorder recorder;
  static const auto catalog = std::make_shared<const Catalog>(
      std::vector<const Detector*>{}, std::span<const NumberSpec* const>{},
      std::vector<const Tagger*>{&recorder});
  const auto found = scan_text(catalog, row.text);
  std::vector<Sentence> sentences = recorder.take();
  if (!found) return {};
  std::size_t at = 0;
  for (Sentence& sentence : sentences) {
    if (at + sentence.tokens.size() > found->size()) return {};  // read twice, as escapes are
    note_features(sentence, known);
    label(row, std::span(*found).subspan(at, sentence.tokens.size()), sentence);
    at += sentence.tokens.size();
  }
  if (at != found->size()) return {};
  return sentences;
}

std::vector<std::uint32_t> read_lexicon(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  std::map<std::string, std::uint16_t> words;
  for (std::string line; std::getline(file, line);) {
    const std::size_t tab = line.find('\t');
    if (tab == std::string::npos) throw std::runtime_error("no tab in: " + line);
    words[line.substr(0, tab)] |= static_cast<std::uint16_t>(std::stoul(line.substr(tab + 1)));
  }
  std::vector<Lexicon::Entry> entries;
  for (const auto& [word, classes] : words) entries.push_back({hash_of_entry(word), classes});
  return Lexicon::slots_of(entries);
}

}  // namespace menshen::detectors::names

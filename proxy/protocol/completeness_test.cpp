// Law 1 over documents that no list of positions would have: of every API, with all words of the
// APIs as keys at every depth and values of any kind. Each string, each key and each long number of
// a document that is let through is a leaf that detectors see, or stands on the list below.
#include "proxy/protocol/test_support.h"
#include "proxy/protocol/words.h"

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::protocol {
namespace {

using namespace std::string_view_literals;

// What may leave unseen:
//   words of the APIs, as keys, or as values where nobody speaks;
//   base64 of 512 bytes or more inside opaque content, which a rule has let through as such, and as
//   the vector of an embedding;
//   the times and counts at the top of an answer, which are the provider's clock.
bool is_clock(std::string_view key) {
  return key == "created" || key == "created_at" || key == "completed_at" || key == "expires_at" ||
         key.ends_with("_duration") || key.ends_with("eval_count");
}

// Fields below which readers have shapes of their own: chosen as often as all others together.
constexpr std::array structural{"messages"sv,  "content"sv,      "choices"sv,  "message"sv,
                                "logprobs"sv,  "top_logprobs"sv, "tokens"sv,   "output"sv,
                                "data"sv,      "embedding"sv,    "input"sv,    "prompt"sv,
                                "tools"sv,     "tool"sv,         "function"sv, "tool_calls"sv,
                                "arguments"sv, "source"sv,       "audio"sv,    "type"sv,
                                "role"sv,      "text"sv,         "summary"sv,  "results"sv,
                                "image_url"sv, "file"sv,         "metadata"sv, "prompt_logprobs"sv,
                                "token"sv,     "bytes"sv,        "usage"sv,    "error"sv,
                                "id"sv,        "models"sv};

enum class Must : std::uint8_t { be_seen, be_seen_or_opaque };
struct Mark {
  std::string text;
  Must must = Must::be_seen;
};

class Generator {
 public:
  static constexpr std::size_t deepest = 4;

  Generator(std::uint32_t seed, bool answer) : random_(seed), answer_(answer) {}

  std::string body() {
    body_ = answer_ ? "{" : R"({"model":"m","stream":false)";
    object_fields(0, answer_);
    return body_ + "}";
  }
  [[nodiscard]] const std::vector<Mark>& marks() const { return marks_; }

 private:
  const std::vector<std::string_view>& words_ = testing::all_words();

  std::size_t below(std::size_t bound) { return random_() % bound; }
  bool one_in(std::size_t n) { return below(n) == 0; }

  // A text that is nowhere else in the document.
  std::string fresh(std::string_view stem) { return std::string(stem) + std::to_string(++count_); }
  std::string marked(std::string text, Must must = Must::be_seen) {
    marks_.push_back({text, must});
    return text;
  }

  std::string key() {
    if (one_in(5)) return marked(fresh("key "));
    if (!one_in(3)) return std::string(structural[below(structural.size())]);
    return std::string(words_[below(words_.size())]);
  }

  void object_fields(std::size_t depth, bool first) {
    std::set<std::string> used{"model", "stream"};
    for (std::size_t left = below(depth > 0 ? 5 : 8) + 1; left > 0; --left) {
      const std::string name = key();
      if (!used.insert(name).second) continue;
      if (!first) body_ += ',';
      first = false;
      body_ += '"' + name + "\":";
      value(depth, name);
    }
  }

  void value(std::size_t depth, std::string_view key) {
    const bool names_kind = key == "type" || key == "role";
    switch (depth > deepest ? below(4) : below(9)) {
      case 0: return number(depth, key);
      case 1: return scalar();
      case 2: return names_kind ? word() : long_data(key);
      case 3: return names_kind ? word() : string();
      case 4:
      case 5:
      case 6: return array(depth);
      default: return object(depth);
    }
  }

  void word() { body_ += '"' + std::string(words_[below(words_.size())]) + '"'; }
  void string() {
    constexpr std::array stems{"text "sv, "https://host/"sv, "data:text/plain,"sv,
                               "{\\\"a\\\":1} "sv};
    const std::string_view stem = stems[below(stems.size())];
    const std::string raw = fresh(stem);
    body_ += '"' + raw + '"';
    std::string text = raw;
    std::erase(text, '\\');
    marked(std::move(text));
  }
  // Base64; what is short of 512 bytes may be a text.
  void long_data(std::string_view key) {
    const bool is_long = one_in(2);
    std::string text = fresh(std::string(is_long ? 600 : 300, 'A'));
    body_ += '"' + text + '"';
    const bool exempt = is_long && key == "embedding" && answer_;
    if (!exempt) marked(std::move(text), is_long ? Must::be_seen_or_opaque : Must::be_seen);
  }
  void number(std::size_t depth, std::string_view key) {
    const std::string digits = std::to_string(13'800'000'001 + 2 * ++count_);
    constexpr std::array spellings{""sv, ".0"sv, "e0"sv, "0e-1"sv};
    const std::size_t spelling = below(spellings.size() + 1);
    if (spelling < spellings.size())
      body_ += digits + std::string(spellings[spelling]);
    else
      body_ += digits.substr(0, 1) + "." + digits.substr(1) + "E10";
    if (depth > 0 || !answer_ || !is_clock(key)) marked(digits);
  }
  void scalar() {
    constexpr std::array scalars{"null"sv,    "true"sv, "7"sv,  "0.25"sv,  "\"\""sv,
                                 "[65,66]"sv, "[]"sv,   "{}"sv, "1.5e-7"sv};
    body_ += scalars[below(scalars.size())];
  }
  void array(std::size_t depth) {
    body_ += '[';
    for (std::size_t i = 0, size = below(4); i < size; ++i) {
      if (i > 0) body_ += ',';
      value(depth + 1, {});
    }
    body_ += ']';
  }
  void object(std::size_t depth) {
    body_ += '{';
    object_fields(depth + 1, true);
    body_ += '}';
  }

  std::mt19937 random_;
  bool answer_;
  std::size_t count_ = 0;
  std::string body_;
  std::vector<Mark> marks_;
};

// The marks that no leaf shows; `sees` tells which leaves detectors are given.
std::vector<std::string> holes(const Document& document, const std::vector<Mark>& marks,
                               const std::function<bool(const std::string&)>& sees) {
  std::set<std::string> seen;
  std::string opaque;
  std::string scratch;
  for (const Leaf& leaf : document.leaves()) {
    if (leaf.kind == LeafKind::opaque)
      opaque.append(document.bytes(), leaf.begin, leaf.end - leaf.begin);
    else if (!sees || sees(document.pointer(leaf)))
      seen.emplace(document.text(leaf, scratch));
  }
  std::vector<std::string> missing;
  for (const Mark& mark : marks) {
    const bool covered =
        mark.must == Must::be_seen_or_opaque && opaque.find(mark.text) != std::string::npos;
    if (!covered && !seen.contains(mark.text)) missing.push_back(mark.text);
  }
  return missing;
}

struct Outcome {
  std::size_t accepted = 0;
  std::string example;  // of a document with a hole; empty: none has one
};

// Ends at the first hole.
Outcome search(std::uint32_t rounds, bool answers,
               const std::function<bool(const std::string&)>& sees = {}) {
  Outcome out;
  const auto endpoints = testing::reading_endpoints();
  for (std::uint32_t seed = 0; seed < rounds && out.example.empty(); ++seed) {
    const Endpoint& endpoint = *endpoints[seed % endpoints.size()];
    Generator generator(seed, answers);
    const std::string body = generator.body();
    const unsigned status = seed % 7 == 0 ? 400 : 200;
    const auto document = answers ? Document::parse_response(body, endpoint, status, {})
                                  : Document::parse_request(body, endpoint, {});
    if (!document) continue;
    ++out.accepted;
    const auto missing = holes(*document, generator.marks(), sees);
    if (!missing.empty()) out.example = body + " hides " + missing.front();
  }
  return out;
}

constexpr std::uint32_t rounds = 20'000;

TEST(Completeness, NothingOfARequestIsHidden) {
  const Outcome outcome = search(rounds, false);
  EXPECT_EQ(outcome.example, "");
  EXPECT_GT(outcome.accepted, rounds / 2);
}

TEST(Completeness, NothingOfAnAnswerIsHidden) {
  const Outcome outcome = search(rounds, true);
  EXPECT_EQ(outcome.example, "");
  EXPECT_GT(outcome.accepted, rounds * 9 / 10);
}

// The holes of a reader that reads what it knows and drops the rest: the property finds each.
TEST(Completeness, APlantedHoleIsFound) {
  const auto drops = [](std::string_view part) {
    return [part](const std::string& pointer) { return pointer.find(part) == std::string::npos; };
  };
  for (const auto* part : {"/logprobs/0/", "/embedding/0", "/source/", "/tool_calls/0/"})
    EXPECT_NE(search(rounds, true, drops(part)).example, "") << part;
  for (const auto* part :
       {"/0/logprobs/", "/tools/0/", "/0/audio/", "/prompt/", "/metadata/", "/top_logprobs/0/"})
    EXPECT_NE(search(rounds, false, drops(part)).example, "") << part;
}

}  // namespace
}  // namespace menshen::protocol

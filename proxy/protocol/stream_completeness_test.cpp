// Law 1 over streams that no list of positions would have: events of every API, with all words of
// the APIs as keys at every depth. Each string, each key and each long number of an event that is
// given out is a leaf that detectors see, or stands on the list below.
#include "proxy/protocol/stream.h"
#include "proxy/protocol/test_support.h"
#include "proxy/protocol/words.h"

#include <gtest/gtest.h>

#include <algorithm>
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

// What may leave unseen: words of the APIs, as keys, or as values where nobody speaks; and the
// times at the top of an answer, which are the provider's clock.
bool is_clock(std::string_view key) {
  return key == "created" || key == "created_at" || key == "completed_at" || key == "expires_at";
}

// Fields below which the readers of streams have shapes of their own: chosen as often as all others
// together.
constexpr std::array structural{
    "choices"sv,       "delta"sv,        "message"sv,       "content"sv,      "text"sv,
    "logprobs"sv,      "top_logprobs"sv, "tokens"sv,        "token"sv,        "bytes"sv,
    "tool_calls"sv,    "function"sv,     "function_call"sv, "custom"sv,       "arguments"sv,
    "input"sv,         "audio"sv,        "transcript"sv,    "reasoning"sv,    "refusal"sv,
    "content_block"sv, "partial_json"sv, "thinking"sv,      "signature"sv,    "citation"sv,
    "response"sv,      "output"sv,       "item"sv,          "part"sv,         "summary"sv,
    "name"sv,          "id"sv,           "role"sv,          "usage"sv,        "annotations"sv,
    "results"sv,       "code"sv,         "error"sv,         "finish_reason"sv};

constexpr std::array types{"message_start"sv,
                           "content_block_start"sv,
                           "content_block_delta"sv,
                           "message_delta"sv,
                           "ping"sv,
                           "response.created"sv,
                           "response.in_progress"sv,
                           "response.completed"sv,
                           "response.output_item.added"sv,
                           "response.output_item.done"sv,
                           "response.content_part.added"sv,
                           "response.reasoning_summary_part.added"sv,
                           "response.output_text.delta"sv,
                           "response.output_text.done"sv,
                           "response.function_call_arguments.delta"sv,
                           "response.audio.delta"sv,
                           "response.of_a_kind_to_come.delta"sv,
                           "of_a_kind_to_come"sv};
constexpr std::array item_types{"message"sv,   "function_call"sv, "reasoning"sv,   "output_text"sv,
                                "text"sv,      "tool_use"sv,      "tool_result"sv, "thinking"sv,
                                "image_url"sv, "summary_text"sv,  "mcp_call"sv};

class Generator {
 public:
  explicit Generator(std::uint32_t seed) : random_(seed) {}

  std::string event() {
    body_ = R"({"type":")" + std::string(types[below(types.size())]) + '"';
    fields(0, false);
    return body_ + "}";
  }
  [[nodiscard]] const std::vector<std::string>& marks() const { return marks_; }

 private:
  static constexpr std::size_t deepest = 5;

  const std::vector<std::string_view>& words_ = testing::all_words();

  std::size_t below(std::size_t bound) { return random_() % bound; }
  bool one_in(std::size_t n) { return below(n) == 0; }
  // A text that is nowhere else in the stream.
  std::string marked(std::string_view stem) {
    return marks_.emplace_back(std::string(stem) + std::to_string(++count_));
  }

  std::string key() {
    if (one_in(6)) return marked("key ");
    if (!one_in(3)) return std::string(structural[below(structural.size())]);
    return std::string(words_[below(words_.size())]);
  }

  void fields(std::size_t depth, bool first) {
    // An index has a test of its own; it would refuse most events here.
    std::set<std::string> used{"index", "output_index", "content_index", "summary_index"};
    if (depth == 0)
      used.insert("type");
    else if (one_in(3) && used.insert("type").second) {
      body_ += (first ? "\"type\":\"" : ",\"type\":\"") +
               std::string(item_types[below(item_types.size())]) + '"';
      first = false;
    }
    for (std::size_t left = below(depth > 0 ? 5 : 6) + 1; left > 0; --left) {
      const std::string name = key();
      if (!used.insert(name).second) continue;
      if (!first) body_ += ',';
      first = false;
      body_ += '"' + name + "\":";
      value(depth, name);
    }
  }

  void value(std::size_t depth, std::string_view key) {
    switch (depth > deepest ? below(4) : below(9)) {
      case 0: return number(depth, key);
      case 1: return scalar();
      case 2:
      case 3: body_ += '"' + marked(one_in(6) ? "data:text/plain," : "text ") + '"'; return;
      case 4:
      case 5: return array(depth);
      default:
        body_ += '{';
        fields(depth + 1, true);
        body_ += '}';
    }
  }
  void number(std::size_t depth, std::string_view key) {
    const std::string digits = std::to_string(13'800'000'001 + 2 * ++count_);
    body_ += digits;
    if (depth > 1 || !is_clock(key)) marks_.push_back(digits);
  }
  void scalar() {
    constexpr std::array scalars{"null"sv, "true"sv, "7"sv,  "0.25"sv,
                                 "\"\""sv, "[]"sv,   "{}"sv, "[65,66]"sv};
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

  std::mt19937 random_;
  std::size_t count_ = 0;
  std::string body_;
  std::vector<std::string> marks_;
};

struct Outcome {
  std::size_t accepted = 0;
  std::string example;  // of an event with a hole; empty: none has one
};

// Ends at the first hole; `sees` tells which leaves detectors are given.
Outcome search(std::uint32_t rounds, const std::function<bool(const std::string&)>& sees = {}) {
  constexpr std::array apis{"openai_chat", "openai_completions", "openai_responses",
                            "anthropic_messages"};
  Outcome out;
  std::string scratch;
  for (std::uint32_t seed = 0; seed < rounds && out.example.empty(); ++seed) {
    Generator generator(seed);
    const std::string body = generator.event();
    StreamReader reader(testing::endpoint_of(apis[seed % apis.size()]), {});
    reader.feed("data: " + body + "\n\n");
    const auto event = reader.next();
    if (!event) continue;
    ++out.accepted;
    const Document& document = *(*event)->document;
    std::set<std::string> seen;
    for (const Leaf& leaf : document.leaves()) {
      if (leaf.kind != LeafKind::opaque && (!sees || sees(document.pointer(leaf))))
        seen.emplace(document.text(leaf, scratch));
    }
    for (const std::string& mark : generator.marks()) {
      if (!seen.contains(mark)) out.example = body + " hides " + mark;
    }
  }
  return out;
}

constexpr std::uint32_t rounds = 8'000;

// Fields that come whole in every event, whatever stands below them.
constexpr std::array whole{
    "annotations"sv, "citation"sv,     "citations"sv,     "content_filter_offsets"sv,
    "created_by"sv,  "error"sv,        "finish_reason"sv, "content_filter_results"sv,
    "index"sv,       "matched_stop"sv, "metadata"sv,      "context_management"sv,
    "model"sv,       "provider"sv,     "object"sv,        "native_finish_reason"sv,
    "role"sv,        "obfuscation"sv,  "service_tier"sv,  "sequence_number"sv,
    "status"sv,      "stop"sv,         "stop_reason"sv,   "stop_sequence"sv,
    "id"sv,          "type"sv,         "usage"sv,         "system_fingerprint"sv,
    "signature"sv,   "format"sv,       "name"sv,          "prompt_logprobs"sv,
    "created"sv,     "audio"sv,        "content_block"sv, "partial_image_b64"sv};
constexpr std::array whole_endings{"_id"sv,      "_at"sv,   "_type"sv, "_reason"sv,
                                   "_results"sv, "_time"sv, "_index"sv};
bool comes_whole(std::string_view pointer) {
  while (!pointer.empty()) {
    pointer.remove_prefix(1);
    const std::string_view name = pointer.substr(0, pointer.find('/'));
    const auto ends = [&](std::string_view ending) { return name.ends_with(ending); };
    if (std::ranges::find(whole, name) != whole.end() || std::ranges::any_of(whole_endings, ends))
      return true;
    pointer.remove_prefix(name.size());
  }
  return false;
}

// Where a field may stand, with @ for it.
struct Place {
  std::string_view api;
  std::string event;
};

bool is_joined(const Place& place, const std::string& field, std::string& pointer) {
  StreamReader reader(testing::endpoint_of(place.api), {});
  for (const char* half : {"text 1", "more 1"}) {
    std::string event = place.event;
    event.replace(event.find('@'), 1, field);
    event.replace(event.find('#'), 1, half);
    const bool lines = place.api.starts_with("ollama");
    reader.feed(lines ? event + "\n" : "data: " + event + "\n\n");
  }
  std::array<std::set<std::uint32_t>, 2> channels;
  std::string scratch;
  for (auto& found : channels) {
    const auto event = reader.next();
    // An event that is refused, or an error of the provider's, goes on with nothing.
    if (!event || !*event || (*event)->terminal) return true;
    for (const Leaf& leaf : (*event)->document->leaves()) {
      if (!(*event)->document->text(leaf, scratch).ends_with("t 1") &&
          !(*event)->document->text(leaf, scratch).ends_with("e 1"))
        continue;
      pointer = (*event)->document->pointer(leaf);
      if (leaf.channel != no_channel) found.insert(leaf.channel);
    }
  }
  return std::ranges::any_of(channels[0], [&](auto id) { return channels[1].contains(id); });
}

TEST(StreamCompleteness, EveryTextGoesOnInTheNextEvent) {
  const std::vector<Place> places{
      {"openai_chat", R"({"choices":[{"index":0,@}]})"},
      {"openai_chat", R"({"choices":[{"delta":{@}}]})"},
      {"openai_chat", R"({"id":"x",@})"},
      {"openai_completions", R"({"choices":[{"index":0,@}]})"},
      {"openai_responses", R"({"type":"response.output_text.delta",@})"},
      {"openai_responses", R"({"type":"response.of_a_kind_to_come",@})"},
      {"ollama_chat", R"({"message":{@}})"},
      {"ollama_generate", R"({"done":false,@})"},
      {"anthropic_messages", R"({"type":"content_block_delta",@})"},
      {"anthropic_messages", R"({"type":"content_block_delta","delta":{@}})"}};
  std::vector<std::string> names(testing::all_words().begin(), testing::all_words().end());
  names.emplace_back("of a kind to come");
  std::size_t joined = 0;
  for (const Place& place : places) {
    for (const std::string& name : names) {
      for (const std::string_view value : {R"("#")", R"(["#"])", R"({"x":"#"})"}) {
        std::string pointer;
        const bool goes_on = is_joined(place, '"' + name + "\":" + std::string(value), pointer);
        joined += goes_on ? 1 : 0;
        // What these APIs send whole in one event.
        const bool message = place.api == "anthropic_messages" && name == "message";
        const bool in_line = place.api.starts_with("ollama") && value.front() != '"' &&
                             (name == "tool_calls" || name == "images");
        EXPECT_TRUE(goes_on || message || in_line || comes_whole(pointer))
            << place.event << name << value;
      }
    }
  }
  EXPECT_GT(joined, places.size() * names.size() * 2);
}

// The holes of a reader that reads what it knows and drops the rest: the property finds each.
TEST(StreamCompleteness, APlantedHoleIsFound) {
  for (const std::string_view part :
       {"/choices/0/", "/logprobs/0/", "/delta/", "/content_block/", "/message/", "/tool_calls/",
        "/response/output/", "/item/", "/audio/", "/delta/signature"}) {
    const auto drops = [&](const std::string& pointer) {
      return pointer.find(part) == std::string::npos;
    };
    EXPECT_NE(search(rounds, drops).example, "") << part;
  }
}

}  // namespace
}  // namespace menshen::protocol

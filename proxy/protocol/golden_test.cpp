// Golden files: what the leaves of realistic requests, answers and streams are, and what holds for
// all of them.
#include "proxy/protocol/test_support.h"
#include "proxy/protocol/words.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <map>

namespace menshen::protocol {
namespace {

using nlohmann::json;
using testing::endpoint_name;
using testing::endpoint_of;
using testing::golden_names;
using testing::read_golden;

std::string stem(const std::string& name) { return name.substr(0, name.rfind('.')); }

core::Result<Document> parse(const std::string& kind, const std::string& name) {
  const Endpoint& endpoint = endpoint_of(endpoint_name(name));
  std::string body = read_golden(name);
  if (kind == "requests") return Document::parse_request(std::move(body), endpoint, {});
  return Document::parse_response(std::move(body), endpoint, 200, {});
}

template <class Check>
void for_each_document(Check check) {
  for (const std::string kind : {"requests", "responses"}) {
    ASSERT_FALSE(golden_names(kind).empty());
    for (const std::string& name : golden_names(kind)) {
      SCOPED_TRACE(name);
      auto document = parse(kind, name);
      ASSERT_TRUE(document) << to_string(document.error());
      check(name, *document);
    }
  }
}

// Every string of a document, and every key that is not the APIs' own, with how often it occurs.
void collect(const json& value, const Vocabulary& words, std::map<std::string, int>& strings) {
  if (value.is_string()) ++strings[value.get<std::string>()];
  if (value.is_array()) {
    for (const json& element : value) collect(element, words, strings);
  }
  if (!value.is_object()) return;
  for (const auto& [key, child] : value.items()) {
    if (words.find(key) == no_word) ++strings[key];
    // Vectors are no text, and neither is the clock of a provider.
    if (key != "embedding" && key != "created_at") collect(child, words, strings);
  }
}

TEST(Golden, LeavesAreAsReviewed) {
  for_each_document([](const std::string& name, const Document& document) {
    EXPECT_EQ(testing::describe(document), read_golden(stem(name) + ".leaves"));
  });
}

TEST(Golden, NoStringIsMissed) {
  for_each_document([](const std::string& name, const Document& document) {
    const Vocabulary& words = testing::words_of(endpoint_name(name));
    std::map<std::string, int> strings;
    collect(json::parse(document.bytes()), words, strings);
    std::string scratch;
    for (const Leaf& leaf : document.leaves()) {
      if (leaf.kind == LeafKind::number) continue;
      --strings[std::string(document.text(leaf, scratch))];
      // An opaque string counts for itself; it may be a leaf of text as well.
      const std::string raw(document.bytes().substr(leaf.begin, leaf.end - leaf.begin));
      if (leaf.kind == LeafKind::opaque && strings.contains(raw)) strings[raw] = 0;
    }
    for (const auto& [text, missing] : strings) {
      if (text.empty() || words.find(text) != no_word) continue;
      EXPECT_LE(missing, 0) << text;
    }
  });
}

TEST(Golden, WithoutEditsNoByteChanges) {
  for_each_document([](const std::string& name, const Document& document) {
    EXPECT_EQ(document.apply(Edits()), read_golden(name));
  });
}

// The document with the value at `pointer` replaced, by another parser.
json with(json document, const std::string& pointer, const json& value) {
  document[json::json_pointer(pointer)] = value;
  return document;
}

std::string container_pointer(const Document& document, const Leaf& leaf) {
  std::string pointer = document.pointer(leaf);
  return pointer.substr(0, pointer.find("/logprobs") + std::string("/logprobs").size());
}

// What the whole document is after the text of one leaf became `[X]`.
json expected_after_edit(const Document& document, const Leaf& leaf, bool json_bare) {
  const json before = json::parse(document.bytes());
  switch (leaf.kind) {
    case LeafKind::token: return with(before, container_pointer(document, leaf), nullptr);
    case LeafKind::opaque: return with(before, document.pointer(leaf), nullptr);
    default: return with(before, document.pointer(leaf), json_bare ? "\"[X]\"" : "[X]");
  }
}

TEST(Golden, AnEditChangesItsLeafAndNothingElse) {
  for_each_document([](const std::string&, const Document& document) {
    std::string scratch;
    for (const Leaf& leaf : document.leaves()) {
      if (leaf.kind == LeafKind::key) continue;
      SCOPED_TRACE(document.pointer(leaf));
      const std::size_t size = document.text(leaf, scratch).size();
      const bool bare = leaf.kind == LeafKind::json_text;
      Edits edits;
      edits.replace(leaf, 0, size, bare ? "\"[X]\"" : "[X]");
      const std::string after = document.apply(edits);
      ASSERT_TRUE(json::accept(after)) << after;
      EXPECT_EQ(json::parse(after), expected_after_edit(document, leaf, bare));
    }
  });
}

TEST(Golden, AnEditOfAnySpanIsWhatTheTextSays) {
  for_each_document([](const std::string&, const Document& document) {
    std::string scratch;
    for (const Leaf& leaf : document.leaves()) {
      if (leaf.kind != LeafKind::text && leaf.kind != LeafKind::json_text) continue;
      const std::string text(document.text(leaf, scratch));
      const auto on_boundary = [&text](std::size_t at) {
        return at == text.size() || (static_cast<unsigned char>(text[at]) & 0xc0) != 0x80;
      };
      for (std::size_t begin = 0; begin < text.size(); ++begin) {
        const std::size_t end = begin + std::min<std::size_t>(7, text.size() - begin);
        if (!on_boundary(begin) || !on_boundary(end)) continue;
        Edits edits;
        edits.replace(leaf, begin, end, "*");
        const json after = json::parse(document.apply(edits));
        const json& value = after.at(json::json_pointer(document.pointer(leaf)));
        ASSERT_EQ(value.get<std::string>(), text.substr(0, begin) + "*" + text.substr(end));
      }
    }
  });
}

TEST(Golden, AllEditsAtOnceKeepTheJsonValid) {
  for_each_document([](const std::string&, const Document& document) {
    Edits edits;
    std::string scratch;
    for (const Leaf& leaf : document.leaves()) {
      const std::size_t size = document.text(leaf, scratch).size();
      edits.replace(leaf, 0, size / 2, "\"a\\");
      edits.replace(leaf, size / 2, size, "\n");
    }
    const std::string after = document.apply(edits);
    EXPECT_TRUE(json::accept(after)) << after;
  });
}

TEST(Golden, EventsAreAsReviewedAtEveryCut) {
  ASSERT_FALSE(golden_names("streams").empty());
  for (const std::string& name : golden_names("streams")) {
    SCOPED_TRACE(name);
    const std::string bytes = read_golden(name);
    const std::string api = endpoint_name(name);
    const auto whole = testing::run_stream(api, {bytes});
    EXPECT_EQ(whole.error, "");
    EXPECT_EQ(whole.raw, bytes);
    std::string words;
    for (const std::string& event : whole.events) words += "--- event\n" + event;
    EXPECT_EQ(words, read_golden(stem(name) + ".events"));

    std::vector<std::string_view> single;
    for (std::size_t i = 0; i < bytes.size(); ++i)
      single.push_back(std::string_view(bytes).substr(i, 1));
    const auto by_bytes = testing::run_stream(api, single);
    EXPECT_EQ(by_bytes.events, whole.events);
    EXPECT_EQ(by_bytes.raw, bytes);

    for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
      const std::string_view view = bytes;
      const auto halves = testing::run_stream(api, {view.substr(0, cut), view.substr(cut)});
      ASSERT_EQ(halves.events, whole.events) << "cut at " << cut;
      ASSERT_EQ(halves.raw, bytes) << "cut at " << cut;
    }
  }
}

}  // namespace
}  // namespace menshen::protocol

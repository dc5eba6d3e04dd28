// The gateway's own secrets in a text: found at every cut, in every spelling of JSON, and nothing
// of them is settled before it is known.
#include "detectors/literal.h"

#include "detectors/catalog.h"
#include "detectors/scanner.h"
#include "detectors/testing/feeding.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace menshen::detectors {
namespace {

using Spans = std::vector<std::pair<std::size_t, std::size_t>>;

struct Scan {
  Spans spans;
  bool early = false;  // something that turned out to be part of a literal had been settled
};

// Feeds the text in two pieces; spans of the literals alone.
Scan scan(std::string_view text, std::span<const Literal> literals, std::size_t cut) {
  Scanner scanner(testing::catalog());
  scanner.reset(literals);
  Scan out;
  const auto take = [&](std::size_t settled_before) {
    for (const core::Finding& f : scanner.take()) {
      if (f.type != &provider_credential) continue;
      out.early = out.early || f.begin < settled_before;
      out.spans.emplace_back(f.begin, f.end);
    }
  };
  EXPECT_TRUE(scanner.feed(text.substr(0, cut)));
  take(0);
  const std::size_t settled = scanner.settled();
  EXPECT_TRUE(scanner.feed(text.substr(cut)));
  EXPECT_TRUE(scanner.finish());
  take(settled);
  return out;
}

using Wanted = std::initializer_list<std::string_view>;

void expect_at_every_cut(std::string_view text, Wanted wanted, const Spans& spans) {
  const std::vector<Literal> literals(wanted.begin(), wanted.end());
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    const Scan found = scan(text, literals, cut);
    EXPECT_EQ(found.spans, spans) << text << " cut at " << cut;
    EXPECT_FALSE(found.early) << text << " cut at " << cut;
  }
}

TEST(Literal, IsFoundAtEveryCut) {
  expect_at_every_cut("key: sk-core-1!", {"sk-core-1"}, {{5, 14}});
  expect_at_every_cut("xsk-core-1sk-core-1x sk-core-2", {"sk-core-1"}, {{1, 10}, {10, 19}});
  expect_at_every_cut("ask sk-sk-core", {"sk-core"}, {{7, 14}});
  expect_at_every_cut("abababac", {"ababac"}, {{2, 8}});
  expect_at_every_cut("no such thing as sk-cor", {"sk-core"}, {});
}

TEST(Literal, ThatOverlapsItselfIsOneSpan) {
  expect_at_every_cut("a aaaaaa b", {"aaaa"}, {{2, 8}});
}

TEST(Literal, MayHoldWhatOtherTextsAreCutAt) {
  expect_at_every_cut("see a/b+c==:d,e; then", {"a/b+c==:d,e;"}, {{4, 16}});
}

TEST(Literal, IsFoundInEscapesOfJson) {
  expect_at_every_cut(R"({"a":"sk\u002dcore","b":"\u0073\u006b-core"})", {"sk-core"},
                      {{6, 18}, {25, 42}});
}

TEST(Literal, IsFoundBesideOthers) {
  expect_at_every_cut("a token-77, a sk-core, a token-7 b", {"sk-core", "token-77"},
                      {{2, 10}, {14, 21}});
  // One in another, and one that begins in another.
  expect_at_every_cut("x secret-key-9 y", {"key", "secret-key-9"}, {{2, 14}});
  expect_at_every_cut("x abcdef y", {"abcd", "cdef"}, {{2, 8}});
  expect_at_every_cut("x abcdef y", {"cdef", "abcd"}, {{2, 8}});
}

TEST(Literal, IsNotLookedForOnceTheScannerIsUsedAgain) {
  const std::vector<Literal> literals{Literal("sk-core-1")};
  Scanner scanner(testing::catalog());
  scanner.reset(literals);
  EXPECT_TRUE(scanner.feed("sk-core-"));
  scanner.reset();
  EXPECT_TRUE(scanner.feed("1 sk-core-1 "));
  EXPECT_TRUE(scanner.finish());
  EXPECT_TRUE(scanner.take().empty());
}

}  // namespace
}  // namespace menshen::detectors

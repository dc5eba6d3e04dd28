// Law 6: a document that two readers could read in two ways is refused.
#include "proxy/protocol/tape.h"

#include "proxy/protocol/test_support.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <random>
#include <set>

namespace menshen::protocol {
namespace {

using nlohmann::json;

constexpr std::uint32_t depth_max = 64;

const Vocabulary& words() { return testing::words_of("openai_chat"); }

std::string refused(const std::string& body) {
  const auto tape = parse_tape(body, words(), depth_max, Numbers::in_double);
  return tape ? "" : tape.error().code;
}

struct Refusal {
  std::string body;
  std::string code;
  std::string where;
};

class Law6 : public ::testing::TestWithParam<Refusal> {};

TEST_P(Law6, IsRefusedWithItsPlace) {
  const auto tape = parse_tape(GetParam().body, words(), depth_max, Numbers::in_double);
  ASSERT_FALSE(tape) << GetParam().body;
  EXPECT_EQ(tape.error().code, GetParam().code);
  EXPECT_EQ(tape.error().where, GetParam().where);
  EXPECT_EQ(tape.error().kind, core::ErrorKind::invalid_request);
  EXPECT_FALSE(tape.error().message.empty());
}

using namespace std::string_literals;

INSTANTIATE_TEST_SUITE_P(
    Table, Law6,
    ::testing::Values(
        Refusal{"", "invalid_json", "byte 0"}, Refusal{"   ", "invalid_json", "byte 3"},
        Refusal{"[]", "not_an_object", "byte 0"}, Refusal{"\"text\"", "not_an_object", "byte 0"},
        Refusal{"null", "not_an_object", "byte 0"},
        Refusal{"\xef\xbb\xbf{}", "not_an_object", "byte 0"},
        Refusal{"{", "invalid_json", "byte 1"}, Refusal{R"({"a":1)", "invalid_json", "byte 6"},
        Refusal{R"({"a":"b)", "invalid_json", "byte 7"},
        Refusal{R"({"a":1}})", "trailing_bytes", "byte 7"},
        Refusal{R"({"a":1}{"b":2})", "trailing_bytes", "byte 7"},
        Refusal{R"({"a":1} ,{})", "trailing_bytes", "byte 8"},
        Refusal{R"({"a":1,})", "invalid_json", "byte 5"},
        Refusal{R"({"a":[1,]})", "invalid_json", "byte 8"},
        Refusal{R"({"a":[1 2]})", "invalid_json", "byte 5"},
        Refusal{R"({"a" 1})", "invalid_json", "byte 0"},
        Refusal{R"({a:1})", "invalid_json", "byte 0"},
        Refusal{R"({'a':1})", "invalid_json", "byte 0"},
        Refusal{R"({"a":"b":"c"})", "invalid_json", "byte 6"},
        Refusal{R"({"a":"b""c"})", "invalid_json", "byte 6"},
        Refusal{R"({"a":True})", "invalid_json", "byte 5"},
        Refusal{R"({"a":truex})", "invalid_json", "byte 5"},
        Refusal{R"({"a":nul})", "invalid_json", "byte 5"},
        Refusal{R"({"a":NaN})", "invalid_json", "byte 5"},
        Refusal{R"({"a":Infinity})", "invalid_json", "byte 5"},
        Refusal{R"({"a":01})", "invalid_json", "byte 5"},
        Refusal{R"({"a":+1})", "invalid_json", "byte 5"},
        Refusal{R"({"a":1.})", "invalid_json", "byte 5"},
        Refusal{R"({"a":.5})", "invalid_json", "byte 5"},
        Refusal{R"({"a":1e})", "invalid_json", "byte 5"},
        Refusal{R"({"a":0x10})", "invalid_json", "byte 5"},
        Refusal{R"({"a":1_000})", "invalid_json", "byte 5"},
        Refusal{R"({"a":1e999})", "invalid_json", "byte 5"},
        Refusal{R"({"a":1/*x*/})", "invalid_json", "byte 5"},
        Refusal{"{\"a\":\"x\ny\"}", "invalid_json", "byte 7"},
        Refusal{"{\"a\":\"x\ty\"}", "invalid_json", "byte 7"},
        Refusal{"{\"a\":\"x\0y\"}"s, "invalid_json", "byte 7"},
        Refusal{"{\"a\":1\0}"s, "invalid_json", "byte 5"},
        Refusal{R"({"a":"\x41"})", "invalid_json", "byte 6"},
        Refusal{R"({"a":"ok \u12G4"})", "invalid_json", "byte 9"},
        Refusal{R"({"\q":1})", "invalid_json", "byte 2"},
        Refusal{R"({"a":"\u0000"})", "nul_character", "byte 6"},
        Refusal{R"({"a\u0000b":1})", "nul_character", "byte 3"},
        Refusal{R"({"a":"\ud800"})", "lone_surrogate", "byte 6"},
        Refusal{R"({"a":"\ud800\u0041"})", "lone_surrogate", "byte 6"},
        Refusal{R"({"a":"\ud83d\ud83d\ude00"})", "lone_surrogate", "byte 6"},
        Refusal{R"({"a":"\ude00"})", "lone_surrogate", "byte 6"},
        Refusal{R"({"\ud800":1})", "lone_surrogate", "byte 2"},
        Refusal{"{\"a\":\"\xff\"}", "invalid_utf8", "byte 6"},
        Refusal{"{\"a\":\"\xed\xa0\x80\"}", "invalid_utf8", "byte 6"},
        Refusal{"{\"a\":\"\xc0\xaf\"}", "invalid_utf8", "byte 6"},
        Refusal{"{\"a\":\"\xe4\xbd\"}", "invalid_utf8", "byte 6"},
        Refusal{R"({"model":1,"model":2})", "duplicate_key", "/model"},
        Refusal{R"({"model":1,"m\u006fdel":2})", "duplicate_key", "/model"},
        Refusal{R"({"messages":[{},{"role":1,"content":2,"role":3}]})", "duplicate_key",
                "/messages/1/role"},
        Refusal{R"({"张三":1,"\u5f20\u4e09":2})", "duplicate_key", "byte 13"},
        Refusal{R"({"":1,"":2})", "duplicate_key", "byte 7"}));

TEST(Tape, FindsTheByteThatIsNoUtf8InALongBody) {
  std::string filler;
  for (int i = 0; i < 5000; ++i) filler += "你好 ";
  for (const std::size_t at :
       {std::size_t{0}, std::size_t{4093}, std::size_t{4096}, filler.size()}) {
    std::size_t boundary = at;
    while (boundary < filler.size() &&
           (static_cast<unsigned char>(filler[boundary]) & 0xc0) == 0x80)
      ++boundary;
    const std::string body = "{\"a\":\"" + std::string(filler).insert(boundary, "\xfe") + "\"}";
    const auto tape = parse_tape(body, words(), depth_max);
    ASSERT_FALSE(tape);
    EXPECT_EQ(tape.error().where, "byte " + std::to_string(6 + boundary));
  }
}

TEST(Tape, ReadsWhatIsUnambiguous) {
  for (const std::string body :
       {R"({})", " \r\n\t{ } \n",
        R"({"a":-0.5e-3,"b":[[],{},null,true,false],"c":"\ud83d\ude00\/"})",
        R"({"a":{"a":{"a":1}},"b":{"a":1}})", "{\"\":\"\x7f\"}",
        R"({"n":123456789012345678901234567890,"m":1e-999})"}) {
    EXPECT_EQ(refused(body), "") << body;
  }
}

std::string nested(std::size_t depth) {
  return "{\"tools\":" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
}

TEST(Tape, DepthHasABound) {
  EXPECT_EQ(refused(nested(depth_max)), "");
  const auto tape = parse_tape(nested(depth_max + 1), words(), depth_max);
  ASSERT_FALSE(tape);
  EXPECT_EQ(tape.error().code, "too_deep");
  EXPECT_TRUE(tape.error().where.starts_with("/tools/0/0/0"));
  EXPECT_EQ(refused("{\"a\":" + std::string(500'000, '[') + "}"), "too_deep");
  EXPECT_EQ(refused("{\"a\":" + std::string(500'000, '[') + std::string(500'000, ']') + "}"),
            "too_deep");
}

TEST(Tape, NoConfiguredDepthExhaustsTheStack) {
  const auto tape = parse_tape(nested(5000), words(), 1'000'000);
  ASSERT_FALSE(tape);
  EXPECT_EQ(tape.error().code, "too_deep");
}

TEST(Tape, FindsADuplicateAmongManyKeys) {
  for (const int count : {2, 15, 16, 17, 18, 5000}) {
    std::string body = "{";
    for (int i = 0; i < count; ++i)
      body += "\"common prefix of keys " + std::to_string(i) + "\":0,";
    EXPECT_EQ(refused(body + "\"last\":0}"), "") << count;
    EXPECT_EQ(refused(body + "\"common prefix of keys 1\":0}"), "duplicate_key") << count;
    EXPECT_EQ(refused(body + "\"common prefix of \\u006beys 0\":0}"), "duplicate_key") << count;
  }
}

TEST(Tape, KeysWithEqualHashesAreCompared) {
  // The hash reads the first, the middle and the last eight bytes.
  const std::string head(40, 'a');
  std::string body = "{";
  for (char c = 'a'; c <= 'z'; ++c) body += '"' + head + c + head + std::string(40, 'b') + "\":1,";
  EXPECT_EQ(refused(body + "\"x\":1}"), "");
  EXPECT_EQ(refused(body + '"' + head + 'q' + head + std::string(40, 'b') + "\":1}"),
            "duplicate_key");
}

TEST(Tape, ErrorsNameNoKeyOfTheSender) {
  const auto tape = parse_tape(R"({"13812345678":{"model":1,"model":2}})", words(), depth_max);
  ASSERT_FALSE(tape);
  EXPECT_EQ(tape.error().where, "byte 27");
}

TEST(Tape, PointersFollowRfc6901) {
  const auto tape = parse_tape(R"({"a/b":[0,{"c~d":[[],"x"]}],"\u006d":1})", words(), depth_max);
  ASSERT_TRUE(tape);
  std::set<std::string> pointers;
  for (NodeId id = 0; id < tape->nodes.size(); ++id) pointers.insert(tape->pointer(id));
  EXPECT_EQ(pointers, (std::set<std::string>{"", "/a~1b", "/a~1b/1", "/a~1b/1/c~0d",
                                             "/a~1b/1/c~0d/0", "/a~1b/1/c~0d/1", "/m"}));
  const json document = json::parse(tape->bytes);
  for (const std::string& pointer : pointers)
    EXPECT_NO_THROW(document.at(json::json_pointer(pointer)));
}

TEST(Tape, ArraysOfShortNumbersArePacked) {
  const auto tape = parse_tape(R"({"a":[1,2.5,"x",3,13812345678,[4]],"b":[]})", words(), depth_max);
  ASSERT_TRUE(tape);
  const NodeId array = tape->find(0, no_word);
  ASSERT_TRUE(tape->nodes[array].packed);
  std::vector<std::string> pointers;
  tape->each_element(array, [&](NodeId element) { pointers.push_back(tape->pointer(element)); });
  EXPECT_EQ(pointers, (std::vector<std::string>{"/a/2", "/a/4", "/a/5"}));
}

TEST(Tape, ValuesHaveABoundInProportionToTheBody) {
  const auto body = [](std::size_t count, const std::string& value) {
    std::string text = "{\"a\":[";
    for (std::size_t i = 0; i < count; ++i) text += value + ",";
    return text + "0]}";
  };
  EXPECT_EQ(refused(body(60'000, "[]")), "");
  EXPECT_EQ(refused(body(1'000'000, "[]")), "too_many_values");
  EXPECT_EQ(refused(body(1'000'000, "\"\"")), "too_many_values");
  EXPECT_EQ(refused(body(1'000'000, "\"abc\"")), "");
  EXPECT_EQ(refused(body(1'000'000, "7")), "");
  std::string object = "{";
  for (int i = 0; i < 300'000; ++i) object += '"' + std::to_string(i) + "\":0,";
  EXPECT_EQ(refused(object + "\"x\":0}"), "");
}

TEST(Tape, PointersOfLongKeysAreCut) {
  const auto tape = parse_tape("{\"" + std::string(5000, 'k') + "\":[\"v\"]}", words(), depth_max);
  ASSERT_TRUE(tape);
  EXPECT_EQ(tape->pointer(3), "/" + std::string(128, 'k') + "/0");
}

TEST(Tape, SpansAreTheValues) {
  const std::string body = R"( {"a" : [ 1 , "b" ] , "c":{ } } )";
  const auto tape = parse_tape(body, words(), depth_max);
  ASSERT_TRUE(tape);
  std::vector<std::string> raw;
  for (NodeId id = 0; id < tape->nodes.size(); ++id) raw.emplace_back(tape->raw(id));
  EXPECT_EQ(raw, (std::vector<std::string>{R"({"a" : [ 1 , "b" ] , "c":{ } })", "a",
                                           R"([ 1 , "b" ])", "b", "c", "{ }"}));
}

// What another parser takes, and has no key twice, we take; and nothing else.
bool others_accept(const std::string& body) {
  if (body.starts_with("\xef\xbb\xbf")) return false;
  std::vector<std::set<std::string>> keys;
  bool unique = true;
  const auto see = [&](int, json::parse_event_t event, json& parsed) {
    if (event == json::parse_event_t::object_start) keys.emplace_back();
    if (event == json::parse_event_t::object_end) keys.pop_back();
    if (event == json::parse_event_t::key)
      unique = keys.back().insert(parsed.get<std::string>()).second && unique;
    return true;
  };
  const json parsed = json::parse(body, see, false);
  return !parsed.is_discarded() && parsed.is_object() && unique &&
         body.find("\\u0000") == std::string::npos;
}

TEST(Tape, AgreesWithAnotherParserOnBrokenDocuments) {
  std::mt19937 random(4711);
  const std::string alphabet = "{}[]\",:\\u0019eE+-.truefalsn \n\x01\xe4\xbd\xa0/";
  std::size_t accepted = 0;
  for (const std::string folder : {"requests", "responses"}) {
    for (const std::string& name : testing::golden_names(folder)) {
      const std::string body = testing::read_golden(name);
      for (int round = 0; round < 400; ++round) {
        std::string broken = body;
        for (unsigned change = 0; change <= random() % 3; ++change) {
          const std::size_t at = random() % broken.size();
          const char with = alphabet[random() % alphabet.size()];
          if (random() % 3 == 0)
            broken.erase(at, 1 + random() % 4);
          else if (random() % 2 == 0)
            broken.insert(at, 1, with);
          else
            broken[at] = with;
        }
        const bool ours = refused(broken).empty();
        ASSERT_EQ(ours, others_accept(broken)) << broken << "\n" << refused(broken);
        if (ours) ++accepted;
      }
    }
  }
  EXPECT_GT(accepted, 100U);
}

}  // namespace
}  // namespace menshen::protocol

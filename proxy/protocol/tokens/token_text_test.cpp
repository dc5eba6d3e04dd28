// Lists of tokens are read as what a model reads, and an edit leaves the rest as it was.
#include "proxy/protocol/tokens/token_text.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>

namespace menshen::protocol::tokens {
namespace {

using Kind = ListFault::Kind;

std::string list_of(const Encoding& encoding, std::string_view text) {
  Ids ids;
  encoding.encode(text, ids);
  std::string out = "[";
  for (const std::uint32_t id : ids) out.append(std::to_string(id)).push_back(',');
  out.back() = ']';
  return out;
}

// The text, or "kind index".
std::string read(std::string_view list, std::uint64_t bytes_max = 1000) {
  std::string text;
  const auto fault = read_list(cl100k_encoding(), list, bytes_max, text);
  if (!fault) return text;
  const char* kind = fault->kind == Kind::no_token  ? "no_token "
                     : fault->kind == Kind::no_text ? "no_text "
                                                    : "too_long ";
  return kind + std::to_string(fault->index);
}

std::string written(std::string_view list, std::initializer_list<ListEdit> edits) {
  std::string out;
  write_list(cl100k_encoding(), list, {edits.begin(), edits.size()}, out);
  return out;
}

TEST(TokenText, IsWhatTheTokensStandFor) {
  const std::string text = "电话 13812345678, call me";
  EXPECT_EQ(read(list_of(cl100k_encoding(), text)), text);
  EXPECT_EQ(read(" [ 64 ,\n65 ]"), "no_token 0");  // a list begins with its bracket
  EXPECT_EQ(read("[ 64 ,\n65\t]"), "ab");
  EXPECT_EQ(read("[64,100257,65]"), "a<|endoftext|>b");
}

TEST(TokenText, RefusesWhatNoTokenIs) {
  for (const char* list : {"[64,100256]", "[64,100277]", "[64,-1]", "[64,1.0]", "[64,1e3]",
                           "[64,4294967361]", "[64,99999999999999999999]", "[64,0000000064.5]",
                           "[64,[65]]", "[64,\"a\"]", "[64,null]", "[64,true]"})
    EXPECT_EQ(read(list), "no_token 1") << list;
}

TEST(TokenText, RefusesBytesThatAreNoText) {
  EXPECT_EQ(read("[64,188,65]"), "no_text 1");  // NUL
  EXPECT_EQ(read("[64,65,255,66]").substr(0, 8), "no_text ");
  EXPECT_EQ(read("[64,65,66]", 2), "too_long 2");
  EXPECT_EQ(read("[64,65,66]", 3), "abc");
}

// The ids of single bytes.
std::uint32_t byte_id(unsigned char byte) {
  for (std::uint32_t id = 0; id < 256; ++id) {
    if (*cl100k_encoding().bytes(id) == std::string_view(reinterpret_cast<const char*>(&byte), 1))
      return id;
  }
  return 0;
}
std::string list_of_bytes(std::string_view bytes) {
  std::string out = "[";
  for (const char c : bytes)
    out.append(std::to_string(byte_id(static_cast<unsigned char>(c)))).push_back(',');
  out.back() = ']';
  return out;
}

TEST(TokenText, MayBeginAndEndWithinACharacter) {
  const std::string whole = "中a中";
  for (std::size_t begin : {0U, 1U, 2U})
    for (std::size_t cut : {0U, 1U, 2U}) {
      const std::string bytes = whole.substr(begin, whole.size() - begin - cut);
      const std::string text = std::string(begin == 0 ? "中" : "") + "a" + (cut == 0 ? "中" : "");
      EXPECT_EQ(read(list_of_bytes(bytes)), text);
      const std::size_t at = begin == 0 ? 3 : 0;
      const std::string edited = written(list_of_bytes(bytes), {{at, at + 1, "b"}});
      std::string expected = bytes;
      expected[expected.find('a')] = 'b';
      std::string back;
      EXPECT_FALSE(read_list(cl100k_encoding(), edited, 1000, back));
      std::string want = text;
      want[want.find('a')] = 'b';
      EXPECT_EQ(back, want);
    }
  EXPECT_EQ(read(list_of_bytes("\xb8\xad\xb8\xadx")), "no_text 3");
  EXPECT_EQ(read(list_of_bytes("x\xe4\xb8y")), "no_text 1");
  EXPECT_EQ(read(list_of_bytes("\xed\xa0\x80")), "no_text 0");  // a surrogate
}

TEST(TokenText, IsEncodedAnewWhereItIsEdited) {
  const std::string text = "call 13812345678 now";
  const std::string list = list_of(cl100k_encoding(), text);
  EXPECT_EQ(written(list, {{5, 16, "[CN_MOBILE]"}}),
            list_of(cl100k_encoding(), "call [CN_MOBILE] now"));
  EXPECT_EQ(written(list, {{0, 0, "x"}, {5, 16, ""}, {20, 20, "!"}}),
            list_of(cl100k_encoding(), "xcall  now!"));
  EXPECT_EQ(written(list, {{0, 20, ""}}), "[]");
  // Far past the end: what there is.
  EXPECT_EQ(written(list, {{4, 1000, ""}}), list_of(cl100k_encoding(), "call"));
}

TEST(TokenText, KeepsWhatStandsBetweenOtherSpecialTokens) {
  // "ab" as two tokens, which nobody would make of it.
  EXPECT_EQ(written("[64,65,100257,64,65]", {{15, 16, "z"}}),
            "[64,65,100257," + list_of(cl100k_encoding(), "zb").substr(1));
  EXPECT_EQ(written("[100257,64]", {{0, 0, "z"}}), "[89,100257,64]");
  EXPECT_EQ(written("[64,100257]", {{14, 14, "z"}}), "[64,100257,89]");
  // A special token that an edit touches is text.
  EXPECT_EQ(written("[64,100257,65]", {{3, 5, "z"}}), list_of(cl100k_encoding(), "a<|zdoftext|>b"));
}

}  // namespace
}  // namespace menshen::protocol::tokens

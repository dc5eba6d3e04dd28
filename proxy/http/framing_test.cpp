// The parsers of framing without sockets: every cut, and what a head leaves for an exchange to see.
// The table of what is refused is in session_test.cpp, over a real connection.
#include "proxy/http/chunk.h"
#include "proxy/http/head.h"
#include "proxy/http/wire.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace menshen::http {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

constexpr std::size_t bytes_max = 1000;

// Feeds the input in growing prefixes, as a connection would.
HeadScanner::Found scan_in_steps(const std::string& input, std::size_t step) {
  HeadScanner scanner(bytes_max);
  HeadScanner::Found found;
  for (std::size_t size = 0;
       found.length == 0 && found.fault == Fault::none && size < input.size();) {
    size = std::min(input.size(), size + step);
    found = scanner.scan(std::string_view(input).substr(0, size));
  }
  return found;
}

TEST(HeadScanner, SaysTheSameForEveryCut) {
  for (const std::string& input : {
           std::string("GET / HTTP/1.1\r\nhost: x\r\na: b\r\n\r\nrest\n\n"),
           std::string("GET / HTTP/1.1\r\nx y: b\r\n\r\n"),
           std::string("GET / HTTP/1.1\nhost: x\n\n"),
           std::string("GET / HTTP/1.1\r\n folded: x\r\n\r\n"),
           std::string("a\0b\r\n\r\n", 7),
           std::string("GET / HTTP/1.1\r\nhost: x\r\n"),
           std::string(bytes_max + 10, 'a'),
           std::string("\r\n\r\n"),
           std::string("a\r\r\n\r\n"),
       }) {
    const auto whole = scan_in_steps(input, input.size());
    for (std::size_t step = 1; step < input.size(); ++step) {
      const auto cut = scan_in_steps(input, step);
      EXPECT_EQ(cut.length, whole.length) << input << " in steps of " << step;
      EXPECT_EQ(cut.fault, whole.fault) << input << " in steps of " << step;
    }
  }
}

TEST(HeadScanner, TheBoundCountsTheEmptyLine) {
  const std::string head = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";
  EXPECT_EQ(HeadScanner(head.size()).scan(head).length, head.size());
  EXPECT_EQ(HeadScanner(head.size() - 1).scan(head).fault, Fault::header_bytes);
}

TEST(Head, LowersNamesAndTrimsValues) {
  RequestHead head;
  RequestFraming framing;
  const std::string bytes =
      "POST /v1/x?a=b HTTP/1.1\r\nHOST: x\r\nContent-Length:  7 \r\nX-Tab:\t a b "
      "\t\r\nX-Empty:\r\nExpect: 100-Continue\r\n"
      "Connection: close , X-Hop\r\nx-hop: 1\r\n\r\n";
  ASSERT_EQ(parse_request(bytes, {}, head, framing), Fault::none);
  EXPECT_EQ(head.method, "POST");
  EXPECT_EQ(head.target, "/v1/x?a=b");
  EXPECT_THAT(head.headers,
              ElementsAre(Pair("host", "x"), Pair("content-length", "7"), Pair("x-tab", "a b"),
                          Pair("x-empty", ""), Pair("expect", "100-Continue")));
  EXPECT_EQ(framing.body, BodyKind::length);
  EXPECT_EQ(framing.length, 7U);
  EXPECT_FALSE(framing.keep_alive);
  EXPECT_TRUE(framing.expects_continue);
}

struct ResponseCase {
  const char* name;
  std::string bytes;
  const char* method;
  Fault fault;
  BodyKind body;
  bool keep_alive;
};

class Responses : public ::testing::TestWithParam<ResponseCase> {};

TEST_P(Responses, AreFramedAsRfc9112Says) {
  ResponseHead head;
  ResponseFraming framing;
  const auto& expected = GetParam();
  ASSERT_EQ(parse_response(expected.bytes, expected.method, {}, head, framing), expected.fault);
  if (expected.fault != Fault::none) return;
  EXPECT_EQ(framing.body, expected.body);
  EXPECT_EQ(framing.keep_alive, expected.keep_alive);
}

constexpr auto none = Fault::none;
const std::string ok = "HTTP/1.1 200 OK\r\n";
INSTANTIATE_TEST_SUITE_P(
    Table, Responses,
    ::testing::Values(
        ResponseCase{"length", ok + "content-length: 3\r\n\r\n", "POST", none, BodyKind::length,
                     true},
        ResponseCase{"zero", ok + "content-length: 0\r\n\r\n", "POST", none, BodyKind::none, true},
        ResponseCase{"chunked", ok + "Transfer-Encoding: Chunked\r\n\r\n", "POST", none,
                     BodyKind::chunked, true},
        ResponseCase{"until_close", ok + "\r\n", "POST", none, BodyKind::until_close, false},
        ResponseCase{"closes", ok + "content-length: 3\r\nconnection: close\r\n\r\n", "POST", none,
                     BodyKind::length, false},
        ResponseCase{"old", "HTTP/1.0 200 OK\r\ncontent-length: 3\r\n\r\n", "POST", none,
                     BodyKind::length, false},
        ResponseCase{"head", ok + "content-length: 3\r\n\r\n", "HEAD", none, BodyKind::none, true},
        ResponseCase{"no_content", "HTTP/1.1 204 No Content\r\n\r\n", "POST", none, BodyKind::none,
                     true},
        ResponseCase{"not_modified", "HTTP/1.1 304 X\r\ncontent-length: 3\r\n\r\n", "GET", none,
                     BodyKind::none, true},
        ResponseCase{"interim", "HTTP/1.1 100 Continue\r\n\r\n", "POST", none, BodyKind::none,
                     true},
        ResponseCase{"no_reason", "HTTP/1.1 200 \r\ncontent-length: 3\r\n\r\n", "POST", none,
                     BodyKind::length, true},
        ResponseCase{"identity", ok + "content-encoding: identity\r\ncontent-length: 3\r\n\r\n",
                     "POST", none, BodyKind::length, true},
        ResponseCase{"brotli",
                     ok + "content-encoding: br\r\ncontent-length: 3\r\n\r\n",
                     "POST",
                     Fault::content_encoding,
                     {},
                     {}},
        ResponseCase{
            "switching", "HTTP/1.1 101 X\r\nupgrade: h2c\r\n\r\n", "POST", Fault::upgrade, {}, {}},
        ResponseCase{"both",
                     ok + "content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n",
                     "POST",
                     Fault::length_and_encoding,
                     {},
                     {}},
        ResponseCase{
            "status_too_high", "HTTP/1.1 600 X\r\n\r\n", "POST", Fault::bad_start_line, {}, {}},
        ResponseCase{
            "status_too_long", "HTTP/1.1 2000 X\r\n\r\n", "POST", Fault::bad_start_line, {}, {}},
        ResponseCase{"no_status", "HTTP/1.1 OK\r\n\r\n", "POST", Fault::bad_start_line, {}, {}},
        ResponseCase{"other_protocol", "ICY 200 OK\r\n\r\n", "POST", Fault::bad_version, {}, {}}),
    [](const auto& each) { return std::string(each.param.name); });

// What a decoder makes of the pieces [0, cut) and [cut, end).
struct Decoded {
  std::string data;
  std::size_t consumed = 0;
  bool done = false;
  Fault fault = Fault::none;
  bool operator==(const Decoded&) const = default;
};

Decoded decode(const std::string& input, std::size_t cut) {
  Decoded out;
  ChunkDecoder decoder(32);
  for (std::string_view piece :
       {std::string_view(input).substr(0, cut), std::string_view(input).substr(cut)}) {
    while (!piece.empty() && !out.done && out.fault == Fault::none) {
      const auto step = decoder.next(piece);
      out.data.append(step.data);
      out.consumed += step.consumed;
      out.done = step.done;
      out.fault = step.fault;
      piece.remove_prefix(step.consumed);
    }
  }
  return out;
}

TEST(ChunkDecoder, SaysTheSameForEveryCut) {
  for (const std::string& input : {
           std::string("5;a=b\r\nhello\r\nA\r\n0123456789\r\n0\r\nx: y\r\n\r\nnext"),
           std::string("5\r\nhel"),
           std::string("5\r\nhello!"),
           std::string("g"),
           std::string("0\r\n\r\n0\r\n\r\n"),
           std::string("00000000000000000000000000000000005\r\n"),
           std::string("0\r\n\n"),
           std::string("1\r\na\rb"),
       }) {
    const Decoded whole = decode(input, input.size());
    for (std::size_t cut = 0; cut < input.size(); ++cut)
      EXPECT_EQ(decode(input, cut), whole) << input << " at " << cut;
  }
}

TEST(ChunkDecoder, EndsBehindTheLastLine) {
  const auto decoded = decode("3\r\nabc\r\n0\r\n\r\nGET /", 0);
  EXPECT_TRUE(decoded.done);
  EXPECT_EQ(decoded.data, "abc");
  EXPECT_EQ(decoded.consumed, 13U);
}

TEST(ChunkDecoder, SizesDoNotOverflow) {
  EXPECT_EQ(decode("7ffffffffffffff\r\n", 0).fault, Fault::none);
  EXPECT_EQ(decode("0fffffffffffffff\r\n", 0).fault, Fault::none);
  EXPECT_EQ(decode("10000000000000000\r\n", 0).fault, Fault::chunk_size);
  EXPECT_EQ(decode("ffffffffffffffffffffffff\r\n", 0).fault, Fault::chunk_size);
}

TEST(Wire, DatesAreAsHttpWritesThem) {
  DateLine line;
  EXPECT_EQ(line.at(784'111'777LL * 1'000'000'000),
            "Sun, 06 Nov 1994 08:49:37 GMT");  // RFC 9110, section 5.6.7
  EXPECT_EQ(line.at(784'111'778LL * 1'000'000'000), "Sun, 06 Nov 1994 08:49:38 GMT");
}

TEST(Faults, HaveTheirOwnCodes) {
  std::vector<std::string_view> codes;
  for (auto i = static_cast<int>(Fault::none); i <= static_cast<int>(Fault::bad_trailer); ++i) {
    const auto fault = static_cast<Fault>(i);
    EXPECT_FALSE(request_error(fault).message.empty());
    EXPECT_EQ(response_error(fault).kind, core::ErrorKind::bad_upstream);
    codes.push_back(to_string(fault));
  }
  std::sort(codes.begin(), codes.end());
  EXPECT_EQ(std::unique(codes.begin(), codes.end()), codes.end());
}

}  // namespace
}  // namespace menshen::http
